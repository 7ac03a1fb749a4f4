// Cached information about files on disk for the resolver: the type of a path, its real path, and
// the package.json files. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "support/json.h"

namespace kiln {

struct PackageJson {
  std::string directory;
  Json json;
  std::string name;
  std::string type;  // "module", "commonjs" or ""
};

enum class PathType { kMissing, kFile, kDirectory };

class Packages {
 public:
  PathType TypeOf(const std::string& path);
  bool IsFile(const std::string& path) { return TypeOf(path) == PathType::kFile; }
  bool IsDirectory(const std::string& path) { return TypeOf(path) == PathType::kDirectory; }
  std::string RealPathOf(const std::string& path);

  // The package.json in that folder; null if there is none or it is not an object.
  const PackageJson* At(const std::string& directory);
  // The package.json that decides about `file`: the nearest above it that is not across a
  // node_modules folder.
  const PackageJson* ScopeOf(const std::string& file);
  // The installed package that holds `file` (the folder below node_modules), or for the
  // app's own files the folder of the nearest package.json that has a name, or "".
  std::string PackageRootOf(const std::string& file);

 private:
  std::unordered_map<std::string, PathType> types_;
  std::unordered_map<std::string, std::string> real_;
  std::unordered_map<std::string, std::unique_ptr<PackageJson>> packages_;
};

// Whether the file is part of an installed package.
bool InNodeModules(std::string_view path);

// "lodash" for "lodash/fp", "@scope/name" for "@scope/name/x"; "" if it is not a package name.
std::string PackageNameOf(std::string_view specifier);

// The name without node: if `specifier` names a builtin module of Node; else "".
std::string BuiltinNameOf(std::string_view specifier);

}  // namespace kiln
