// Lists folders recursively.
#include "bundler/walk.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "support/file.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 40;

struct Collected {
  std::vector<std::string> files;
  std::vector<std::string> in_packages;  // below node_modules
  uint64_t package_bytes = 0;
};

bool IsVersionControl(const std::string& name) {
  return name == ".git" || name == ".hg" || name == ".svn";
}

void CollectData(const std::string& folder, int depth, bool in_packages, Collected& out) {
  if (depth > kMaxDepth) return;
  auto names = ListDirectory(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    std::string path = JoinPath(folder, name);
    struct stat link, info;
    if (lstat(path.c_str(), &link) != 0 || stat(path.c_str(), &info) != 0) continue;
    if (S_ISREG(info.st_mode)) {
      if (in_packages) out.package_bytes += uint64_t(info.st_size);
      (in_packages ? out.in_packages : out.files).push_back(path);
    } else if (S_ISDIR(info.st_mode) && !IsVersionControl(name)) {
      if (S_ISLNK(link.st_mode)) {
        auto target = RealPath(path), here = RealPath(folder);
        if (in_packages || !target.ok() || !here.ok() || (*here + "/").starts_with(*target + "/"))
          continue;
      }
      CollectData(path, depth + 1, in_packages || name == "node_modules", out);
    }
  }
}

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

std::vector<std::string> DataBelow(const std::string& folder, uint64_t limit, uint64_t* too_large) {
  Collected found;
  CollectData(folder, 0, false, found);
  if (found.package_bytes <= limit)
    found.files.insert(found.files.end(), found.in_packages.begin(), found.in_packages.end());
  else
    *too_large = found.package_bytes;
  std::sort(found.files.begin(), found.files.end());
  return found.files;
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
