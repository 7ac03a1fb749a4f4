// The rest of the path is kept as text; the target of a link is put before it.
#include "runtime-stub/payload/follow_links.h"

#include <limits.h>
#include <uv.h>

namespace kiln::runtime::embedded {

namespace {

constexpr int kMaxLinks = 40;  // MAXSYMLINKS of Linux

bool IsBelow(std::string_view path, std::string_view root) {
  return path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/';
}

// 0, or the error for a ".." behind `path`, which has no links.
int CheckFolder(std::string_view path, std::string_view root, FindKind find) {
  std::string_view target;
  PathKind kind = PathKind::kMissing;
  size_t size = path.size();
  while (kind == PathKind::kMissing && IsBelow(path.substr(0, size), root)) {
    kind = find(path.substr(0, size), &target);
    if (kind == PathKind::kMissing) size = path.rfind('/', size - 1);
  }
  if (kind == PathKind::kFile || kind == PathKind::kLink) return UV_ENOTDIR;
  return size == path.size() ? 0 : UV_ENOENT;
}

}  // namespace

Followed FollowLinks(std::string_view path, std::string_view root, bool follow_last,
                     FindKind find) {
  Followed result;
  std::string& done = result.path;
  std::string rest(path);
  auto fail = [&](int rc) {
    result.rc = rc;
    return result;
  };
  int links = 0;
  std::string_view target;
  for (size_t at = 0; at < rest.size();) {
    size_t end = std::min(rest.find('/', at), rest.size());
    std::string_view part = std::string_view(rest).substr(at, end - at);
    at = end + 1;
    // A path that ends with "/", "/." or "/.." is that of a folder.
    result.folder_only = end < rest.size() || part == "." || part == "..";
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (int rc = CheckFolder(done, root, find)) return fail(rc);
      size_t cut = done.rfind('/');
      done.resize(cut == std::string::npos ? 0 : cut);
      continue;
    }
    size_t parent = done.size();
    done.append("/").append(part);
    if (!IsBelow(done, root) || (end == rest.size() && !follow_last) ||
        find(done, &target) != PathKind::kLink)
      continue;
    if (++links > kMaxLinks) return fail(UV_ELOOP);
    if (target.empty()) return fail(UV_ENOENT);
    if (target.size() >= PATH_MAX) return fail(UV_ENAMETOOLONG);
    done.resize(target.starts_with('/') ? 0 : parent);
    rest = std::string(target) + rest.substr(end);
    at = 0;
  }
  return result;
}

}  // namespace kiln::runtime::embedded
