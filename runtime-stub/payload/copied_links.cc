// Compares real paths.
#include "runtime-stub/payload/copied_links.h"

#include <sys/stat.h>

#include <filesystem>

#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime::embedded {

namespace {

bool IsWithin(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

bool StaysLink(std::string_view path, std::string_view tree, std::string* target) {
  if (ReadLink(path, target) < 0) return false;
  size_t slash = path.rfind('/');
  std::string around(slash == std::string_view::npos ? "." : path.substr(0, slash));
  std::string real, real_tree, folder;
  if (RealPath(path, &real) < 0 || RealPath(around, &folder) < 0) return true;
  uv_stat_t stat;
  // `tree` may be a link, which is then copied by itself.
  bool copies_folder = LStat(tree, &stat) == 0 && S_ISDIR(stat.st_mode);
  if (copies_folder && RealPath(tree, &real_tree) == 0 && IsWithin(real, real_tree) &&
      IsWithin(folder, real_tree)) {
    *target = std::filesystem::path(real).lexically_relative(folder);
    return true;
  }
  // A folder around the link cannot be copied into itself.
  return IsWithin(folder, real);
}

}  // namespace kiln::runtime::embedded
