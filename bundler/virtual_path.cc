// Path arithmetic only.
#include "bundler/virtual_path.h"

#include "support/file.h"
#include "support/result.h"

namespace kiln {

std::string VirtualPath(std::string_view path, std::string_view root) {
  if (root == "/") root = "";
  KILN_CHECK(path.starts_with(root));
  return std::string(kVirtualRoot) + std::string(path.substr(root.size()));
}

std::string CommonRoot(const std::vector<std::string>& paths, const std::string& preferred) {
  std::string common = paths.empty() ? preferred : DirectoryOf(paths[0]);
  auto holds = [](const std::string& folder, const std::string& path) {
    return folder == "/" || path.starts_with(folder + "/");
  };
  for (const std::string& path : paths)
    while (!holds(common, path)) common = DirectoryOf(common);
  if (!preferred.empty() && holds(preferred, common + "/")) return preferred;
  return common;
}

}  // namespace kiln
