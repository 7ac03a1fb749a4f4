// The part of Graph that finds the modules which computed names may mean, and the programs that
// another thread or process may run.
#include <algorithm>
#include <utility>

#include "bundler/graph.h"
#include "bundler/walk.h"
#include "support/file.h"
#include "support/glob.h"

namespace kiln {
namespace {

constexpr size_t kMaxSpeculativeModules = 400;  // from one folder of computed names

// Limit for program files that are embedded only because a name in their package is computed.
constexpr uint64_t kMaxComputedBytes = 8 << 20;
constexpr const char* kWildcards = "*?[{";

bool HasWildcards(const std::string& path) {
  return path.find_first_of(kWildcards) != std::string::npos;
}

// A pattern for GlobMatches that matches at least what `pattern` does in programs for Node, which
// also have groups such as !(a|b).
std::string LenientPattern(const std::string& pattern) {
  std::string lenient;
  for (size_t i = 0; i < pattern.size(); ++i) {
    bool group = i + 1 < pattern.size() && pattern[i + 1] == '(' &&
                 std::string_view("?*+@!").find(pattern[i]) != std::string_view::npos;
    size_t close = group ? pattern.find(')', i) : std::string::npos;
    lenient += close == std::string::npos ? pattern[i] : '*';
    if (close != std::string::npos) i = close;
  }
  return lenient;
}

// Whether the text may be a module's name, and not only any text.
bool IsPlainName(const std::string& text) {
  return text.size() < 200 &&
         std::ranges::all_of(
             text,
             [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("@./_-").find(c) != std::string_view::npos;
             });
}

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
  const Module& module = modules_[index];
  const char* what = ref.kind == RefKind::kDynamicImport    ? "import()"
                     : ref.kind == RefKind::kRequireResolve ? "require.resolve()"
                     : ref.kind == RefKind::kCreateRequire  ? "createRequire()"
                                                            : "require()";
  if (std::string folder = FolderOf(ref, module); !folder.empty()) {
    size_t count = 0;
    for (const std::string& path : FilesBelow(folder, &packages_.links())) {
      if (IsCodeFile(path) && ++count <= kMaxSpeculativeModules) {
        AddRoot(packages_.RealPathOf(path));
      } else {
        wanted_files_.insert(path);
      }
    }
    return;
  }
  if (module.speculative && !InNodeModules(module.path)) return;
  computed_packages_.insert(module.package);
  if (module.speculative) return;
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

// Finds the programs that a path expression may mean.
void Graph::ConnectPath(size_t index, const PathRef& path) {
  asset_requests_.push_back({index, path});
  bool own = !InNodeModules(modules_[index].path);
  switch (path.kind) {
    case PathKind::kKnown:
      if (packages_.IsDirectory(path.path)) {
        AddProgramsBelow(NormalizePath(path.path));
      } else if (!packages_.IsFile(path.path)) {
        if (HasWildcards(path.path)) AddPattern(index, path);
      } else if (IsCodeFile(path.path)) {
        // It will be run, by a worker, by fork, by require; or it is only read, and its text need
        // not be a program, which esbuild would refuse to link.
        std::string real = packages_.RealPathOf(path.path);
        if (options_.link == LinkForm::kScope) {
          AddProgram(real);
          programs_.push_back(by_path_.at({real, ""}));
        } else {
          programs_.push_back(AddRoot(real));
        }
      }
      break;
    case PathKind::kFolder:
      if (packages_.IsDirectory(path.path)) AddProgramsBelow(NormalizePath(path.path));
      break;
    case PathKind::kListed:
      if (own) AddProgramsBelow(path.path);
      break;
    case PathKind::kBegins:  // only embedded (assets.cc)
    case PathKind::kUnknown:
    case PathKind::kSelf:
    case PathKind::kMain:
      break;
  }
}

size_t Graph::AddRoot(const std::string& path) {
  size_t index = Add(path, true);
  SetRoot(index);
  return index;
}

void Graph::SetRoot(size_t index) {
  if (std::exchange(modules_[index].root, true)) return;
  // Modules of this form are no files that Node's loader could find.
  if (options_.link == LinkForm::kScope) programs_.push_back(index);
}

void Graph::AddProgram(const std::string& path) {
  std::string real = packages_.RealPathOf(path);
  wanted_files_.insert(path);
  if (by_path_.contains({real, ""})) return;
  size_t index = AddRoot(real);
  // Node runs TypeScript only as far as its types can be removed, so that is always translated.
  modules_[index].as_file = real.ends_with("js") && !modules_[index].translated.size();
}

void Graph::AddProgramsBelow(const std::string& folder) {
  if (!program_folders_.insert(folder).second) return;
  for (const std::string& path : FilesBelow(folder, &packages_.links()))
    if (IsCodeFile(path)) AddProgram(path);
}

void Graph::AddPattern(size_t index, const PathRef& pattern) {
  std::string text = LenientPattern(NormalizePath(pattern.path));
  if (!patterns_.insert(text).second) return;
  std::string folder = text.substr(0, text.find_first_of(kWildcards));
  folder.resize(folder.rfind('/'));
  size_t count = 0;
  for (const std::string& path : FilesBelow(folder, &packages_.links())) {
    if (!GlobMatches(text, path)) continue;
    ++count;
    if (IsCodeFile(path)) {
      AddProgram(path);
    } else {
      wanted_files_.insert(path);
    }
  }
  Location location = LocationOf(modules_[index], pattern.offset);
  report_.push_back("embedded: " + std::to_string(count) + " files that match " +
                    Display(pattern.path) + ", which " + location.file +
                    (location.line ? ":" + std::to_string(location.line) : "") + " names");
}

bool Graph::IsForDevelopment(const std::string& specifier) {
  std::string name = PackageNameOf(specifier);
  const PackageJson* app = name.empty() ? nullptr : packages_.ScopeOf(entry().path);
  if (!app || uses_development_ || !app->json["devDependencies"].Find(name)) return false;
  for (const char* field : {"dependencies", "optionalDependencies", "peerDependencies"})
    if (app->json[field].Find(name)) return false;
  return true;
}

// The program files of packages with computed names are embedded, and what they refer to.
bool Graph::AddComputedPackages() {
  size_t before = computed_packages_added_.size();
  for (const std::string& package : computed_packages_) {
    if (!computed_packages_added_.insert(package).second) continue;
    bool own = package.empty() || !InNodeModules(package + "/");
    std::string folder = own ? DirectoryOf(entry().path) : package;
    // JSON files, such as translations, may be far larger than the code.
    std::vector<std::string> code, json;
    uint64_t code_bytes = 0, json_bytes = 0;
    for (const std::string& path : FilesBelow(folder, &packages_.links())) {
      bool is_code = IsCodeFile(path);
      if ((!is_code && !path.ends_with(".json")) || path.ends_with(".min.js")) continue;
      (is_code ? code : json).push_back(path);
      (is_code ? code_bytes : json_bytes) += SizeOfFile(path);
    }
    bool code_fits = code_bytes <= kMaxComputedBytes;
    bool json_fits = code_bytes + json_bytes <= kMaxComputedBytes;
    auto report = [&](bool fits, size_t count, const char* what, uint64_t bytes) {
      if (count == 0) return;
      report_.push_back(std::string(fits ? "embedded" : "not embedded") + ": " +
                        std::to_string(count) + " " + what + " files of " + Display(folder) + " (" +
                        SizeText(bytes) + "), where names of modules are computed" +
                        (fits ? "" : "; name what it needs with --asset"));
    };
    if (code_fits == json_fits) {
      report(code_fits, code.size() + json.size(), "program", code_bytes + json_bytes);
    } else {
      report(true, code.size(), "program", code_bytes);
      report(false, json.size(), "JSON", json_bytes);
    }
    if (code_fits)
      for (const std::string& path : code) AddProgram(path);
    if (json_fits) wanted_files_.insert(json.begin(), json.end());
  }
  return computed_packages_added_.size() > before;
}

// Adds packages that a computed name probably means: those that a package with computed names lists
// as optional or peer dependencies (knex and its drivers), and dependencies of the app whose name
// is a string in its own code (app.set("view engine", "ejs")). They become edges of the module with
// the computed name, as if it had named them.
void Graph::AddNamedPackages() {
  for (size_t i = 0; i < modules_.size(); ++i)
    if (LoadsByName(modules_[i]) || PassesRequireOn(modules_[i])) AddLiterals(i);
  AddEngines();
  const PackageJson* app = packages_.ScopeOf(entry().path);
  std::set<std::string> by_app;
  if (app)
    for (const auto& [name, value] : app->json["dependencies"].members())
      if (NamedInOwnCode(name)) by_app.insert(name);
  std::set<std::string> reported;
  for (auto [index, kind] : computed_modules_) {
    std::set<std::string> names = by_app;
    const PackageJson* package = packages_.At(modules_[index].package);
    if (package && InNodeModules(modules_[index].path))
      for (const char* field : {"peerDependencies", "optionalDependencies", "peerDependenciesMeta"})
        for (const auto& [name, value] : package->json[field].members()) names.insert(name);
    for (const std::string& name : names) {
      bool import = kind == RefKind::kDynamicImport;
      if (modules_[index].Find(name, !import) || !BuiltinNameOf(name).empty() || IsExternal(name))
        continue;
      Resolution found = resolver_.Resolve(name, modules_[index].path,
                                           import ? ResolveStyle::kImport : ResolveStyle::kRequire);
      if (found.kind != Resolution::Kind::kFile || found.path.ends_with(".node")) continue;
      size_t known = modules_.size();
      size_t target = AddRoot(found.path);
      modules_[index].edges.push_back({.kind = kind,
                                       .to = Edge::To::kModule,
                                       .specifier = name,
                                       .module = target,
                                       .builtin = {},
                                       .in_try = true});
      if (target == known && reported.insert(name).second)
        report_.push_back("bundled: " + name + ", which " + Display(modules_[index].path) +
                          " may load by a computed name");
    }
  }
}

// Whether a module of the app uses a package in which names are computed, or node:module.
bool Graph::LoadsByName(const Module& module) const {
  if (InNodeModules(module.path)) return false;
  return std::ranges::any_of(module.edges, [&](const Edge& edge) {
    if (edge.to == Edge::To::kBuiltin) return edge.builtin == "module";
    if (edge.to != Edge::To::kModule) return false;
    const std::string& package = modules_[edge.module].package;
    return package != module.package && computed_packages_.contains(package);
  });
}

// Whether `require` is a value somewhere in the module: what it is given to may call it with any
// name, as __require("x") in the output of esbuild.
bool Graph::PassesRequireOn(const Module& module) {
  return std::ranges::any_of(module.scan.computed,
                             [](const ComputedRef& ref) { return ref.indirect; });
}

// Adds the packages and files that literals of the module name: importFresh("x") and
// Module._resolveFilename("x", module) load them as require("x") does. In a package only those that
// are the first argument of a call.
void Graph::AddLiterals(size_t index) {
  bool own = !InNodeModules(modules_[index].path);
  TokenList tokens = Tokenize(modules_[index].code());
  for (size_t i = 0; i < tokens.tokens.size(); ++i) {
    TokenKind kind = tokens.tokens[i].kind;
    if (kind != TokenKind::kString && kind != TokenKind::kTemplate) continue;
    bool called = i >= 2 && tokens.Is(i - 1, "(") &&
                  (tokens.tokens[i - 2].kind == TokenKind::kName || tokens.Is(i - 2, ")") ||
                   tokens.Is(i - 2, "]")) &&
                  (tokens.Is(i + 1, ")") || tokens.Is(i + 1, ","));
    if (!own && !called) continue;
    std::string name = StringValue(tokens.Text(i));
    if (!IsPlainName(name) || !BuiltinNameOf(name).empty() || IsForDevelopment(name) ||
        IsExternal(name))
      continue;
    const Module& module = modules_[index];
    if (module.Find(name, true)) continue;
    if (PackageNameOf(name).empty() && !name.starts_with("./") && !name.starts_with("../"))
      continue;
    Resolution found = resolver_.Resolve(name, module.path, ResolveStyle::kRequire);
    if (found.kind != Resolution::Kind::kFile || found.path.ends_with(".node")) continue;
    size_t known = modules_.size();
    if (IsCodeFile(found.path)) {
      AddRoot(found.path);
    } else if (wanted_files_.insert(found.path).second) {
      if (const PackageJson* package = packages_.ScopeOf(found.path))
        wanted_files_.insert(JoinPath(package->directory, "package.json"));
    }
    if (modules_.size() > known)
      report_.push_back("bundled: " + name + ", which is a string in " +
                        Display(modules_[index].path));
  }
}

// Adds template engines: express takes "list.pug" as a file for the package pug.
void Graph::AddEngines() {
  std::set<std::string> extensions;
  auto add = [&](std::string_view path) {
    std::string extension = ExtensionOf(std::string(path));
    if (extension.size() > 2 && !IsCodeFile(path) && IsPlainName(extension.substr(1)))
      extensions.insert(extension.substr(1));
  };
  for (auto [index, kind] : computed_modules_) {
    if (!InNodeModules(modules_[index].path) ||
        modules_[index].source.find("extname") == std::string::npos)
      continue;
    if (extensions.empty()) {
      extensions.insert("");
      for (const AssetRequest& request : asset_requests_) {
        const Module& module = modules_[request.module];
        if (InNodeModules(module.path)) continue;
        std::string folder = request.path.path;
        if (request.path.kind == PathKind::kUnknown) folder = DirectoryOf(module.path);
        if (packages_.IsDirectory(folder))
          for (const std::string& path : FilesBelow(folder, &packages_.links())) add(path);
      }
      for (const Module& module : modules_) {
        if (InNodeModules(module.path) || !module.is_javascript) continue;
        TokenList tokens = Tokenize(module.code());
        for (size_t i = 0; i < tokens.tokens.size(); ++i)
          if (tokens.tokens[i].kind == TokenKind::kString) add(StringValue(tokens.Text(i)));
      }
    }
    for (const std::string& name : extensions) {
      if (name.empty() || !BuiltinNameOf(name).empty() || IsExternal(name)) continue;
      Resolution found = resolver_.Resolve(name, modules_[index].path, ResolveStyle::kRequire);
      if (found.kind != Resolution::Kind::kFile || !IsCodeFile(found.path)) continue;
      size_t known = modules_.size();
      AddRoot(found.path);
      if (modules_.size() > known)
        report_.push_back("bundled: " + name + ", which " + Display(modules_[index].path) +
                          " may load for files that end with ." + name);
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
