// Lists folders recursively.
#include "bundler/walk.h"

#include <sys/stat.h>

#include <algorithm>

#include "support/file.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 40;

void Collect(const std::string& folder, int depth, std::vector<std::string>& out) {
  if (depth > kMaxDepth) return;
  auto names = ListDirectory(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    std::string path = JoinPath(folder, name);
    struct stat info;
    if (lstat(path.c_str(), &info) != 0) continue;
    if (S_ISLNK(info.st_mode)) {
      if (IsRegularFile(path)) out.push_back(path);
    } else if (S_ISREG(info.st_mode)) {
      out.push_back(path);
    } else if (S_ISDIR(info.st_mode) && name != "node_modules" && name[0] != '.') {
      Collect(path, depth + 1, out);
    }
  }
}

}  // namespace

std::vector<std::string> FilesBelow(const std::string& folder) {
  std::vector<std::string> files;
  Collect(folder, 0, files);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace kiln
