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

// Installs the isolate's callbacks (messages, promise rejections, import(), stack traces).
// Not part of a snapshot: call after the isolate was made or restored.
void InstallIsolateCallbacks(Env& env);

}  // namespace kiln::runtime
