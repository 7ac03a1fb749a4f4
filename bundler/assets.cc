// See assets.h for the rules.
#include "bundler/assets.h"

#include <algorithm>
#include <set>

#include "bundler/walk.h"
#include "support/file.h"
#include "support/glob.h"
#include "support/json.h"

namespace kiln {
namespace {

// Limit for an app's own folder, which may contain anything; a package has what its author
// published.
constexpr uint64_t kMaxOwnBytes = 32 << 20;

class Chooser {
 public:
  Chooser(Graph& graph, const BundleOptions& options, Diagnostics& diagnostics)
      : graph_(graph), options_(options), diagnostics_(diagnostics) {}

  Result<std::vector<std::string>> Run() {
    for (const Module& module : graph_.modules()) {
      // A module that cannot be bundled may still be needed as a file.
      if (module.excluded && module.root) AddFile(module.path);
      if (module.as_file) AddPackageJson(module);
      if (module.excluded) continue;
      if (module.format == ModuleFormat::kJson || module.format == ModuleFormat::kWasm)
        files_.insert(module.path);
      if (DiffersFromFile(module)) files_.insert(module.path);
      AddPackageJson(module);
    }
    for (const std::string& path : graph_.wanted_files()) AddFile(path);
    for (const AssetRequest& request : graph_.asset_requests()) Request(request);
    TRY_OK(Globs());
    return std::vector<std::string>(files_.begin(), files_.end());
  }

 private:
  void AddFile(const std::string& path) {
    if (graph_.packages().IsFile(path)) files_.insert(path);
  }

  // A folder that code names, with all that Node would list there.
  void AddFolder(const std::string& folder) {
    if (!folders_.insert(folder).second) return;
    std::vector<LeftOut> left_out;
    for (const std::string& file :
         DataBelow(folder, kMaxOwnBytes, &left_out, &graph_.packages().links()))
      AddFile(file);
    for (const LeftOut& one : left_out)
      graph_.report().push_back("not embedded: the " + SizeText(one.bytes) + " in " + one.what +
                                " of " + graph_.Display(folder) +
                                "; name what it needs with --asset");
  }

  static std::vector<std::string> NamesIn(const std::string& folder) {
    auto names = ListDirectory(folder);
    return names.ok() ? *names : std::vector<std::string>();
  }

  // Whether the text of a module is not what its file has, so that code that reads the file needs
  // the file too.
  bool DiffersFromFile(const Module& module) const {
    if (options_.minify || options_.link == LinkForm::kScope) return false;
    if (module.format != ModuleFormat::kCommonJs && module.format != ModuleFormat::kEsm)
      return false;
    return !module.translated.empty() || module.source.size() != SizeOfFile(module.path);
  }

  // Whether the text of a module, as the payload stores it, is what its file has.
  bool HasItsFile(const Module& module) const {
    if (options_.minify || options_.link == LinkForm::kScope || module.excluded) return false;
    if (module.format != ModuleFormat::kCommonJs && module.format != ModuleFormat::kEsm)
      return false;
    return !DiffersFromFile(module) && IsUtf8(module.source);
  }

  // The package.json that decides the module's format, and that of its package.
  void AddPackageJson(const Module& module) {
    if (const PackageJson* scope = graph_.packages().ScopeOf(module.path))
      AddFile(JoinPath(scope->directory, "package.json"));
    if (!module.package.empty()) AddFile(JoinPath(module.package, "package.json"));
  }

  void Request(const AssetRequest& request) {
    const Module& module = graph_.modules()[request.module];
    if (module.excluded && !module.as_file) return;
    const PathRef& path = request.path;
    switch (path.kind) {
      case PathKind::kKnown:
        if (graph_.packages().IsDirectory(path.path)) {
          AddFolder(NormalizePath(path.path));
        } else {
          AddFile(NormalizePath(path.path));
        }
        break;
      case PathKind::kFolder:
        if (graph_.packages().IsDirectory(path.path)) AddFolder(NormalizePath(path.path));
        break;
      case PathKind::kBegins:
        for (const std::string& name : NamesIn(DirectoryOf(path.path))) {
          std::string found = JoinPath(DirectoryOf(path.path), name);
          if (!found.starts_with(path.path)) continue;
          AddFile(found);
          if (graph_.packages().IsDirectory(found)) AddFolder(found);
        }
        break;
      case PathKind::kSelf:
        // Its text in the bundle is a file of the executable too.
        if (!HasItsFile(module)) AddFile(module.path);
        break;
      case PathKind::kListed:
      case PathKind::kUnknown:
        DataFiles(module, path.offset);
        break;
      case PathKind::kMain:
        DataFiles(graph_.entry(), 0);
        break;
    }
  }

