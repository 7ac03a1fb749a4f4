// The module graph: everything that the entry reaches, read, classified and scanned.
//
// A module is CommonJS or an ES module by Node's rules (extension, "type", and for files without
// one their syntax). TypeScript and JSX are translated by esbuild file by file. With
// LinkForm::kModules JavaScript stays as it is; with LinkForm::kScope each CommonJS module is sent
// to esbuild at once to be checked and made ASCII, and ES modules are linked by esbuild together
// later (link_esm.h). A module that was not found is an error, or is left to run time
// where programs for Node rely on that.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bundler/bundle.h"
#include "bundler/decorator_metadata.h"
#include "bundler/esbuild.h"
#include "bundler/lexer.h"
#include "bundler/packages.h"
#include "bundler/resolve.h"
#include "bundler/scan.h"
#include "bundler/translation_cache.h"
#include "bundler/tsconfig.h"

namespace kiln {

// JSON and WebAssembly modules are embedded files. They have no scan, and JSON no edges.
enum class ModuleFormat { kCommonJs, kEsm, kJson, kWasm };

// One import or require of a module, and what it refers to. Repeated imports, or requires, of one
// specifier share an edge.
struct Edge {
  enum class To {
    kModule,
    kBuiltin,
    kRunTime,  // external or not found: left to Node's loader
    kAddon,    // a native addon, which nothing can load
  };
  RefKind kind;
  To to = To::kRunTime;
  std::string specifier;
  size_t module = 0;    // of kModule: its index in Graph::modules()
  std::string builtin;  // of kBuiltin
  uint32_t offset = 0;  // in the module's code(), in bytes
  bool in_try = false;
  // Some import statement, or a require outside of functions, has this specifier: loading the
  // module loads the target.
  bool at_start = false;
  // Some require or import() in a function has it: a function that is called after the module's
  // evaluation may load the target.
  bool later = false;
  // What is at `offset` runs each time the module does.
  bool certain_here = false;
  // Some import statement or require with this specifier runs each time the module does.
  bool certain = false;
  bool evaluated = false;  // the text has an expression; a path in `specifier` is absolute
};

// One file of the graph, or one instance of it: an ES module that is imported with a query or
// fragment is a separate module. Created by Graph when a path is first reached, then read,
// classified and scanned once; FinishTransforms (bundler/bundle.cc) may still mark it as excluded.
struct Module {
  std::string path;    // absolute, real
  std::string suffix;  // "?query#fragment", usually empty; always empty with LinkForm::kScope
  ModuleFormat format = ModuleFormat::kCommonJs;
  std::string source;  // the file, without a byte order mark
  // JavaScript that esbuild made of it (TypeScript, JSX and what V8 lacks); else empty. It is ASCII
  // with LinkForm::kScope.
  std::string translated;
  // Of `translated`; empty if positions there are those of the file.
  std::string translated_map;
  ModuleScan scan;
  std::vector<Edge> edges;
  std::string package;              // root folder of its package
  bool is_javascript = true;        // the file is neither TypeScript nor JSX
  bool commonjs_variables = false;  // an ES module that gets require, module, __dirname
  bool speculative = false;         // reached only by a computed name: nothing in it is an error
  bool excluded = false;            // not in the script: cannot be read or translated
  bool root = false;                // may be loaded by its path at run time
  // A program that only Node's loader may load, by a path that is known when the app runs. It is
  // embedded as a file, and what it refers to is bundled; after the crawl it is `excluded`.
  bool as_file = false;
  uint32_t transform = 0;  // of CommonJS: the id for Esbuild::FinishTransform
  bool has_transform = false;

  // Whether the require of this edge cannot be Node's: an ES module has none but by createRequire.
  bool IsUndefinedRequire(const Edge& edge) const;
  // The JavaScript that is scanned and bundled; offsets in `scan` and `edges` are offsets in it.
  const std::string& code() const { return translated.empty() ? source : translated; }
  // The edge of an import (or, with `requires_it`, a require) of `specifier`; null if there is
  // none.
  const Edge* Find(const std::string& specifier, bool requires_it) const;
  Edge* Find(const std::string& specifier, bool requires_it);
};

// V8 13.6 has no decorators.
constexpr const char* kLowerDecorators = "--supported:decorators=false";

// A path that a module makes from its own location.
struct AssetRequest {
  size_t module;
  PathRef path;
};

// All modules of an app. Created for one build, filled by Crawl, then read by the later steps. The
// options, `esbuild`, `cache` and `diagnostics` are borrowed and must outlive it. Not thread-safe.
class Graph {
 public:
  Graph(const BundleOptions& options, LazyEsbuild& esbuild, BuildCache& cache,
        Diagnostics& diagnostics);

