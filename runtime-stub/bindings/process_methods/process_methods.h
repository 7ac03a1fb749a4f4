// Functions of internalBinding("process_methods") that are in separate files.
#pragma once

#include <vector>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime::process_methods {

// patch.cc: sets the properties of `process` that differ in each process (argv, pid, execPath).
void PatchProcessObject(Env& env, v8::Local<v8::Object> process);
void PatchReferences(std::vector<intptr_t>& out);

// active.cc: arrays of the requests, handles and names of resources that keep the process alive.
v8::Local<v8::Value> GetActiveRequests(Env& env);
v8::Local<v8::Value> GetActiveHandles(Env& env);
v8::Local<v8::Value> GetActiveResourcesInfo(Env& env);

}  // namespace kiln::runtime::process_methods
