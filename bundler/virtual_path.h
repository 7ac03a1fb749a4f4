// Virtual paths, which replace the build machine's paths in the executable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln {

constexpr std::string_view kVirtualRoot = "/kiln";

// "/kiln/src/a.js" for a file below `root`. REQUIRES: it is below `root`.
std::string VirtualPath(std::string_view path, std::string_view root);

// The deepest folder that contains all of `paths`; `preferred` if that contains them too and is
// above it.
std::string CommonRoot(const std::vector<std::string>& paths, const std::string& preferred);

}  // namespace kiln
