// Lists folders recursively.
#include "bundler/walk.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "support/file.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 40;
constexpr int kMaxLinks = 100;  // to folders, that are followed

// Files in hidden folders and in node_modules.
struct Extra {
  std::vector<std::string> files;
  std::vector<std::string> links;
  uint64_t bytes = 0;
};

struct Collected {
  std::vector<std::string> files;
  std::vector<std::string> links;
  Extra hidden, packages;
  std::string around;               // links to folders must lead to below this real path
  std::vector<std::string> inside;  // real paths of the folders whose links are being followed
  int followed = 0;
};

bool IsVersionControl(const std::string& name) {
  return name == ".git" || name == ".hg" || name == ".svn";
}

bool IsWithin(const std::string& path, const std::string& folder) {
  return path == folder || folder == "/" || path.starts_with(folder + "/");
}

// Whether a link to a folder is followed; then `out.inside` has two more paths.
bool Follow(const std::string& link, const std::string& folder, Collected& out) {
  if (folder.find("/node_modules") != std::string::npos || out.followed >= kMaxLinks) return false;
  auto target = RealPath(link), here = RealPath(folder);
  if (!target.ok() || !here.ok() || !IsWithin(*target, out.around) || IsWithin(*here, *target))
    return false;
  for (const std::string& path : out.inside)
    if (IsWithin(path, *target)) return false;
  out.inside.push_back(*here);
  out.inside.push_back(*target);
  out.followed++;
  return true;
}

// `extra` is where the files belong; null: to `out.files`.
void CollectData(const std::string& folder, int depth, Extra* extra, Collected& out) {
  if (depth > kMaxDepth) return;
  auto names = ListDirectory(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    std::string path = JoinPath(folder, name);
    struct stat link, info;
    if (lstat(path.c_str(), &link) != 0) continue;
    if (S_ISLNK(link.st_mode)) (extra ? extra->links : out.links).push_back(path);
    if (stat(path.c_str(), &info) != 0) continue;
    if (S_ISREG(info.st_mode)) {
      if (extra) extra->bytes += uint64_t(info.st_size);
      (extra ? extra->files : out.files).push_back(path);
    } else if (S_ISDIR(info.st_mode) && !IsVersionControl(name)) {
      bool is_link = S_ISLNK(link.st_mode);
      if (is_link && !Follow(path, folder, out)) continue;
      Extra* below = extra                    ? extra
                     : name == "node_modules" ? &out.packages
                     : name[0] == '.'         ? &out.hidden
                                              : nullptr;
      CollectData(path, depth + 1, below, out);
      if (is_link) out.inside.resize(out.inside.size() - 2);
    }
  }
}

void Collect(const std::string& folder, int depth, std::vector<std::string>& out,
             std::set<std::string>* links) {
  if (depth > kMaxDepth) return;
  auto names = ListDirectory(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    std::string path = JoinPath(folder, name);
    struct stat info;
    if (lstat(path.c_str(), &info) != 0) continue;
    if (S_ISLNK(info.st_mode)) {
      if (links) links->insert(path);
      if (IsRegularFile(path)) out.push_back(path);
    } else if (S_ISREG(info.st_mode)) {
      out.push_back(path);
    } else if (S_ISDIR(info.st_mode) && name != "node_modules" && name[0] != '.') {
      Collect(path, depth + 1, out, links);
    }
  }
}

}  // namespace

std::vector<std::string> FilesBelow(const std::string& folder, std::set<std::string>* links) {
  std::vector<std::string> files;
  Collect(folder, 0, files, links);
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> DataBelow(const std::string& folder, uint64_t limit,
                                   std::vector<LeftOut>* left_out, std::set<std::string>* links) {
  Collected found;
  auto around = RealPath(DirectoryOf(folder));
  found.around = around.ok() ? *around : folder;
  CollectData(folder, 0, nullptr, found);
  links->insert(found.links.begin(), found.links.end());
  for (const Extra* extra : {&found.hidden, &found.packages}) {
    if (extra->bytes > limit) {
      left_out->push_back(
          {extra == &found.hidden ? "hidden folders" : "node_modules", extra->bytes});
      continue;
    }
    found.files.insert(found.files.end(), extra->files.begin(), extra->files.end());
    links->insert(extra->links.begin(), extra->links.end());
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
