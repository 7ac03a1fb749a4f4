// The parts of tsconfig.json that a bundler needs: how TypeScript and JSX are translated, and the
// targets of `paths`. Comments, trailing commas, `extends` (by path or by the name of a package)
// and ${configDir} are supported.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bundler/packages.h"

namespace kiln {

// The settings of one tsconfig.json, with those of the files that it extends.
struct TsConfig {
  // {"compilerOptions": {...}} for esbuild's --tsconfig-raw.
  std::string raw;
  // For decorator_metadata.h: TypeScript's options emitDecoratorMetadata together with
  // experimentalDecorators, and strictNullChecks or strict.
  bool decorator_metadata = false;
  bool strict_null_checks = false;
  std::string base_url;    // absolute, or ""
  std::string paths_base;  // what targets of `paths` are relative to
  // What is wrong with the file or one that it extends: [file, message].
  std::vector<std::pair<std::string, std::string>> problems;
  // [pattern, targets], in the order of the file.
  std::vector<std::pair<std::string, std::vector<std::string>>> paths;

  // Absolute paths, without extension search, that `specifier` may mean; best first. They need not
  // exist. Empty for relative and absolute specifiers.
  std::vector<std::string> Candidates(const std::string& specifier) const;
};

// A cache by folder; one per build. Not thread-safe.
class TsConfigs {
 public:
  explicit TsConfigs(Packages& packages) : packages_(packages) {}

  // The nearest tsconfig.json above `file`; null if there is none, or for files of
  // installed packages. A file that cannot be read or parsed gives default settings, and a problem.
  // The pointer is valid as long as this object.
  const TsConfig* For(const std::string& file);

 private:
  const TsConfig* InFolder(const std::string& folder);
  // `root` is the folder of the tsconfig.json that extends the others: ${configDir}.
  // `extenders` are the files that lead to this one.
  void Load(const std::string& path, const std::string& root, TsConfig& config, Json& options,
            std::vector<std::string>& extenders);
  // The file that `extends` names in a file of `folder`; "" if there is none.
  std::string FindBase(const std::string& base, const std::string& folder);

  Packages& packages_;
  std::unordered_map<std::string, std::unique_ptr<TsConfig>> by_folder_;
};

}  // namespace kiln
