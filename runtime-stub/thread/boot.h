// Boot: from an empty context to a running JavaScript library, in the order that
// docs/node-library.md gives. It runs in the snapshot builder or, in a runtime without a snapshot,
// at start. What no snapshot holds, the isolate's callbacks, is installed at every start.
#pragma once

#include <string_view>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

enum class ThreadKind { kMain, kWorker };

// Creates the context's globals, primordials, `process`, and the library's realm, for a thread of this
// kind. The caller has entered env.context(). Returns false when JavaScript threw, after printing the
// exception.
bool BootLibrary(Env& env, ThreadKind kind);

// Installs the isolate's callbacks (messages, promise rejections, import(), stack traces).
// Not part of a snapshot: call after the isolate was made or restored.
void InstallIsolateCallbacks(Env& env);

}  // namespace kiln::runtime
