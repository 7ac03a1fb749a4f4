// How symbolic links among the embedded files are copied to disk. Node makes their targets absolute,
// but on disk a link to /kiln leads nowhere.
#pragma once

#include <string>
#include <string_view>

namespace kiln::runtime::embedded {

// What a copy of the link at `path` is, if `tree` is copied: a folder around it, or the link itself.
// That is a link to a folder only with a slash at the end. True: a link to `target`, which is relative and leads to the same file or folder of
// the copy. That of a dangling link stays as it is. False: what the link leads to is not in `tree`, so
// it is copied in place of the link. REQUIRES: Owns(path), and it is a link.
bool StaysLink(std::string_view path, std::string_view tree, std::string* target);

}  // namespace kiln::runtime::embedded
