// The parts of internalBinding("process_methods") that lie in files of their own.
#pragma once

#include <vector>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime::process_methods {

// patch.cc: the properties of `process` that are read at every start.
void PatchProcessObject(Env& env, v8::Local<v8::Object> process);
void PatchReferences(std::vector<intptr_t>& out);

// active.cc: what keeps the process alive.
v8::Local<v8::Value> GetActiveRequests(Env& env);
v8::Local<v8::Value> GetActiveHandles(Env& env);
v8::Local<v8::Value> GetActiveResourcesInfo(Env& env);

}  // namespace kiln::runtime::process_methods
