// Resolves an import's name to a file, by Node's rules.
//
// require() and import differ (only require searches for extensions, and the conditions of
// "exports" are not the same), so the caller passes the style. Two additions to Node's rules apply
// only if Node finds nothing: TypeScript's names (./x.js may mean x.ts, and tsconfig `paths`), and
// imports without an extension.
#pragma once

#include <string>
#include <vector>

#include "bundler/packages.h"
#include "bundler/tsconfig.h"

namespace kiln {

enum class ResolveStyle { kRequire, kImport };

struct Resolution {
  enum class Kind { kFile, kBuiltin, kNotFound } kind = Kind::kNotFound;
  std::string path;    // real path of the file, or the builtin's name
  std::string reason;  // for kNotFound, if there is another reason than a missing file

  bool found() const { return kind != Kind::kNotFound; }
};

class Resolver {
 public:
  Resolver(Packages& packages, TsConfigs& tsconfigs, std::vector<std::string> conditions);

  Resolution Resolve(const std::string& specifier, const std::string& importer, ResolveStyle style);

 private:
  Resolution Package(const std::string& specifier, const std::string& importer, ResolveStyle style);
  Resolution Exports(const PackageJson& package, const std::string& subpath, ResolveStyle style);
  Resolution Imports(const std::string& specifier, const std::string& importer, ResolveStyle style);
  // The value of `key` in a table of "exports" or "imports", as a path or package name; false if
  // there is none.
  bool Match(const Json& table, const std::string& key, ResolveStyle style,
             std::string& target) const;
  bool Target(const Json& value, const std::string& star, bool pattern, ResolveStyle style,
              std::string& target) const;
  bool HasCondition(const std::string& name, ResolveStyle style) const;

  std::string AsFile(const std::string& path);  // "" if there is none
  std::string AsDirectory(const std::string& path);
  std::string Anything(const std::string& path, bool search);
  Resolution File(const std::string& path);

  Packages& packages_;
  TsConfigs& tsconfigs_;
  std::vector<std::string> conditions_;
};

}  // namespace kiln
