// Conversion between file: URLs and paths, with the percent-encoding of the URL standard
// (url.spec.whatwg.org).
#include "runtime-stub/bindings/file_url.h"

namespace kiln::runtime {

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = c | 32;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string PathToFileUrl(std::string_view path) {
  static constexpr std::string_view kEscaped = " \"#%<>?\\^`{|}";
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string url = "file://";
  for (unsigned char c : path) {
    if (c > ' ' && c < 0x7F && kEscaped.find(char(c)) == std::string_view::npos) {
      url += char(c);
    } else {
      url += '%';
      url += kHex[c >> 4];
      url += kHex[c & 15];
    }
  }
  return url;
}

bool FileUrlToPath(std::string_view url, std::string* path) {
  constexpr std::string_view kScheme = "file://";
  if (!url.starts_with(kScheme)) return false;
  url.remove_prefix(kScheme.size());
  url = url.substr(0, url.find_first_of("?#"));
  if (url.empty() || url[0] != '/') return false;  // a host
  path->clear();
  for (size_t i = 0; i < url.size(); i++) {
    int high = -1, low = -1;
    if (url[i] == '%' && i + 2 < url.size()) {
      high = HexDigit(url[i + 1]);
      low = HexDigit(url[i + 2]);
    }
    if (high < 0 || low < 0) {
      *path += url[i];
      continue;
    }
    if (high * 16 + low == '/') return false;
    *path += char(high * 16 + low);
    i += 2;
  }
  return true;
}

}  // namespace kiln::runtime
