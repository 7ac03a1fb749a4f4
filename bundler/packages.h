// Cached information about files on disk for the resolver: the type of a path, its real path, and
// the package.json files. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "support/json.h"

namespace kiln {

// A parsed package.json. Owned by Packages. `directory` is its folder; `name` and `type` are "" if
// absent or not valid.
struct PackageJson {
  std::string directory;
  Json json;
  std::string name;
  std::string type;  // "module", "commonjs" or ""
};

// kFile is everything that exists and is not a folder. Symbolic links are followed.
enum class PathType { kMissing, kFile, kDirectory };

// One per build. Everything is read at most once: changes on disk during a build are not noticed.
class Packages {
 public:
  PathType TypeOf(const std::string& path);
  bool IsFile(const std::string& path) { return TypeOf(path) == PathType::kFile; }
  bool IsDirectory(const std::string& path) { return TypeOf(path) == PathType::kDirectory; }
  // Without symbolic links; `path` itself if it does not exist. A path that has links is added to
  // links().
  std::string RealPathOf(const std::string& path);
  // Paths on which there are symbolic links that the app may see (bundler/symbolic_links.h).
  std::set<std::string>& links() { return links_; }

  // The package.json in that folder; null if there is none, or it is not valid JSON or not an
  // object. Pointers stay valid as long as this cache.
  const PackageJson* At(const std::string& directory);
  // The package.json that decides about `file`: the nearest above it that is not across a
  // node_modules folder. Null if there is none. As Node's package scope (doc/api/packages.md).
  const PackageJson* ScopeOf(const std::string& file);
  // The installed package that holds `file` (the folder below node_modules), or for the
  // app's own files the folder of the nearest package.json that has a name, or "".
  std::string PackageRootOf(const std::string& file);

 private:
  std::unordered_map<std::string, PathType> types_;
  std::unordered_map<std::string, std::string> real_;
  std::set<std::string> links_;
  std::unordered_map<std::string, std::unique_ptr<PackageJson>> packages_;
};

// Whether the file is part of an installed package: whether its path has a part node_modules before
// the last. Text only.
bool InNodeModules(std::string_view path);

// "lodash" for "lodash/fp", "@scope/name" for "@scope/name/x"; "" if it is not a package name.
std::string PackageNameOf(std::string_view specifier);

// The name without node: if `specifier` names a builtin module of Node; else "". Modules that exist
// only with node: (node:test, node:sqlite, node:sea) need it here too.
std::string BuiltinNameOf(std::string_view specifier);

}  // namespace kiln
