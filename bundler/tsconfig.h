// The parts of tsconfig.json that a bundler needs: how TypeScript and JSX are translated, and the
// targets of `paths`. Comments, trailing commas and `extends` are supported.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bundler/packages.h"

namespace kiln {

struct TsConfig {
  // {"compilerOptions": {...}} for esbuild's --tsconfig-raw.
  std::string raw;
  std::string base_url;    // absolute, or ""
  std::string paths_base;  // what targets of `paths` are relative to
  std::vector<std::pair<std::string, std::vector<std::string>>> paths;

  // Absolute paths, without extension search, that `specifier` may mean; best first.
  std::vector<std::string> Candidates(const std::string& specifier) const;
};

class TsConfigs {
 public:
  explicit TsConfigs(Packages& packages) : packages_(packages) {}

  // The nearest tsconfig.json above `file`; null if there is none, or for files of
  // installed packages.
  const TsConfig* For(const std::string& file);

 private:
  const TsConfig* InFolder(const std::string& folder);
  bool Load(const std::string& path, TsConfig& config, Json& options, int depth);

  Packages& packages_;
  std::unordered_map<std::string, std::unique_ptr<TsConfig>> by_folder_;
};

}  // namespace kiln
