// The versions that process.versions shows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#define KILN_NODE_VERSION "24.21.0"

namespace kiln::runtime {

// [name, version] pairs, in Node's order. "tz" is read from ICU's data and so is an empty string
// until that is loaded, or changes with it; all others are constants of the build. Optional
// components are listed even if the executable is linked without them.
std::vector<std::pair<const char*, std::string>> RuntimeVersions();

}  // namespace kiln::runtime
