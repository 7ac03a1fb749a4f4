// From an import's name to a file, by Node's rules.
//
// require() and import differ (extensions are searched for only by require, and the
// conditions of "exports" are not the same), so each question says which it is. Two things
// go beyond Node, and only when Node finds nothing: TypeScript's names (./x.js may mean
// x.ts, and tsconfig `paths`), and extensions left out of an import.
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
  std::string reason;  // of kNotFound, if it is not simply absent

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
  // The value that a table of "exports" or "imports" has for `key`, as a path or package
  // name; false if it has none.
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
