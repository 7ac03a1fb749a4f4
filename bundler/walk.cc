// Lists folders recursively.
#include "bundler/walk.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "support/file.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 40;

// Files in hidden folders and in node_modules.
struct Extra {
  std::vector<std::string> files;
  uint64_t bytes = 0;
};

struct Collected {
  std::vector<std::string> files;
  Extra hidden, packages;
};

bool IsVersionControl(const std::string& name) {
  return name == ".git" || name == ".hg" || name == ".svn";
}

// `extra` is where the files belong; null: to `out.files`.
void CollectData(const std::string& folder, int depth, Extra* extra, Collected& out) {
  if (depth > kMaxDepth) return;
  auto names = ListDirectory(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    std::string path = JoinPath(folder, name);
    struct stat link, info;
    if (lstat(path.c_str(), &link) != 0 || stat(path.c_str(), &info) != 0) continue;
    if (S_ISREG(info.st_mode)) {
      if (extra) extra->bytes += uint64_t(info.st_size);
      (extra ? extra->files : out.files).push_back(path);
    } else if (S_ISDIR(info.st_mode) && !IsVersionControl(name)) {
      if (S_ISLNK(link.st_mode)) {
        auto target = RealPath(path), here = RealPath(folder);
        if (extra == &out.packages || !target.ok() || !here.ok() ||
            (*here + "/").starts_with(*target + "/"))
          continue;
      }
      Extra* below = extra                    ? extra
                     : name == "node_modules" ? &out.packages
                     : name[0] == '.'         ? &out.hidden
                                              : nullptr;
      CollectData(path, depth + 1, below, out);
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

std::vector<std::string> DataBelow(const std::string& folder, uint64_t limit,
                                   std::vector<LeftOut>* left_out) {
  Collected found;
  CollectData(folder, 0, nullptr, found);
  for (const Extra* extra : {&found.hidden, &found.packages}) {
    if (extra->bytes <= limit)
      found.files.insert(found.files.end(), extra->files.begin(), extra->files.end());
    else
      left_out->push_back(
          {extra == &found.hidden ? "hidden folders" : "node_modules", extra->bytes});
  }
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
