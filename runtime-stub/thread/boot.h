// Boot: from an empty context to a running JavaScript library (contract/
// boot-and-loading.md, 3.2). BootLibrary runs once, in the snapshot builder or, in an
// executable without a snapshot, at start; Restore does the rest after a snapshot was
// opened. Both leave an Env that can run the app.
#pragma once

#include <string_view>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Creates the context's globals, primordials, `process`, and the library's realm. The
// context is entered. False when JavaScript threw; the exception was printed.
bool BootLibrary(Env& env);

// internalBinding(name): the cached object, made on first use. Throws for unknown names.
v8::MaybeLocal<v8::Value> BindingObject(Env& env, std::string_view name);

// Loads a module of the library as its own require() does: `require("internal/...")`.
v8::MaybeLocal<v8::Value> RequireBuiltin(Env& env, std::string_view id);

// What the per-context scripts export (DOMException, emitMessage, primordials) in the main
// context or a vm context.
v8::MaybeLocal<v8::Object> PerContextExports(Env& env, v8::Local<v8::Context> context);

// Compiles and runs an internal/main/* or internal/bootstrap/* script.
v8::MaybeLocal<v8::Value> RunMainScript(Env& env, std::string_view id);

// Installs the isolate's callbacks (messages, promise rejections, import(), stack traces).
// Not part of a snapshot: call after the isolate was made or restored.
void InstallIsolateCallbacks(Env& env);

// Native callbacks of boot itself, for the snapshot.
void BootReferences(std::vector<intptr_t>& out);

}  // namespace kiln::runtime
