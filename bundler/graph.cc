// Breadth first from the entry; see graph.h.
#include "bundler/graph.h"

#include <algorithm>
#include <utility>

#include "bundler/class_names.h"
#include "bundler/native_addons.h"
#include "bundler/place_translation.h"
#include "bundler/scan_cache.h"
#include "bundler/source_map.h"
#include "bundler/type_exports.h"
#include "bundler/wasm_imports.h"
#include "support/base64.h"
#include "support/file.h"

namespace kiln {
namespace {

std::string LoaderOf(const std::string& path) {
  std::string extension = ExtensionOf(path);
  if (extension == ".ts" || extension == ".mts" || extension == ".cts") return "ts";
  if (extension == ".tsx") return "tsx";
  if (extension == ".jsx") return "jsx";
  return "js";
}

// Refers to a file without loading it.
bool Resolves(RefKind kind) {
  return kind == RefKind::kRequireResolve || kind == RefKind::kImportResolve;
}

// Whether TypeScript's text has import or export statements, also such that are removed with the
// types that they name.
bool HasModuleSyntax(std::string_view text) {
  TokenList tokens = Tokenize(text);
  for (size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (!tokens.tokens[i].outermost || (i > 0 && tokens.Is(i - 1, "."))) continue;
    bool import = tokens.Is(i, "import");
    if (!import && !tokens.Is(i, "export")) continue;
    bool begins = tokens.Is(i + 1, "{") || tokens.Is(i + 1, "*") ||
                  tokens.tokens[i + 1].kind == TokenKind::kName ||
                  (import && tokens.tokens[i + 1].kind == TokenKind::kString);
    // import x = require("x")
    bool assigns = i + 2 < tokens.tokens.size() && tokens.Is(i + 2, "=");
    if (begins && !assigns) return true;
  }
  return false;
}

}  // namespace

bool IsCodeFile(std::string_view path) {
  for (std::string_view end : {".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx"})
    if (path.ends_with(end))
      return !path.ends_with(".d.ts") && !path.ends_with(".d.mts") && !path.ends_with(".d.cts");
  return false;
}

const Edge* Module::Find(const std::string& specifier, bool requires_it) const {
  for (const Edge& edge : edges)
    if (edge.specifier == specifier && IsRequire(edge.kind) == requires_it) return &edge;
  return nullptr;
}
Edge* Module::Find(const std::string& specifier, bool requires_it) {
  return const_cast<Edge*>(std::as_const(*this).Find(specifier, requires_it));
}

bool Module::IsUndefinedRequire(const Edge& edge) const {
  return format == ModuleFormat::kEsm && edge.kind == RefKind::kRequire && !scan.declares_require &&
         !commonjs_variables;
}

Graph::Graph(const BundleOptions& options, LazyEsbuild& esbuild, BuildCache& cache,
             Diagnostics& diagnostics)
    : options_(options),
      esbuild_(esbuild),
      cache_(cache),
      diagnostics_(diagnostics),
      tsconfigs_(packages_),
      resolver_(packages_, tsconfigs_, options.conditions),
      directory_(options.directory.empty() ? CurrentDirectory() : options.directory) {
  transform_flags_ = {kLowerDecorators, "--target=esnext",    "--legal-comments=none",
                      "--log-limit=0",  "--log-level=silent", "--sources-content=false"};
  bool scope = options.link == LinkForm::kScope;
  transform_flags_.push_back(scope ? "--charset=ascii" : "--charset=utf8");
  if (options.source_map) transform_flags_.push_back("--sourcemap=external");
  for (const auto& [name, value] : options.defines) {
    transform_flags_.push_back("--define:" + name + "=" + value);
    defined_names_.push_back(name.substr(name.rfind('.') + 1));
  }
}

std::string Graph::Display(const std::string& path) const {
  std::string relative = RelativePath(path, directory_);
  return relative.starts_with("../../") ? path : relative;
}

Location Graph::LocationOf(const Module& module, uint32_t offset) const {
  if (module.format == ModuleFormat::kWasm) return {.file = Display(module.path)};
  if (!module.translated_map.empty())
    return OriginalLocation(module, UnitPositionOf(module.code(), offset));
  LineColumn at = PositionOf(module.code(), offset);
  return {.file = Display(module.path),
          .line = at.line,
          .column = at.column,
          .line_text = LineTextAt(module.source, offset)};
}

// The original of a location in the JavaScript from esbuild; columns are UTF-16 units.
Location Graph::OriginalLocation(const Module& module, LineColumn at) const {
  Location location{.file = Display(module.path)};
  auto original = OriginalPosition(module.translated_map, at);
  if (!original) return location;
  size_t offset = OffsetOf(module.source, *original);
  at = PositionOf(module.source, offset);
  location.line = at.line;
  location.column = at.column;
  location.line_text = LineTextAt(module.source, offset);
  return location;
}

Location Graph::LocationIn(const Module& module, Location location) const {
  location.file = Display(module.path);
  return location;
}

Location Graph::LocationInCode(const Module& module, Location location) const {
  if (module.translated_map.empty() || location.line == 0) return LocationIn(module, location);
  return OriginalLocation(module, {location.line, location.column});
}

void Graph::Problem(const Module& module, uint32_t offset, std::string text,
                    std::vector<std::string> notes, bool is_error) {
  if (module.speculative) return;
  Location location = LocationOf(module, offset);
  if (is_error) {
    diagnostics_.AddError(std::move(text), std::move(location), std::move(notes));
  } else {
    diagnostics_.AddWarning(std::move(text), std::move(location), std::move(notes));
  }
}

size_t Graph::Add(const std::string& path, bool speculative, const std::string& suffix) {
  auto [entry, is_new] = by_path_.try_emplace({path, suffix}, modules_.size());
  size_t index = entry->second;
  if (is_new) {
    Module& module = modules_.emplace_back();
    module.path = path;
    module.suffix = suffix;
    module.speculative = speculative;
    module.package = packages_.PackageRootOf(path);
    (speculative ? speculative_queue_ : queue_).push_back(index);
  } else if (!speculative && modules_[index].speculative && !visiting_speculative_) {
    modules_[index].speculative = false;
    queue_.push_back(index);
  }
  modules_[index].as_file = false;
  return index;
}

Result<> Graph::Crawl(const std::string& entry) {
  Add(entry, false);
  // Modules that are certainly reached come first: they are not speculative, even if a computed
  // name reaches them too.
  for (size_t i = 0; i < queue_.size(); ++i) Visit(queue_[i]);
  visiting_speculative_ = true;
  LeaveToHandlers();
  AddNamedPackages();
  size_t next = 0;
  do {
    for (; next < speculative_queue_.size(); ++next)
      if (modules_[speculative_queue_[next]].speculative) Visit(speculative_queue_[next]);
  } while (AddComputedPackages());
  for (Module& module : modules_) {
    if (module.as_file) {
      module.excluded = true;
    } else if (options_.link == LinkForm::kScope && module.format == ModuleFormat::kCommonJs &&
               !module.excluded && !module.has_transform) {
      module.transform = StartTransform(module);
      module.has_transform = true;
    }
  }
  if (options_.link == LinkForm::kModules) RemoveTypeExports(modules_);
  EmbedPrograms();
  CheckAddons();
  ReportMissing();
  WarnOfRefusals();
  if (diagnostics_.has_errors()) return Error{"The app cannot be bundled"};
  return {};
}

void Graph::Visit(size_t index) {
  Module& module = modules_[index];
  if (auto read = texts_.find(module.path); read != texts_.end()) {
    module.source = std::move(read->second);
    texts_.erase(read);
  } else {
    auto text = ReadFile(module.path);
    if (!text.ok()) {
      module.excluded = true;
      if (!module.speculative) diagnostics_.Add(text.error());
      return;
    }
    module.source = std::move(*text);
  }
  std::string extension = ExtensionOf(module.path);
  if (extension == ".json") {
    module.format = ModuleFormat::kJson;
    return;
  }
  if (extension == ".wasm" && options_.link == LinkForm::kModules) return ConnectWasm(index);
  if (extension == ".wasm") {
    module.excluded = true;
    Problem(module, 0, "WebAssembly modules cannot be imported with --link=scope",
            {"Use --link=modules, or read the file and use WebAssembly.instantiate."}, true);
    return;
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (module.source.starts_with(kByteOrderMark)) module.source.erase(0, kByteOrderMark.size());
  std::string loader = LoaderOf(module.path);
  module.is_javascript = loader == "js";
  if (!module.is_javascript) Translate(index, loader);
  if (module.excluded) return;
  Scan(module);
  if (module.is_javascript && NeedsTranslation(module)) {
    Translate(index, loader);
    if (module.excluded) return;
    Scan(module);
  }
  Classify(module);
  if (options_.link == LinkForm::kScope && module.format == ModuleFormat::kCommonJs &&
      !module.as_file) {
    module.transform = StartTransform(module);
    module.has_transform = true;
  }
  Connect(index);
}

ScanContext Graph::ContextOf(const std::string& path) {
  return {[this, path](const std::string& name) {
            Resolution found = resolver_.Resolve(name, path, ResolveStyle::kRequire);
            return found.kind == Resolution::Kind::kFile ? found.path : std::string();
          },
          [this, path](const std::string& name, bool import) {
            return PathsOf(path, name, import ? ResolveStyle::kImport : ResolveStyle::kRequire);
          }};
}

// Reads the module ahead of its visit, if its text has what such a path is made of.
std::vector<ExportedPath> Graph::PathsOf(const std::string& importer, const std::string& specifier,
                                         ResolveStyle style) {
  if (!BuiltinNameOf(specifier).empty()) return {};
  Resolution found = resolver_.Resolve(specifier, importer, style);
  if (found.kind != Resolution::Kind::kFile || !IsCodeFile(found.path)) return {};
  auto [entry, is_new] = exported_paths_.try_emplace(found.path);
  if (!is_new) return entry->second;  // in a cycle: none
  // References to entries of a map stay valid while it grows.
  std::vector<ExportedPath>& paths = entry->second;
  auto read = ReadFile(found.path);
  if (!read.ok()) return {};
  const std::string& text = texts_.insert_or_assign(found.path, std::move(*read)).first->second;
  auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  bool anchored = has("__dirname") || has("__filename") || has("import.meta");
  if (!anchored && !(has("export") && has("from"))) return {};
  ModuleScan scan = ScanWithCache(text, found.path, ContextOf(found.path), cache_);
  for (const ImportStatement& statement : scan.imports) {
    if (!statement.exports) continue;
    std::vector<ExportedPath> others =
        PathsOf(found.path, statement.specifier, ResolveStyle::kImport);
    if (statement.exports_all)
      for (ExportedPath& path : others)
        if (path.name != "default" && !path.name.starts_with("default.")) paths.push_back(path);
    std::vector<ImportBinding> bindings;
    for (const ImportedName& name : statement.names) bindings.push_back({name.local, name.name});
    if (!statement.exported_namespace.empty())
      bindings.push_back({statement.exported_namespace, ""});
    for (const ImportBinding& binding : bindings)
      for (ExportedPath& path : ImportedPaths(binding, others)) paths.push_back(std::move(path));
  }
  for (ExportedPath& path : scan.exported_paths) paths.push_back(std::move(path));
  return paths;
}

void Graph::Scan(Module& module) {
  module.scan = ScanWithCache(module.code(), module.path, ContextOf(module.path), cache_);
  if (!module.is_javascript && !module.scan.esm_syntax)
    module.scan.esm_syntax = HasModuleSyntax(module.source);
}

// Whether esbuild must change JavaScript for LinkForm::kModules. LinkForm::kScope sends all of it
// to esbuild anyway.
bool Graph::NeedsTranslation(const Module& module) const {
  if (options_.link == LinkForm::kScope) return false;
  if (module.scan.has_decorators) return true;
  return std::ranges::any_of(defined_names_, [&](const std::string& name) {
    return module.source.find(name) != std::string::npos;
  });
}

// Replaces the module's code by what esbuild makes of it, before it is scanned (again).
void Graph::Translate(size_t index, const std::string& loader) {
  Module& module = modules_[index];
  std::vector<std::string> flags = transform_flags_;
  flags.push_back("--loader=" + loader);
  flags.push_back("--sourcefile=" + BaseNameOf(module.path));
  // Needed for messages, which name the user's lines.
  if (!options_.source_map) flags.push_back("--sourcemap=external");
  TextWithMetadata text = {module.source, {}};
  if (const TsConfig* config = tsconfigs_.For(module.path)) {
    if (!module.is_javascript && !module.speculative) ReportProblems(*config);
    flags.push_back("--tsconfig-raw=" + config->raw);
    if (config->decorator_metadata && !module.is_javascript)
      text = AddDecoratorMetadata(module.source, config->strict_null_checks,
                                  [&](const std::string& specifier, const std::string& name) {
                                    return TypeOfImport(module.path, specifier, name,
                                                        config->strict_null_checks);
                                  });
  }
  Digest key = TranslationKey(flags, options_.link, module.source, text.text);
  std::optional<Translation> translation = FindTranslation(cache_, key);
  if (!translation) {
    translation.emplace();
    bool cacheable = true;
    if (!TranslateText(module, std::move(text), flags, *translation, cacheable)) return;
    if (cacheable) StoreTranslation(cache_, key, *translation);
  }
  if (!InNodeModules(module.path))
    for (EsbuildMessage& message : translation->warnings)
      diagnostics_.AddWarning(message.text, LocationIn(module, message.location), message.notes);
  module.translated = std::move(translation->code);
  module.translated_map = std::move(translation->map);
  if (module.translated.empty()) module.translated = "\n";
}

bool Graph::TranslateText(Module& module, TextWithMetadata text,
                          const std::vector<std::string>& flags, Translation& translation,
                          bool& cacheable) {
  auto fail = [&](Error error) {
    diagnostics_.Add(std::move(error));
    module.excluded = true;
    return false;
  };
  auto esbuild = esbuild_.Get();
  if (!esbuild.ok()) return fail(esbuild.error());
  auto output = (*esbuild)->FinishTransform(
      (*esbuild)->StartTransform(WithoutItsMap(std::move(text.text)), flags));
  if (output.ok() && !output->errors.empty() && !text.additions.empty()) {
    // Errors are those of the file as it is. If it has none, what was added to it is wrong.
    text.additions.clear();
    cacheable = false;
    output = (*esbuild)->FinishTransform(
        (*esbuild)->StartTransform(WithoutItsMap(module.source), flags));
    if (output.ok() && output->errors.empty())
      diagnostics_.AddWarning("The metadata of decorators (emitDecoratorMetadata) is missing",
                              {.file = Display(module.path)},
                              {"Kiln does not understand all declarations of this file."});
  }
  if (!output.ok()) return fail(output.error());
  for (EsbuildMessage& message : output->errors)
    if (!module.speculative)
      diagnostics_.AddError(message.text, LocationIn(module, message.location), message.notes);
  translation.warnings = std::move(output->warnings);
  if (!output->errors.empty()) {
    module.excluded = true;
    if (!InNodeModules(module.path))
      for (EsbuildMessage& message : translation.warnings)
        diagnostics_.AddWarning(message.text, LocationIn(module, message.location), message.notes);
    return false;
  }
  if (!text.additions.empty())
    output->map = WithoutAdditions(output->map, module.source, text.additions);
  if (options_.link == LinkForm::kModules) {
    RestoreClassNames(*output, module.source);
    auto placed = PlaceTranslation(*output, module.source, **esbuild);
    if (!placed.ok()) return fail(placed.error());
    translation.code = std::move(placed->code);
    translation.map = std::move(placed->map);
  } else {
    translation.code = std::move(output->code);
    translation.map = std::move(output->map);
  }
  return true;
}

void Graph::ReportProblems(const TsConfig& config) {
  for (const auto& [file, text] : config.problems)
    if (reported_configs_.insert(file + text).second)
      diagnostics_.AddError(text, {.file = Display(file)}, {});
}

ImportedType Graph::TypeOfImport(const std::string& importer, const std::string& specifier,
                                 const std::string& name, bool strict_null_checks, int depth) {
  constexpr int kMaxDepth = 20;
  using Kind = ImportedType::Kind;
  Resolution found = resolver_.Resolve(specifier, importer, ResolveStyle::kImport);
  if (!found.found()) return {Kind::kMissing};
  if (found.kind != Resolution::Kind::kFile || LoaderOf(found.path) == "js" || depth > kMaxDepth)
    return {};
  auto [entry, is_new] = imported_types_.try_emplace({found.path, name});
  if (!is_new) return entry->second;  // in a cycle: unknown
  auto text = ReadFile(found.path);
  if (!text.ok()) return {};
  // References to entries of a map stay valid while it grows.
  return entry->second = ExportedType(*text, strict_null_checks, name,
                                      [&](const std::string& next, const std::string& name_there) {
                                        return TypeOfImport(found.path, next, name_there,
                                                            strict_null_checks, depth + 1);
                                      });
}

// Its imports are edges of import statements; those of `wasm:` names are V8's own.
void Graph::ConnectWasm(size_t index) {
  modules_[index].format = ModuleFormat::kWasm;
  for (const std::string& name : WasmImports(modules_[index].source))
    if (!name.starts_with("wasm:") && !name.starts_with("wasm-js:"))
      ConnectRef(index, {.kind = RefKind::kImport, .specifier = name, .offset = 0});
}

void Graph::Classify(Module& module) {
  std::string extension = ExtensionOf(module.path);
  const PackageJson* package = packages_.ScopeOf(module.path);
  std::string type = package ? package->type : "";
  bool esm;
  if (extension == ".mjs" || extension == ".mts") {
    esm = true;
  } else if (extension == ".cjs" || extension == ".cts") {
    esm = module.scan.esm_syntax && extension == ".cts";
  } else if (type == "module") {
    esm = true;
  } else {
    // Node decides by the syntax. With "type": "commonjs" an import is an error in Node, but works
    // for TypeScript's users, whose compiler translates it.
    esm = module.scan.esm_syntax || (module.scan.top_level_await && !module.scan.mentions_module) ||
          (type.empty() && module.scan.redeclares_commonjs);
  }
  module.format = esm ? ModuleFormat::kEsm : ModuleFormat::kCommonJs;
  // TypeScript's users write import, together with the variables of CommonJS.
  module.commonjs_variables = esm && !module.is_javascript && type != "module" &&
                              extension != ".mts" &&
                              (module.scan.mentions_module || !module.scan.paths.empty() ||
                               module.code().find("__dirname") != std::string::npos ||
                               module.code().find("__filename") != std::string::npos) &&
                              !module.scan.declares_require;
}

// import() must know which module calls it, so it is replaced inside CommonJS functions.
uint32_t Graph::StartTransform(const Module& module, const char* extra_flag) {
  std::string code = module.code();
  constexpr std::string_view kImport = "import", kOwnImport = "__kiln_import";
  std::string rewritten;
  size_t from = 0;
  for (uint32_t offset : module.scan.import_calls) {
    rewritten.append(code, from, offset - from);
    rewritten += kOwnImport;
    from = offset + kImport.size();
  }
  rewritten.append(code, from, std::string::npos);
  if (rewritten.starts_with("#!")) rewritten.replace(0, 2, "//");
  rewritten = WithoutItsMap(std::move(rewritten));
  // esbuild then combines its map with this one, so that it leads to TypeScript's lines.
  if (options_.source_map && !module.translated_map.empty())
    rewritten += "\n//# sourceMappingURL=data:application/json;base64," +
                 Base64(module.translated_map) + "\n";
  std::vector<std::string> flags = transform_flags_;
  flags.push_back("--loader=js");
  flags.push_back("--sourcefile=m");
  if (options_.minify) {
    flags.push_back("--minify");
    flags.push_back("--format=cjs");
  }
  if (extra_flag) flags.push_back(extra_flag);
  auto esbuild = esbuild_.Get();
  KILN_CHECK(esbuild.ok());
  return (*esbuild)->StartTransform(std::move(rewritten), flags);
}

bool Graph::IsExternal(const std::string& specifier) const {
  for (const std::string& pattern : options_.externals) {
    if (size_t star = pattern.find('*'); star != std::string::npos) {
      if (specifier.size() + 1 >= pattern.size() &&
          specifier.starts_with(pattern.substr(0, star)) &&
          specifier.ends_with(pattern.substr(star + 1)))
        return true;
    } else if (specifier == pattern || specifier.starts_with(pattern + "/")) {
      return true;
    }
  }
  return false;
}

void Graph::Connect(size_t index) {
  Module& module = modules_[index];
  for (const ModuleRef& ref : module.scan.refs) ConnectRef(index, ref);
  for (const ComputedRef& ref : module.scan.computed) ConnectComputed(index, ref);
  for (const PathRef& path : module.scan.paths) ConnectPath(index, path);
}

void Graph::ConnectRef(size_t index, const ModuleRef& ref) {
  Module& module = modules_[index];
  if (module.as_file && IsForDevelopment(ref.specifier)) return;
  if (!ref.from.empty())
    return ConnectFrom(ref.from == kFromMain ? entry().path : ref.from, ref.specifier);
  // In an ES module only createRequire makes a require.
  bool created = options_.link == LinkForm::kModules && module.scan.declares_require &&
                 !module.scan.foreign_require;
  bool bare = module.format == ModuleFormat::kEsm && ref.kind == RefKind::kRequire &&
              !module.commonjs_variables && !created;
  bool at_start = ref.kind == RefKind::kImport ||
                  ((ref.kind == RefKind::kRequire || ref.kind == RefKind::kCreateRequire) &&
                   !ref.in_function && !ref.in_arrow);
  bool later = ref.kind != RefKind::kImport && (ref.in_function || ref.in_arrow || ref.in_class);
  bool certain = ref.kind == RefKind::kImport ||
                 (ref.certain && !(ref.kind == RefKind::kRequire && module.scan.foreign_require));
  if (!module.speculative && !InNodeModules(module.path) && IsForDevelopment(ref.specifier))
    uses_development_ = true;
  Edge* edge_before = module.Find(ref.specifier, IsRequire(ref.kind));
  if (edge_before && Resolves(edge_before->kind) && !Resolves(ref.kind)) {
    module.edges.erase(module.edges.begin() + (edge_before - module.edges.data()));
    edge_before = nullptr;
  }
  if (Edge* edge = edge_before) {
    edge->at_start |= at_start;
    edge->later |= later;
    bool statement = ref.kind == RefKind::kImport && edge->kind == RefKind::kDynamicImport;
    if (statement) edge->kind = ref.kind;
    // What certainly runs says more than an import() or a branch: an absent module is an error.
    bool says_more = options_.link == LinkForm::kModules ? certain && !edge->certain : statement;
    edge->certain |= certain;
    if (says_more && edge->to == Edge::To::kRunTime && !IsExternal(ref.specifier) && !bare) {
      ResolveStyle style = IsRequire(ref.kind) ? ResolveStyle::kRequire : ResolveStyle::kImport;
      Resolution found = resolver_.Resolve(ref.specifier, module.path, style);
      if (!found.found()) NotFound(index, ref, found);
    }
    if (!Resolves(ref.kind)) return;
  }
  Edge edge{.kind = ref.kind,
            .specifier = ref.specifier,
            .builtin = {},
            .offset = ref.offset,
            .in_try = ref.in_try,
            .at_start = at_start,
            .later = later,
            .certain_here = certain,
            .certain = certain,
            .evaluated = ref.evaluated};
  // Node's loader evaluates data: URLs.
  if (IsExternal(ref.specifier) || (!IsRequire(ref.kind) && ref.specifier.starts_with("data:"))) {
    module.edges.push_back(std::move(edge));
    return;
  }
  if (IsAddonLoader(ref.specifier)) edge.to = Edge::To::kAddon;
  ResolveStyle style = IsRequire(ref.kind) ? ResolveStyle::kRequire : ResolveStyle::kImport;
  Resolution found = resolver_.Resolve(ref.specifier, module.path, style);
  if (Resolves(ref.kind)) {
    // The file must exist at run time; a file with program text may also be loaded by its path.
    if (found.kind != Resolution::Kind::kFile) return;
    wanted_files_.insert(found.path);
    if (const PackageJson* scope = packages_.ScopeOf(found.path))
      wanted_files_.insert(JoinPath(scope->directory, "package.json"));
    if (!edge_before) {
      edge.to = Edge::To::kModule;
      edge.module = Add(found.path, true);
      modules_[edge.module].root = true;
      programs_.push_back(edge.module);
      modules_[index].edges.push_back(std::move(edge));
    }
    return;
  }
  switch (found.kind) {
    case Resolution::Kind::kBuiltin:
      edge.to = Edge::To::kBuiltin;
      edge.builtin = found.path;
      builtins_.insert(found.path);
      break;
    case Resolution::Kind::kFile:
      if (found.path.ends_with(".node")) {
        edge.to = Edge::To::kAddon;
        break;
      }
      if (edge.to == Edge::To::kAddon) break;
      if (found.warns) {
        // Node's loader resolves it when the app runs, and prints the warning.
        wanted_files_.insert(found.path);
        modules_[Add(found.path, module.speculative)].root = true;
        return;
      }
      edge.to = Edge::To::kModule;
      edge.module = Add(found.path, module.speculative,
                        options_.link == LinkForm::kModules ? found.suffix : std::string());
      if (modules_[index].as_file) SetRoot(edge.module);
      break;
    case Resolution::Kind::kNotFound:
      // Node's loader reads it, for the same error.
      if (!found.package_json.empty() && options_.link == LinkForm::kModules)
        wanted_files_.insert(found.package_json);
      if (!bare && edge.to != Edge::To::kAddon) NotFound(index, ref, found);
      break;
  }
  modules_[index].edges.push_back(std::move(edge));
}

// Node's loader looks for it when the app runs.
void Graph::ConnectFrom(const std::string& path, const std::string& specifier) {
  if (IsExternal(specifier)) return;
  std::string file = path.ends_with('/') ? path + "." : path;
  Resolution found = resolver_.Resolve(specifier, file, ResolveStyle::kRequire);
  if (found.kind == Resolution::Kind::kBuiltin) builtins_.insert(found.path);
  if (found.kind == Resolution::Kind::kFile && !found.path.ends_with(".node")) AddRoot(found.path);
}

std::vector<bool> Graph::LoadedAtStart() const {
  return Reached([](const Edge& edge) { return edge.at_start; });
}

std::vector<bool> Graph::Reached(bool (*follow)(const Edge&)) const {
  std::vector<bool> reached(modules_.size());
  std::vector<size_t> queue = {0};
  reached[0] = true;
  while (!queue.empty()) {
    const Module& module = modules_[queue.back()];
    queue.pop_back();
    for (const Edge& edge : module.edges) {
      if (!follow(edge) || edge.to != Edge::To::kModule || module.IsUndefinedRequire(edge) ||
          reached[edge.module] || modules_[edge.module].excluded)
        continue;
      reached[edge.module] = true;
      queue.push_back(edge.module);
    }
  }
  return reached;
}

// A native addon is an error unless it is loaded inside a try.
void Graph::CheckAddons() {
  std::vector<bool> seen(modules_.size());
  std::vector<size_t> queue = {0};
  seen[0] = true;
  std::set<std::string> named;
  for (size_t at = 0; at < queue.size(); ++at) {
    const Module& module = modules_[queue[at]];
    if (module.scan.loads_native && named.insert(module.package).second)
      Problem(module, 0, AddonMessage(packages_, module.path), AddonNotes(), true);
    for (const Edge& edge : module.edges) {
      if (edge.in_try) continue;
      if (edge.kind == RefKind::kRequire && module.scan.foreign_require) continue;
      if (edge.to == Edge::To::kAddon && named.insert(module.package).second)
        Problem(module, edge.offset, AddonMessage(packages_, module.path), AddonNotes(), true);
      if (edge.to != Edge::To::kModule || seen[edge.module]) continue;
      seen[edge.module] = true;
      queue.push_back(edge.module);
    }
  }
}

}  // namespace kiln
