// The fields of package.json that the module loaders use. They are read from the text in one pass
// without building a tree: `exports` and `imports` remain text, which the library parses when it
// needs them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// One file. `path` is that given to PackageJsonCache::Read(), and empty without a cache.
struct PackageConfig {
  std::string path;
  std::optional<std::string> name, main;
  std::string type = "none";                    // or "commonjs", "module"
  std::optional<std::string> imports, exports;  // a string's value, or JSON of {} or []
};

// Reads the fields of `out`. Returns false when the text is not a JSON object, or `name` or `type`
// is not a string; `out` is then partly filled. The parser reads up to 64 bytes past the end of
// the text, so its capacity may grow. From any thread.
bool ParsePackageJson(std::string& text, PackageConfig* out);

// The files read so far, and the paths found absent, one cache for each Env; used on its thread
// only. Embedded files of the executable are found as well.
class PackageJsonCache {
 public:
  explicit PackageJsonCache(Env&) {}

  // kInvalid: not what ParsePackageJson accepts. kUnreadable: it exists, but reading failed.
  enum class Lookup { kFound, kMissing, kInvalid, kUnreadable };
  // `*out` is owned by the cache and lives as long. kInvalid and kUnreadable set `error` to Node's
  // message.
  Lookup Read(const std::string& path, const PackageConfig** out, std::string* error);
  // Finds the nearest package.json in the folders above `path`, up to a node_modules folder.
  // Stops below a file that `may_read` refuses.
  Lookup FindAbove(std::string_view path, const PackageConfig** out, std::string* error,
                   const std::function<bool(const std::string&)>& may_read);

 private:
  std::unordered_map<std::string, std::optional<PackageConfig>> configs_;
};

}  // namespace kiln::runtime
