#include "bundler/user_places.h"

#include "bundler/source_map.h"
#include "bundler/virtual_path.h"
#include "support/file.h"

namespace kiln {
namespace {

// The path of a file URL as internal/kiln/specifiers.js makes it.
std::string PathOfUrl(std::string_view url) {
  std::string path;
  url = url.substr(0, url.find_first_of("?#"));
  for (size_t i = 0; i < url.size(); ++i) {
    auto digit = [&](size_t at) {
      char c = at < url.size() ? char(url[at] | 0x20) : 0;
      return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (url[i] == '%' && digit(i + 1) >= 0 && digit(i + 2) >= 0) {
      path += char(digit(i + 1) * 16 + digit(i + 2));
      i += 2;
    } else {
      path += url[i];
    }
  }
  return path;
}

}  // namespace

UserPlaces::UserPlaces(const Bundle& bundle) : root_(bundle.root) {
  for (const BundledModule& module : bundle.modules)
    if (!module.source_map.empty()) maps_[module.path] = module.source_map;
}

Location UserPlaces::Of(Location location) const {
  constexpr std::string_view kFile = "file://";
  std::string path = location.file;
  if (path.starts_with(kFile)) path = PathOfUrl(std::string_view(path).substr(kFile.size()));
  if (!path.starts_with(std::string(kVirtualRoot) + "/")) return location;
  if (auto map = maps_.find(path); map != maps_.end()) {
    auto place = OriginalPosition(map->second, {location.line, location.column});
    location.line = place ? place->line : 0;
    location.column = place ? place->column : 0;
    location.line_text.clear();
  }
  path = root_ + path.substr(kVirtualRoot.size());
  std::string relative = RelativePath(path, CurrentDirectory());
  location.file = relative.starts_with("../../") ? path : relative;
  if (location.line == 0 || !location.line_text.empty()) return location;
  auto text = ReadFile(path);
  if (text.ok()) location.line_text = LineTextAt(*text, OffsetOf(*text, {location.line, 1}));
  return location;
}

}  // namespace kiln
