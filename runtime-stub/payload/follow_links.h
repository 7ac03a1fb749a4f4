// Symbolic links among the embedded files: resolves a path as the kernel does, one part after the
// other. Used only if the payload has links. Text only: what is a link, a caller's function returns.
#pragma once

#include <string>
#include <string_view>

namespace kiln::runtime::embedded {

enum class PathKind { kMissing, kFile, kDirectory, kLink };

// What is at an absolute path without links, "." and "..", which is at or below the root. For kLink
// sets `target`, a view that stays valid during FollowLinks().
using FindKind = PathKind (*)(std::string_view path, std::string_view* target);

struct Followed {
  // 0; UV_ELOOP for more than 40 links, as in Linux; UV_ENAMETOOLONG for a target of PATH_MAX bytes
  // or more; UV_ENOENT and UV_ENOTDIR for what is before a "..", and UV_ENOENT for an empty target.
  int rc = 0;
  std::string path;          // absolute, without "." and ".."; "" is the folder "/"
  bool folder_only = false;  // a slash at the end demands a folder
};

// `path` is absolute. `find` is asked only about paths below `root`; outside of it there are no
// links. A link at the end is followed too if `follow_last` is set or a slash follows.
Followed FollowLinks(std::string_view path, std::string_view root, bool follow_last, FindKind find);

}  // namespace kiln::runtime::embedded
