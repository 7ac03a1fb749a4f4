// file: URLs and paths, for native code that meets one and needs the other. The URLs are
// normalised already (they come from the URL class or from PathToFileUrl).
#pragma once

#include <string>
#include <string_view>

namespace kiln::runtime {

// `path` is absolute.
std::string PathToFileUrl(std::string_view path);

// False when the URL has another scheme, a host, or an escaped slash.
bool FileUrlToPath(std::string_view url, std::string* path);

}  // namespace kiln::runtime
