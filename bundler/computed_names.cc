// The part of Graph that finds the modules which computed names may mean, and the programs that
// another thread or process may run.
#include <utility>

#include "bundler/graph.h"
#include "bundler/walk.h"
#include "support/file.h"

namespace kiln {
namespace {

constexpr size_t kMaxSpeculativeModules = 400;  // from one folder of computed names

}  // namespace

// The folder of the modules that `ref` may name; "" if it is not known.
std::string Graph::FolderOf(const ComputedRef& ref, const Module& module) {
  if (ref.folder.empty()) return {};
  if (IsAbsolutePath(ref.folder))
    return packages_.IsDirectory(ref.folder) ? ref.folder : std::string();
  std::string name = PackageNameOf(ref.folder);
  if (name.empty()) return {};
  for (std::string at = DirectoryOf(module.path);; at = DirectoryOf(at)) {
    if (std::string place = JoinPath(at, "node_modules/" + name); packages_.IsDirectory(place)) {
      std::string folder = packages_.RealPathOf(place) + ref.folder.substr(name.size());
      return packages_.IsDirectory(folder) ? folder : std::string();
    }
    if (at == "/" || at.empty()) return {};
  }
}

void Graph::ConnectComputed(size_t index, const ComputedRef& ref) {
  Module& module = modules_[index];
  if (module.speculative) return;
  const char* what = ref.kind == RefKind::kDynamicImport    ? "import()"
                     : ref.kind == RefKind::kRequireResolve ? "require.resolve()"
                     : ref.kind == RefKind::kCreateRequire  ? "createRequire()"
                                                            : "require()";
  if (std::string folder = FolderOf(ref, module); !folder.empty()) {
    size_t count = 0;
    for (const std::string& path : FilesBelow(folder)) {
      if (IsCodeFile(path) && ++count <= kMaxSpeculativeModules) {
        modules_[Add(packages_.RealPathOf(path), true)].root = true;
      } else {
        wanted_files_.insert(path);
      }
    }
    return;
  }
  computed_packages_.insert(module.package);
  if (ref.kind == RefKind::kRequire || ref.kind == RefKind::kDynamicImport)
    computed_modules_.emplace_back(index, ref.kind);
  Location location = LocationOf(module, ref.offset);
  std::string where = location.file;
  if (location.line > 0) where += ":" + std::to_string(location.line);
  report_.push_back(std::string("resolved at run time: ") +
                    (ref.indirect ? "require, passed on as a value" : what) + " at " + where);
  if (ref.indirect || ref.in_try || module.scan.declares_require) return;
  Problem(
      module, ref.offset,
      std::string("The argument of this ") + what + " is not known before the app runs",
      {"Node's own loader resolves it at run time: among the embedded files of this package, and "
       "on disk."},
      false);
}

// Adds packages that a computed name probably means: those that a package with computed names lists
// as optional or peer dependencies (knex and its drivers), and dependencies of the app whose name
// is a string in its own code (app.set("view engine", "ejs")). They become edges of the module with
// the computed name, as if it had named them.
void Graph::AddNamedPackages() {
  const PackageJson* app = packages_.ScopeOf(entry().path);
  std::set<std::string> by_app;
  if (app)
    for (const auto& [name, value] : app->json["dependencies"].members())
      if (NamedInOwnCode(name)) by_app.insert(name);
  std::set<std::string> told;
  for (auto [index, kind] : computed_modules_) {
    std::set<std::string> names = by_app;
    const PackageJson* package = packages_.At(modules_[index].package);
    if (package && InNodeModules(modules_[index].path))
      for (const char* field : {"peerDependencies", "optionalDependencies", "peerDependenciesMeta"})
        for (const auto& [name, value] : package->json[field].members()) names.insert(name);
    for (const std::string& name : names) {
      bool import = kind == RefKind::kDynamicImport;
      if (modules_[index].Find(name, !import) || !BuiltinNameOf(name).empty()) continue;
      Resolution found = resolver_.Resolve(name, modules_[index].path,
                                           import ? ResolveStyle::kImport : ResolveStyle::kRequire);
      if (found.kind != Resolution::Kind::kFile || found.path.ends_with(".node")) continue;
      size_t known = modules_.size();
      size_t target = Add(found.path, true);
      modules_[target].root = true;
      modules_[index].edges.push_back({.kind = kind,
                                       .to = Edge::To::kModule,
                                       .specifier = name,
                                       .module = target,
                                       .builtin = {},
                                       .in_try = true});
      if (target == known && told.insert(name).second)
        report_.push_back("bundled: " + name + ", which " + Display(modules_[index].path) +
                          " may load by a computed name");
    }
  }
}

// Whether there is a string with that text in the app's own modules.
bool Graph::NamedInOwnCode(const std::string& name) const {
  for (const Module& module : modules_) {
    if (InNodeModules(module.path) || module.format == ModuleFormat::kJson ||
        module.format == ModuleFormat::kWasm)
      continue;
    for (const char* quote : {"'", "\"", "`"})
      if (module.source.find(quote + name + quote) != std::string::npos) return true;
  }
  return false;
}

// Embeds the files that another thread or process may run, and all files that they import.
void Graph::EmbedPrograms() {
  std::vector<size_t> queue = programs_;
  std::set<size_t> seen(queue.begin(), queue.end());
  while (!queue.empty()) {
    const Module& module = modules_[queue.back()];
    queue.pop_back();
    wanted_files_.insert(module.path);
    for (const Edge& edge : module.edges)
      if (edge.to == Edge::To::kModule && seen.insert(edge.module).second)
        queue.push_back(edge.module);
  }
}

}  // namespace kiln
