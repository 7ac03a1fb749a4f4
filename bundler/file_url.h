// file: URLs of paths.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// The URL that Node's url.pathToFileURL returns for `path`, which is absolute, normalized and
// UTF-8: "file:///a%20b" for "/a b".
std::string FileUrl(std::string_view path);

}  // namespace kiln
