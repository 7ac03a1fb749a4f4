// Lists folders recursively.
#include "bundler/walk.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

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

uint64_t SizeOfFile(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 ? uint64_t(info.st_size) : 0;
}

std::string SizeText(uint64_t bytes) {
  char text[32];
  if (bytes < 10'000) {
    snprintf(text, sizeof text, "%llu bytes", static_cast<unsigned long long>(bytes));
  } else if (bytes < 10'000'000) {
    snprintf(text, sizeof text, "%.0f KB", double(bytes) / 1e3);
  } else {
    snprintf(text, sizeof text, "%.1f MB", double(bytes) / 1e6);
  }
  return text;
}

}  // namespace kiln
