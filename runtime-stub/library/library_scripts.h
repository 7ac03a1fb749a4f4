// Runs scripts of the library that are no modules: internal/per_context/*, internal/bootstrap/*
// and internal/main/*. On the Env's thread; an empty result means that JavaScript threw.
#pragma once

#include <string_view>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Compiles the script in the main context and calls it with `args`, which must be those that
// CompileLibraryFunction gives a script of that id as parameters.
v8::MaybeLocal<v8::Value> RunLibraryScript(Env& env, std::string_view id,
                                           std::vector<v8::Local<v8::Value>> args);

// Runs an internal/main/* or internal/bootstrap/* script with (process, require,
// internalBinding, primordials).
v8::MaybeLocal<v8::Value> RunMainScript(Env& env, std::string_view id);

// Primordials, DOMException and the message dispatcher: what each context has. Returns the
// object that the scripts filled.
v8::MaybeLocal<v8::Object> RunPerContextScripts(Env& env, v8::Local<v8::Context> context);

}  // namespace kiln::runtime
