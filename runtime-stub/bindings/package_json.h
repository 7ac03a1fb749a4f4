// package.json, as far as the module loaders care. Reading takes the fields from the text
// in one pass without building a tree: `exports` and `imports` stay text, which the
// library parses when it needs them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

struct PackageConfig {
  std::string path;
  std::optional<std::string> name, main;
  std::string type = "none";                    // or "commonjs", "module"
  std::optional<std::string> imports, exports;  // a string's value, or JSON of {} or []
};

// False when the text is no JSON object, or `name` or `type` is no string.
bool ParsePackageJson(std::string_view text, PackageConfig* out);

// The files read so far, one cache per thread. Files of the executable are found as well.
class PackageJsonCache {
 public:
  explicit PackageJsonCache(Env&) {}

  enum class Lookup { kFound, kMissing, kInvalid };
  Lookup Read(const std::string& path, const PackageConfig** out);
  // The nearest package.json above `path` that is not beyond a node_modules folder.
  // On kInvalid, `invalid` names the file.
  Lookup FindAbove(std::string_view path, const PackageConfig** out, std::string* invalid);

 private:
  std::unordered_map<std::string, PackageConfig> configs_;
};

}  // namespace kiln::runtime