  // Reads everything that is reachable from `entry` (absolute, real). Problems are added to the
  // diagnostics, and the Error only says that there are some. With LinkForm::kScope the transforms
  // of CommonJS modules are started but not finished when it returns. REQUIRES: called once, and
  // with LinkForm::kScope esbuild has been started.
  Result<> Crawl(const std::string& entry);

  // In the order in which they were found, the entry first; a module's index is its number in edges
  // and in the script. References stay valid as long as the graph.
  std::deque<Module>& modules() { return modules_; }
  const std::deque<Module>& modules() const { return modules_; }
  const Module& entry() const { return modules_.front(); }
  Packages& packages() { return packages_; }
  // For each module whether each start loads it: whether import statements, and requires outside of
  // functions, lead to it from the entry.
  std::vector<bool> LoadedAtStart() const;
  // Builtin modules that some module imports or requires, without node:.
  const std::set<std::string>& builtins() const { return builtins_; }
  const std::vector<AssetRequest>& asset_requests() const { return asset_requests_; }
  // Packages (root folders) in which names are computed at run time.
  const std::set<std::string>& computed_packages() const { return computed_packages_; }
  // Files that must exist at run time: named by require.resolve, or by a path that is passed to a
  // function, and all files that these import.
  const std::set<std::string>& wanted_files() const { return wanted_files_; }
  // esbuild's flags for every transform: charset, --define, source maps if wanted.
  const std::vector<std::string>& transform_flags() const { return transform_flags_; }
  // Lines of the build report; later steps append theirs.
  std::vector<std::string>& report() { return report_; }
  // Sends a CommonJS module's text to esbuild and returns the id for FinishTransform. `import(` is
  // replaced by `__kiln_import(` in it. `extra_flag` may be null. REQUIRES: LinkForm::kScope.
  uint32_t StartTransform(const Module& module, const char* extra_flag = nullptr);
  // A file's name for messages: relative to the working directory, absolute if it is two or more
  // folders above that.
  std::string Display(const std::string& path) const;
  // The user's location of a byte offset in module.code(). Without line if the source map does not
  // contain it.
  Location LocationOf(const Module& module, uint32_t offset) const;
  // The user's location for esbuild's location in a module's file, or in its code().
  Location LocationIn(const Module& module, Location esbuild_location) const;
  Location LocationInCode(const Module& module, Location esbuild_location) const;

 private:
  // An import or require whose module was not found.
  struct Missing {
    size_t module;
    ModuleRef ref;
    std::string text;
    std::vector<std::string> notes;
  };

