// The versions that process.versions shows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#define KILN_NODE_VERSION "24.21.0"

namespace kiln::runtime {

// Name and version, in Node's order.
std::vector<std::pair<const char*, std::string>> RuntimeVersions();

}  // namespace kiln::runtime
