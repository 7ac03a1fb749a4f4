// Access to Node's JavaScript library from native code: its require(), its internalBinding(), and
// the exports of its per-context scripts. All functions need a library that has booted
// (thread/boot.h) or was restored from a snapshot. They run on the Env's thread, may run
// JavaScript, and return empty with an exception pending when that throws.
#pragma once

#include <string_view>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// internalBinding(name): the cached object, created on first use. Throws for unknown names.
v8::MaybeLocal<v8::Value> BindingObject(Env& env, std::string_view name);

// The exports of a module of the library, loaded on first use: require("internal/..."). `id` has no
// "node:" prefix.
v8::MaybeLocal<v8::Value> RequireBuiltin(Env& env, std::string_view id);

// The exports of the per-context scripts (DOMException, emitMessage, primordials) in the main
// context or a vm context. Defined in library/library_scripts.cc, which runs those scripts.
v8::MaybeLocal<v8::Object> PerContextExports(Env& env, v8::Local<v8::Context> context);

}  // namespace kiln::runtime
