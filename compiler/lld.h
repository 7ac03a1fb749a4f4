// LLVM's linker as a function.
#pragma once

#include <string>
#include <vector>

#include "support/result.h"

namespace kiln {

// Runs `ld.lld ARGUMENTS…` and writes the executable to the open file `fd`, which stays the
// caller's. The arguments do not include -o; paths in them must be absolute. The notes of the Error
// are the linker's own messages; `fd` may then have been written in part.
//
// Not thread-safe: descriptor 1 is `fd` and the working directory is / during the call. Both are
// restored at its end, also after an error that lld calls fatal.
Result<> RunLld(const std::vector<std::string>& arguments, int fd);

}  // namespace kiln
