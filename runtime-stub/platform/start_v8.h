// V8 as a process starts it, once: flags, then the platform and V8 itself. The snapshot builder
// does the same with other flags.
#pragma once

#include <string>
#include <vector>

#include "runtime-stub/platform/platform.h"

namespace kiln::runtime {

// Sets the flags that Kiln always sets and then `flags` ("--name=value"), which may override them.
// Unknown flags are not reported to the caller. Before StartV8.
void SetV8Flags(const std::vector<std::string>& flags);

// Starts the platform and V8. At most `threads` worker threads; 0 for none. Once, on the main
// thread, before the first isolate; V8 is never shut down.
void StartV8(int threads);

// The platform that StartV8 created; it lives as long as the process. REQUIRES: StartV8 was called.
// Any thread.
Platform& ThePlatform();

}  // namespace kiln::runtime
