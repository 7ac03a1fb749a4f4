// pathToFileURL escapes more than the URL parser does (lib/internal/url.js and ada's
// path_percent_encode): also what would begin a query, a fragment or an escape.
#include "bundler/file_url.h"

#include <cstdint>

namespace kiln {

std::string FileUrl(std::string_view path) {
  constexpr std::string_view kEscaped = " \"#%<>?[\\]^`{|}~";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string url = "file://";
  for (char c : path) {
    uint8_t byte = uint8_t(c);
    if (byte > ' ' && byte <= '~' && kEscaped.find(c) == std::string_view::npos)
      url += c;
    else
      url += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return url;
}

}  // namespace kiln