  // The folder with the files of a module's package. The app's own folder may contain anything, so
  // for its modules only the module's folder is used.
  std::string FolderOf(const Module& module) const {
    return InNodeModules(module.path) ? module.package : DirectoryOf(module.path);
  }

  // Whether program text of the package mentions `text`.
  bool Mentions(const std::string& package, std::string_view text) const {
    for (const Module& module : graph_.modules())
      if (module.package == package && module.source.find(text) != std::string::npos) return true;
    return false;
  }

  void DataFiles(const Module& module, uint32_t offset) {
    std::string folder = FolderOf(module);
    if (folder.empty() || !data_folders_.insert(folder).second) return;
    bool declarations = Mentions(module.package, ".d.ts");
    bool markdown = Mentions(module.package, ".md");
    std::vector<std::string> chosen;
    uint64_t bytes = 0;
    for (const std::string& path : FilesBelow(folder, &graph_.packages().links())) {
      std::string name = BaseNameOf(path);
      bool type_file =
          path.ends_with(".d.ts") || path.ends_with(".d.mts") || path.ends_with(".d.cts");
      if (type_file ? !declarations : IsCodeFile(path)) continue;
      if (name[0] == '.' || path.ends_with(".map") || path.ends_with(".flow") ||
          path.ends_with(".tsbuildinfo") || path.ends_with(".node"))
        continue;
      if (path.ends_with(".md") && !markdown) continue;
      if (name.starts_with("LICENSE") || name.starts_with("LICENCE") ||
          name.starts_with("CHANGELOG") || name.starts_with("package-lock"))
        continue;
      chosen.push_back(path);
      bytes += SizeOfFile(path);
    }
    Location where = graph_.LocationOf(module, offset);
    std::string reason = where.file + (where.line ? ":" + std::to_string(where.line) : "");
    if (!InNodeModules(module.path) && bytes > kMaxOwnBytes) {
      graph_.report().push_back("not embedded: the " + SizeText(bytes) + " in " +
                                graph_.Display(folder) + ", though " + reason +
                                " may read there; name what it needs with --asset");
      return;
    }
    size_t before = files_.size();
    for (const std::string& path : chosen) AddFile(path);
    if (files_.size() > before)
      graph_.report().push_back("embedded: " + std::to_string(chosen.size()) + " data files of " +
                                graph_.Display(folder) + " (" + SizeText(bytes) + "), since " +
                                reason + " reads by a computed path");
  }

  // Whether it is in the app's folder.
  bool IsOwn(const std::string& path) {
    const PackageJson* package = graph_.packages().ScopeOf(graph_.entry().path);
    std::string folder = package ? package->directory : DirectoryOf(graph_.entry().path);
    return path.starts_with(folder == "/" ? folder : folder + "/");
  }

  Result<> Globs() {
    std::string directory = options_.directory.empty() ? CurrentDirectory() : options_.directory;
    if (auto real = RealPath(directory); real.ok()) directory = *real;
    for (const std::string& pattern : options_.assets) {
      std::vector<std::string> links;
      TRY(std::vector<std::string> found, ExpandGlob(pattern, directory, &links));
      if (found.empty())
        diagnostics_.AddWarning("--asset " + pattern + " matches no file", {},
                                {"Patterns are relative to the working directory."});
      for (const std::string& path : links)
        graph_.packages().links().insert(NormalizePath(JoinPath(directory, path)));
      for (const std::string& found_path : found) {
        std::string path = NormalizePath(JoinPath(directory, found_path));
        // Elsewhere nothing sees the links on its path.
        if (!IsOwn(path)) path = graph_.packages().RealPathOf(path);
        AddFile(path);
      }
    }
    return {};
  }

  Graph& graph_;
  const BundleOptions& options_;
  Diagnostics& diagnostics_;
  std::set<std::string> files_;
  std::set<std::string> data_folders_;
  std::set<std::string> folders_;
};

}  // namespace

Result<std::vector<std::string>> ChooseAssets(Graph& graph, const BundleOptions& options,
                                              Diagnostics& diagnostics) {
  return Chooser(graph, options, diagnostics).Run();
}

}  // namespace kiln
