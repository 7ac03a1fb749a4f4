// V8 as a process starts it, once: flags, then the platform and V8 itself. The snapshot builder
// does the same with other flags.
#pragma once

#include <string>
#include <vector>

#include "runtime-stub/platform/platform.h"

namespace kiln::runtime {

// Sets the flags that Kiln always sets and then `flags` ("--name=value"). Before StartV8.
void SetV8Flags(const std::vector<std::string>& flags);

// Starts the platform and V8. At most `threads` worker threads; 0 for none.
void StartV8(int threads);

// The platform that StartV8 made; it lives as long as the process.
Platform& ThePlatform();

}  // namespace kiln::runtime
