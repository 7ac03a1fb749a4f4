// LLVM's linker as a function.
#pragma once

#include <string>
#include <vector>

#include "support/result.h"

namespace kiln {

// Runs `ld.lld ARGUMENTS…` and writes the executable to the open file `fd`. Paths in the arguments
// must be absolute. Not thread-safe: descriptor 1 and the working directory are the linker's during
// the call.
Result<> RunLld(const std::vector<std::string>& arguments, int fd);

}  // namespace kiln
