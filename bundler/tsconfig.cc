// Reads tsconfig.json.
#include "bundler/tsconfig.h"

#include <algorithm>

#include "bundler/resolve.h"
#include "support/file.h"
#include "support/result.h"

namespace kiln {
namespace {

// The compiler options that esbuild supports.
constexpr std::string_view kOptions[] = {"alwaysStrict",
                                         "experimentalDecorators",
                                         "importsNotUsedAsValues",
                                         "jsx",
                                         "jsxFactory",
                                         "jsxFragmentFactory",
                                         "jsxImportSource",
                                         "strict",
                                         "preserveValueImports",
                                         "target",
                                         "useDefineForClassFields",
                                         "verbatimModuleSyntax"};

// Converts JSON with comments and trailing commas to plain JSON.
std::string StripComments(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == '"') {
      size_t end = i + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
      out.append(text.substr(i, end - i));
      i = end;
    } else if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      size_t end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 2;
    } else {
      if (c == '}' || c == ']') {
        size_t last = out.find_last_not_of(" \t\r\n");
        if (last != std::string::npos && out[last] == ',') out.resize(last);
      }
      out += c;
      ++i;
    }
  }
  return out;
}

std::string ReplaceConfigDir(std::string path, const std::string& root) {
  constexpr std::string_view kConfigDir = "${configDir}";
  if (path.starts_with(kConfigDir)) path.replace(0, kConfigDir.size(), root);
  return path;
}

}  // namespace

std::vector<std::string> TsConfig::Candidates(const std::string& specifier) const {
  std::vector<std::string> found;
  if (specifier.empty() || specifier[0] == '.' || specifier[0] == '/') return found;
  // As in TypeScript: an exact name first, then the pattern with the longest prefix.
  const std::vector<std::string>* targets = nullptr;
  std::string star;
  size_t best = 0;
  for (const auto& [pattern, values] : paths) {
    size_t at = pattern.find('*');
    if (at == std::string::npos) {
      if (pattern != specifier) continue;
      targets = &values;
      star.clear();
      break;
    }
    std::string_view head = std::string_view(pattern).substr(0, at);
    std::string_view tail = std::string_view(pattern).substr(at + 1);
    if (specifier.size() < head.size() + tail.size() || !specifier.starts_with(head) ||
        !specifier.ends_with(tail) || (targets && head.size() < best))
      continue;
    best = head.size();
    targets = &values;
    star = specifier.substr(head.size(), specifier.size() - head.size() - tail.size());
  }
  if (targets) {
    for (std::string target : *targets) {
      if (size_t at = target.find('*'); at != std::string::npos) target.replace(at, 1, star);
      found.push_back(NormalizePath(JoinPath(paths_base, target)));
    }
  }
  if (!base_url.empty()) found.push_back(NormalizePath(JoinPath(base_url, specifier)));
  return found;
}

const TsConfig* TsConfigs::For(const std::string& file) {
  return InNodeModules(file) ? nullptr : InFolder(DirectoryOf(file));
}

const TsConfig* TsConfigs::InFolder(const std::string& folder) {
  if (auto found = by_folder_.find(folder); found != by_folder_.end()) return found->second.get();
  std::string path = JoinPath(folder, "tsconfig.json");
  std::unique_ptr<TsConfig> config;
  if (packages_.IsFile(path)) {
    config = std::make_unique<TsConfig>();
    Json options = Json::Object();
    std::vector<std::string> extenders;
    Load(path, folder, *config, options, extenders);
    Json raw = Json::Object();
    Json kept = Json::Object();
    for (std::string_view name : kOptions)
      if (const Json* value = options.Find(name)) kept.Set(name, *value);
    raw.Set("compilerOptions", kept);
    config->raw = raw.Write();
    config->decorator_metadata =
        options["emitDecoratorMetadata"].AsBool() && options["experimentalDecorators"].AsBool();
    config->strict_null_checks = options["strictNullChecks"].AsBool(options["strict"].AsBool());
  } else if (folder != "/" && !folder.empty() && folder != ".") {
    if (const TsConfig* above = InFolder(DirectoryOf(folder)))
      config = std::make_unique<TsConfig>(*above);
  }
  return (by_folder_[folder] = std::move(config)).get();
}