  Location OriginalLocation(const Module& module, LineColumn at) const;
  // The index of the module at `path` with `suffix`, which is queued if it is new. A speculative
  // module that is reached for certain before speculative ones are visited is not speculative any
  // more.
  size_t Add(const std::string& path, bool speculative, const std::string& suffix = {});
  // The steps for one module, in this order: Visit reads it and calls the others. Translate is for
  // TypeScript and JSX, and for JavaScript that V8 cannot run as it is; Classify sets the format;
  // Connect makes the edges and adds the modules that they lead to.
  void Visit(size_t index);
  void Translate(size_t index, const std::string& loader);
  // Sends `text` to esbuild and places what it makes of it. Returns false after a problem, which it
  // has reported; the module is then excluded. `cacheable` becomes false if it has warned of
  // something that is not in `translation`.
  bool TranslateText(Module& module, TextWithMetadata text, const std::vector<std::string>& flags,
                     Translation& translation, bool& cacheable);
  // What the module at `importer` imports as `name`, for the metadata of decorators. `depth` is the
  // number of re-exports that lead to it.
  ImportedType TypeOfImport(const std::string& importer, const std::string& specifier,
                            const std::string& name, bool strict_null_checks, int depth = 0);
  // Errors in a tsconfig.json that TypeScript is translated with; each once.
  void ReportProblems(const TsConfig& config);
  void Scan(Module& module);
  ScanContext ContextOf(const std::string& path);
  // The paths that the module which `importer` imports by `specifier` exports.
  std::vector<ExportedPath> PathsOf(const std::string& importer, const std::string& specifier,
                                    ResolveStyle style);
  bool NeedsTranslation(const Module& module) const;
  void Classify(Module& module);
  void Connect(size_t index);
  void ConnectRef(size_t index, const ModuleRef& ref);
  void ConnectFrom(const std::string& path, const std::string& specifier);
  void ConnectComputed(size_t index, const ComputedRef& ref);
  void ConnectPath(size_t index, const PathRef& path);
  // The folder of the modules that `ref` may name, absolute; "" if it is not known or does not
  // exist.
  std::string FolderOf(const ComputedRef& ref, const Module& module);
  // Reports a name that was not found: as an error, as a warning where Node fails only if the code
  // runs, or only in the build report inside a try. Problem adds nothing for speculative modules.
  // With LinkForm::kModules it is added to `missing_`.
  void NotFound(size_t index, const ModuleRef& ref, const Resolution& resolution);
  // Reports what is in `missing_`, when it is known what each start loads: an error where Node
  // certainly fails at each start, otherwise a warning, or for packages a line of the report.
  void ReportMissing();
  // For each module whether the import statements and requires that certainly run lead to it.
  std::vector<bool> CertainlyLoaded() const;
  // For each module whether edges for which `follow` is true lead to it from the entry.
  std::vector<bool> Reached(bool (*follow)(const Edge&)) const;
  // Requires that a function in require.extensions may load: they get no edge, so that Node's
  // loader looks for them at run time, and the files are embedded.
  void LeaveToHandlers();
  std::vector<std::string> PackageFilesForHandlers(const std::string& specifier,
                                                   const std::string& importer);
  // Warns of what Node refuses in the app's own ES modules: an import of JSON without its type, which
  // bundlers allow, and a require() that certainly runs, which fails in the app too.
  void WarnOfRefusals();
  void ConnectWasm(size_t index);
  void Problem(const Module& module, uint32_t offset, std::string text,
               std::vector<std::string> notes, bool is_error);
  // Adds a speculative module that may be loaded by its path when the app runs; marks one as such.
  size_t AddRoot(const std::string& path);
  void SetRoot(size_t index);
  // Programs that may be loaded by a computed path: a file, those in a folder, and those that a
  // glob pattern matches, with its other files. Paths are absolute.
  void AddProgram(const std::string& path);
  void AddProgramsBelow(const std::string& folder);
  void AddPattern(size_t index, const PathRef& pattern);
  // Whether the app's package.json has the package of `specifier` for development only, and the app
  // uses no such package otherwise.
  bool IsForDevelopment(const std::string& specifier);
  // The last steps of a crawl: the programs of packages with computed names, which returns whether
  // it found new ones; packages that computed names probably mean; files that another thread or
  // process may run; native addons that are loaded outside of a try.
  bool AddComputedPackages();
  void AddNamedPackages();
  bool NamedInOwnCode(const std::string& name) const;
  bool LoadsByName(const Module& module) const;
  static bool PassesRequireOn(const Module& module);
  void AddLiterals(size_t index);
  void AddEngines();
  void EmbedPrograms();
  void CheckAddons();
  bool IsExternal(const std::string& specifier) const;

  const BundleOptions& options_;
  LazyEsbuild& esbuild_;
  BuildCache& cache_;
  Diagnostics& diagnostics_;
  Packages packages_;
  TsConfigs tsconfigs_;
  Resolver resolver_;
  std::string directory_;  // of the user
  std::vector<std::string> transform_flags_;
  std::vector<std::string> defined_names_;  // the last identifier of each --define
  std::deque<Module> modules_;              // a deque: references stay good while it grows
  // Modules to visit. The second queue comes after the first, so that a module that is certainly
  // reached is not speculative.
  std::vector<size_t> queue_, speculative_queue_;
  bool visiting_speculative_ = false;
  // Modules with a computed name of unknown folder, and whether it is a require or an import().
  std::vector<std::pair<size_t, RefKind>> computed_modules_;
  std::vector<size_t> programs_;   // modules whose path is passed on: to a worker, to fork
  bool uses_development_ = false;  // the app itself uses what is listed for development only
  std::set<std::string> program_folders_, patterns_;  // that have been searched for programs
  std::map<std::pair<std::string, std::string>, size_t> by_path_;  // path and suffix
  std::vector<Missing> missing_;
  std::set<std::string> reported_configs_;  // problems of tsconfig.json
  std::map<std::pair<std::string, std::string>, ImportedType> imported_types_;  // by file and name
  std::map<std::string, std::vector<ExportedPath>> exported_paths_;             // by file
  std::map<std::string, std::string> texts_;  // by file: those that PathsOf has read
  std::set<std::string> builtins_;
  std::vector<AssetRequest> asset_requests_;
  std::set<std::string> computed_packages_, computed_packages_added_;
  std::set<std::string> wanted_files_;
  std::vector<std::string> report_;
};

// Whether the name is that of a file with program text: .js, .ts and their variants with c and m,
// .jsx and .tsx, but not declarations (.d.ts).
bool IsCodeFile(std::string_view path);

}  // namespace kiln
