// Runs scripts of the library that are not modules: internal/per_context/*, internal/bootstrap/*
// and internal/main/*. On the Env's thread. An empty result means that JavaScript threw; the
// exception is pending.
#pragma once

#include <string_view>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Compiles the script in the main context and calls it with `args`: one for each parameter that
// CompileLibraryFunction declares for a script of that id.
v8::MaybeLocal<v8::Value> RunLibraryScript(Env& env, std::string_view id,
                                           std::vector<v8::Local<v8::Value>> args);

// Runs an internal/main/* or internal/bootstrap/* script with (process, require,
// internalBinding, primordials).
v8::MaybeLocal<v8::Value> RunMainScript(Env& env, std::string_view id);

// Runs the scripts that each context needs: primordials, DOMException and the message dispatcher.
// Returns their `exports` object.
v8::MaybeLocal<v8::Object> RunPerContextScripts(Env& env, v8::Local<v8::Context> context);

}  // namespace kiln::runtime
