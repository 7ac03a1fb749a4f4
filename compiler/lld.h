// LLVM's linker as a function.
#pragma once

#include <string>
#include <vector>

#include "support/result.h"

namespace kiln {

// Runs `ld.lld ARGUMENTS…` and writes the executable to the open file `fd`. Paths in the
// arguments must be absolute. Not for several threads at a time: standard output belongs
// to the linker meanwhile.
Result<> RunLld(const std::vector<std::string>& arguments, int fd);

}  // namespace kiln
