// What happens when V8 cannot go on: out of memory, or an error inside V8.
#pragma once

#include <v8.h>

namespace kiln::runtime {

// Not part of a snapshot: call for each isolate that was made or restored.
void InstallFatalErrorHandlers(v8::Isolate* isolate);

}  // namespace kiln::runtime
