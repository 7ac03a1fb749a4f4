// Conversion between file: URLs and paths. URLs must be normalized, as the URL class and
// PathToFileUrl() return them.
#pragma once

#include <string>
#include <string_view>

namespace kiln::runtime {

// `path` must be absolute. Characters that are special in URLs are escaped.
std::string PathToFileUrl(std::string_view path);

// Sets `path`. False if the URL has another scheme, a host, or an escaped slash.
bool FileUrlToPath(std::string_view url, std::string* path);

}  // namespace kiln::runtime
