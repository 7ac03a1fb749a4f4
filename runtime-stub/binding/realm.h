// The JavaScript library as native code reaches it: its require(), its internalBinding() and
// what its per-context scripts export. All of them need a library that has booted (thread/boot.h)
// or was restored from a snapshot, run on the Env's thread, and may run JavaScript.
#pragma once

#include <string_view>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// internalBinding(name): the cached object, made on first use. Throws for unknown names.
v8::MaybeLocal<v8::Value> BindingObject(Env& env, std::string_view name);

// Loads a module of the library as its own require() does: `require("internal/...")`.
v8::MaybeLocal<v8::Value> RequireBuiltin(Env& env, std::string_view id);

// What the per-context scripts export (DOMException, emitMessage, primordials) in the main
// context or a vm context. Defined in library/library_scripts.cc, which runs those scripts.
v8::MaybeLocal<v8::Object> PerContextExports(Env& env, v8::Local<v8::Context> context);

}  // namespace kiln::runtime
