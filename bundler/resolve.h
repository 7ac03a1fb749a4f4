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

// kRequire also for require.resolve and createRequire; kImport for import statements and import().
enum class ResolveStyle { kRequire, kImport };

// Where a specifier leads. A builtin is resolved by its name alone, also if a package of that name
// is installed.
struct Resolution {
  enum class Kind { kFile, kBuiltin, kNotFound } kind = Kind::kNotFound;
  std::string path;  // real path of the file, or the builtin's name
  // "?query#fragment" of an import that is a URL, as the URL parser writes it; else "". Imports
  // with different ones are different modules.
  std::string suffix = {};
  std::string reason = {};  // for kNotFound, if there is another reason than a missing file
  // Node prints a deprecation warning when it resolves this (DEP0128: the "main" does not exist).
  bool warns = false;
  // For kNotFound: the package.json that Node reads before it fails; else "".
  std::string package_json = {};

  bool found() const { return kind != Kind::kNotFound; }
};

// One per build. Borrows the caches, which must outlive it. `conditions` are the user's, in
// addition to node, node-addons, module-sync, default and import or require. Not thread-safe.
class Resolver {
 public:
  Resolver(Packages& packages, TsConfigs& tsconfigs, std::vector<std::string> conditions);

  // Resolves `specifier` as the module at `importer` (absolute, real path) would. Never reports an
  // error itself: a name that cannot be resolved is kNotFound, and the caller decides what that
  // means. Relative and absolute names and file: URLs are URLs for kImport, and paths for kRequire.
  // The file may have any extension. Node's algorithms are in doc/api/modules.md (require) and
  // doc/api/esm.md (import).
  Resolution Resolve(const std::string& specifier, const std::string& importer, ResolveStyle style);

  // Resolves a package's name and subpath in node_modules folders only.
  Resolution Package(const std::string& specifier, const std::string& importer, ResolveStyle style);

 private:
  // The file that `rest` ("" or "/...") means in the package at `place`, which has no "exports".
  Resolution InPackage(const std::string& place, const std::string& rest, ResolveStyle style);
  // These resolve a subpath in the "exports" of a package, and a name that begins with # in
  // "imports".
  Resolution Exports(const PackageJson& package, const std::string& subpath, ResolveStyle style);
  Resolution Imports(const std::string& specifier, const std::string& importer, ResolveStyle style);
  // What a table of "exports" or "imports" says about a name. kNone: there is no such key, or no
  // condition applies; kExcluded: it is null; kInvalid: Node refuses the target.
  enum class Targeted { kNone, kExcluded, kInvalid, kFound };
  // Whether a target may be the name of a package, as in "imports".
  enum class Table { kExports, kImports };
  // The value of `key` in a table. `target` becomes a path or package name, also of kInvalid.
  Targeted Match(const Json& table, const std::string& key, ResolveStyle style, Table kind,
                 std::string& target) const;
  // One target of such a table: a string, a list of alternatives, an object of conditions or null.
  // `star` replaces each * if `pattern`. As PACKAGE_TARGET_RESOLVE in doc/api/esm.md.
  Targeted Target(const Json& value, const std::string& star, bool pattern, ResolveStyle style,
                  Table kind, std::string& target) const;
  bool HasCondition(const std::string& name, ResolveStyle style) const;

  std::string AsFile(const std::string& path);  // "" if there is none
  // The file that a folder means: by "main" of its package.json, else its index file; "" if none.
  // Anything tries a path as a file, then as a folder, and with `search` by TypeScript's rules.
  std::string AsDirectory(const std::string& path);
  // Whether the folder's package.json has a "main" that does not exist.
  bool HasBadMain(const std::string& path);
  std::string Anything(const std::string& path, bool search);
  Resolution File(const std::string& path);
  // The file that `text` means in the folder `base`: a URL for kImport, else a path; `search` as
  // for Anything.
  Resolution Url(const std::string& base, const std::string& text, ResolveStyle style, bool search);

  Packages& packages_;
  TsConfigs& tsconfigs_;
  std::vector<std::string> conditions_;
};

}  // namespace kiln
