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

// Reads the fields that `out` has. False when the text is no JSON object, or `name` or `type`
// is no string; `out` is then partly filled. The parser reads up to 64 bytes behind the text,
// so its capacity may grow.
bool ParsePackageJson(std::string& text, PackageConfig* out);

// The files read so far, and the names found absent, one cache per thread. Files inside of the
// executable are found as well.
class PackageJsonCache {
 public:
  explicit PackageJsonCache(Env&) {}

  // kInvalid: not what ParsePackageJson accepts. kUnreadable: it exists, but reading failed.
  enum class Lookup { kFound, kMissing, kInvalid, kUnreadable };
  // `out` is valid for the life of the cache. The last two results set `error` to Node's
  // message.
  Lookup Read(const std::string& path, const PackageConfig** out, std::string* error);
  // The nearest package.json above `path` that is not beyond a node_modules folder.
  Lookup FindAbove(std::string_view path, const PackageConfig** out, std::string* error);

 private:
  std::unordered_map<std::string, std::optional<PackageConfig>> configs_;
};

}  // namespace kiln::runtime
