// See extension_handlers.h. A text is searched, not parsed: a mention in a comment has no other
// effect than that files go through Node's loader.
#include "bundler/extension_handlers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "bundler/graph.h"
#include "support/file.h"

namespace kiln {

bool MentionsExtensionTable(std::string_view text) {
  for (std::string_view name : {"require.extensions", "_extensions", ".extensions["})
    if (text.find(name) != std::string_view::npos) return true;
  return false;
}

bool ReplacesAddonHandler(std::string_view text) {
  for (size_t at = text.find("extensions["); at != std::string_view::npos;
       at = text.find("extensions[", at + 1)) {
    std::string_view rest = text.substr(at + 11);
    if (!rest.starts_with("'.node']") && !rest.starts_with("\".node\"]")) continue;
    rest.remove_prefix(8);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.starts_with('=') && !rest.starts_with("==")) return true;
  }
  return false;
}

bool HasForeignExtension(std::string_view path) {
  std::string extension = ExtensionOf(path);
  if (extension.empty()) return false;
  for (std::string_view known :
       {".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx", ".json", ".wasm", ".node"})
    if (extension == known) return false;
  return true;
}

std::vector<std::string> FilesForHandlers(const std::string& path) {
  std::vector<std::string> files;
  for (const std::string& stem : {path, JoinPath(path, "index")}) {
    auto names = ListDirectory(DirectoryOf(stem));
    if (!names.ok()) continue;
    std::string start = BaseNameOf(stem) + ".";
    for (const std::string& name : *names) {
      std::string file = JoinPath(DirectoryOf(stem), name);
      if (name.starts_with(start) && HasForeignExtension(name) && IsRegularFile(file))
        files.push_back(file);
    }
  }
  std::ranges::sort(files);
  return files;
}

// The same for a name in a package: its main, or the path after its name. "exports" names whole
// files.
std::vector<std::string> Graph::PackageFilesForHandlers(const std::string& specifier,
                                                        const std::string& importer) {
  std::string name = PackageNameOf(specifier);
  for (std::string at = DirectoryOf(importer);; at = DirectoryOf(at)) {
    std::string place = JoinPath(at, "node_modules/" + name);
    if (packages_.IsDirectory(place)) {
      const PackageJson* package = packages_.At(place);
      if (package && package->json.Has("exports")) return {};
      std::string target = JoinPath(at, "node_modules/" + specifier);
      if (specifier == name) {
        const std::string& main = package ? package->json["main"].AsString() : std::string();
        target = NormalizePath(JoinPath(place, main.empty() ? "index" : main));
      }
      std::vector<std::string> files = FilesForHandlers(target);
      if (package && !files.empty()) wanted_files_.insert(JoinPath(place, "package.json"));
      return files;
    }
    if (at == "/" || at.empty()) return {};
  }
}

void Graph::LeaveToHandlers() {
  auto any = [&](bool (*test)(std::string_view)) {
    return std::ranges::any_of(modules_, [&](const Module& module) { return test(module.source); });
  };
  if (!any(MentionsExtensionTable)) return;
  bool addons = any(ReplacesAddonHandler);
  std::set<std::pair<size_t, std::string>> left;  // module, specifier
  std::set<size_t> data, imported;
  for (size_t i = 0; i < modules_.size(); ++i) {
    const std::string path = modules_[i].path;
    for (const Edge& edge : modules_[i].edges) {
      if (!IsRequire(edge.kind)) {
        if (edge.to == Edge::To::kModule) imported.insert(edge.module);
        continue;
      }
      std::vector<std::string> files;
      if (edge.to == Edge::To::kModule && HasForeignExtension(modules_[edge.module].path)) {
        data.insert(edge.module);
        files.push_back(modules_[edge.module].path);
      } else if (edge.to == Edge::To::kAddon && addons) {
        Resolution found = resolver_.Resolve(edge.specifier, path, ResolveStyle::kRequire);
        if (found.path.ends_with(".node")) files.push_back(found.path);
      } else if (edge.to == Edge::To::kRunTime) {
        if (edge.specifier.starts_with(".")) {
          files = FilesForHandlers(NormalizePath(JoinPath(DirectoryOf(path), edge.specifier)));
        } else if (!PackageNameOf(edge.specifier).empty() && !IsExternal(edge.specifier)) {
          files = PackageFilesForHandlers(edge.specifier, path);
        }
        for (const std::string& file : files) data.insert(Add(packages_.RealPathOf(file), true));
      }
      if (files.empty()) continue;
      wanted_files_.insert(files.begin(), files.end());
      left.emplace(i, edge.specifier);
      report_.push_back("left to run time: " + edge.specifier + ", which " + Display(path) +
                        " loads and a function in require.extensions may read");
    }
  }
  for (size_t index : data) {
    modules_[index].root = true;
    if (!imported.contains(index)) modules_[index].speculative = true;
  }
  for (const auto& [index, specifier] : left)
    std::erase_if(modules_[index].edges, [&](const Edge& edge) {
      return IsRequire(edge.kind) && edge.specifier == specifier;
    });
  std::erase_if(missing_, [&](const Missing& missing) {
    return IsRequire(missing.ref.kind) && left.contains({missing.module, missing.ref.specifier});
  });
}

}  // namespace kiln
