// Virtual paths, which replace the build machine's paths in the executable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln {

constexpr std::string_view kVirtualRoot = "/kiln";

// "/kiln/src/a.js" for the file src/a.js below `root`; both absolute and normalized. REQUIRES: it
// is below `root` (aborts if not).
std::string VirtualPath(std::string_view path, std::string_view root);

// The deepest folder that contains all of `paths`; `preferred` if that contains them too and is
// above it. `paths` are files. Without any, `preferred`, which may be "".
std::string CommonRoot(const std::vector<std::string>& paths, const std::string& preferred);

}  // namespace kiln