// As TypeScript: a path, or a package's name with a subpath; without a subpath the package names
// the file in its field "tsconfig".
std::string TsConfigs::FindBase(const std::string& base, const std::string& folder) {
  auto file = [&](const std::string& path) {
    for (const char* suffix : {"", ".json", "/tsconfig.json"})
      if (packages_.IsFile(path + suffix)) return path + suffix;
    return std::string();
  };
  if (base.empty()) return {};
  if (base[0] == '.' || base[0] == '/') return file(NormalizePath(JoinPath(folder, base)));
  std::string name = PackageNameOf(base);
  for (std::string at = folder;; at = DirectoryOf(at)) {
    std::string place = JoinPath(at, "node_modules/" + name);
    if (const PackageJson* package = name.empty() ? nullptr : packages_.At(place)) {
      if (package->json.Has("exports")) {
        Resolver resolver(packages_, *this, {});
        Resolution found =
            resolver.Package(base, JoinPath(at, "tsconfig.json"), ResolveStyle::kRequire);
        if (found.kind == Resolution::Kind::kFile) return found.path;
      }
      if (const Json* field = package->json.Find("tsconfig"); field && base == name)
        if (std::string path = file(NormalizePath(JoinPath(place, field->AsString())));
            !path.empty())
          return path;
    }
    if (std::string path = file(JoinPath(at, "node_modules/" + base)); !path.empty()) return path;
    if (at == "/" || at.empty()) return {};
  }
}

// Adds the settings of the file to `config` and `options`, after those of the file that it extends.
void TsConfigs::Load(const std::string& path, const std::string& root, TsConfig& config,
                     Json& options, std::vector<std::string>& extenders) {
  if (std::ranges::find(extenders, path) != extenders.end()) {
    config.problems.emplace_back(extenders.back(), "\"extends\" leads back to " + path);
    return;
  }
  auto text = ReadFile(path);
  auto json = text.ok() ? Json::Parse(StripComments(*text)) : Result<Json>(text.error());
  if (!json.ok()) {
    config.problems.emplace_back(path, json.error().text);
    return;
  }
  std::string folder = DirectoryOf(path);

  std::vector<std::string> bases;
  const Json& extends = (*json)["extends"];
  if (extends.is_string()) bases.push_back(extends.AsString());
  for (const Json& item : extends.items()) bases.push_back(item.AsString());
  extenders.push_back(path);
  for (const std::string& base : bases) {
    if (std::string file = FindBase(base, folder); !file.empty()) {
      Load(file, root, config, options, extenders);
    } else {
      config.problems.emplace_back(path, "Cannot find \"" + base + "\", which it extends");
    }
  }
  extenders.pop_back();

  const Json& own = (*json)["compilerOptions"];
  for (const auto& [name, value] : own.members()) options.Set(name, value);
  if (const Json* base_url = own.Find("baseUrl"); base_url && base_url->is_string()) {
    config.base_url = NormalizePath(JoinPath(folder, ReplaceConfigDir(base_url->AsString(), root)));
    config.paths_base = config.base_url;
  }
  if (const Json* paths = own.Find("paths")) {
    if (config.base_url.empty()) config.paths_base = folder;
    config.paths.clear();
    for (const auto& [pattern, targets] : paths->members()) {
      std::vector<std::string> list;
      for (const Json& target : targets.items())
        list.push_back(ReplaceConfigDir(target.AsString(), root));
      config.paths.emplace_back(pattern, std::move(list));
    }
  }
}

}  // namespace kiln
