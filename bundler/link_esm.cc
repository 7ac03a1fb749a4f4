// esbuild runs up to twice. Its first output format cannot contain a top-level await, and its
// errors name the places; then it runs with the other format, and modules with a top-level await
// are run through import() only.
#include "bundler/link_esm.h"

#include <algorithm>
#include <map>

#include "bundler/ascii.h"
#include "bundler/names.h"
#include "bundler/source_map.h"
#include "bundler/unused_modules.h"
#include "bundler/virtual_path.h"
#include "support/base64.h"
#include "support/file.h"
#include "support/json.h"

namespace kiln {
namespace {

constexpr std::string_view kEntry = "kiln:";  // + index: an ES module that the entry loads
constexpr std::string_view kMain = "kiln-main";
constexpr std::string_view kTable = "kiln-table";

std::string Quoted(std::string_view text) { return QuoteJson(text); }

class Plugin final : public EsbuildPlugin {
 public:
  Plugin(Graph& graph, const std::string& root, std::string table, bool source_map)
      : graph_(graph), root_(root), table_(std::move(table)), source_map_(source_map) {
    for (size_t i = 0; i < graph.modules().size(); ++i) {
      by_path_[graph.modules()[i].path] = i;
      promised_.push_back(i != 0 &&
                          PromisesNoSideEffects(graph.packages(), graph.modules()[i].path));
    }
  }

  Resolution OnResolve(const std::string& specifier, const std::string& importer,
                       const std::string&, const std::string& kind) override {
    if (specifier == kMain) return {graph_.entry().path, "file", {}};
    if (specifier == kTable) return {"table", "kiln-table", {}};
    if (specifier.starts_with(kEntry)) {
      size_t index = strtoul(specifier.c_str() + kEntry.size(), nullptr, 10);
      return {graph_.modules()[index].path, "file", {}};
    }
    auto found = by_path_.find(importer);
    if (found == by_path_.end()) return {{}, {}, "unexpected import of " + specifier};
    bool requires_it = kind == "require-call" || kind == "require-resolve";
    const Edge* edge = graph_.modules()[found->second].Find(specifier, requires_it);
    if (edge && edge->to == Edge::To::kBuiltin) return {edge->builtin, "kiln-builtin", {}};
    if (edge && edge->to == Edge::To::kModule) {
      const Module& target = graph_.modules()[edge->module];
      if (!target.excluded) {
        switch (target.format) {
          case ModuleFormat::kEsm:
            return {target.path, "file", {}, !promised_[edge->module]};
          case ModuleFormat::kCommonJs:
            return {std::to_string(edge->module), "kiln-require", {}};
          case ModuleFormat::kJson:
            return {std::to_string(edge->module), "kiln-json", {}};
          case ModuleFormat::kWasm:
            break;  // not with this form
        }
      }
    }
    // Node's loader resolves it when the app runs.
    std::string path = std::to_string(found->second) + (requires_it ? " require " : " import ");
    return {path + specifier, "kiln-late", {}};
  }

  // From now on the module also exports `name`, as undefined. False if it already does.
  bool AddTypeExport(size_t module, const std::string& name) {
    return type_exports_[module].insert(name).second;
  }

  Source OnLoad(const std::string& path, const std::string& name_space) override {
    if (name_space == "kiln-table") return {table_};
    if (name_space == "kiln-builtin")
      return {"module.exports = __kiln.builtin(" + Quoted(path) + ")"};
    if (name_space == "kiln-require") return {"module.exports = __kiln.require(" + path + ")"};
    if (name_space == "kiln-json") return {"module.exports = __kiln.require(" + path + ")"};
    if (name_space == "kiln-late") {
      size_t space = path.find(' '), second = path.find(' ', space + 1);
      size_t importer = strtoul(path.c_str(), nullptr, 10);
      std::string name = path.substr(space + 1, second - space - 1);
      return {"module.exports = __kiln.late(" +
              Quoted(VirtualPath(graph_.modules()[importer].path, root_)) + ", " +
              Quoted(path.substr(second + 1)) + ", " + (name == "require" ? "true" : "false") +
              ")"};
    }
    auto found = by_path_.find(path);
    if (found == by_path_.end()) return {"throw new Error('not part of the bundle')"};
    return {Prepare(graph_.modules()[found->second], found->second)};
  }

 private:
  static bool Declares(const std::string& code, const std::string& name) {
    for (const char* word : {"const ", "let ", "var ", "function ", "import ", "as ", "{ ", ", "})
      if (code.find(word + name + " ") != std::string::npos ||
          code.find(word + name + ";") != std::string::npos)
        return true;
    return false;
  }

  // The text of an ES module for esbuild. Additions go on its first line, so that line numbers do
  // not change.
  std::string Prepare(const Module& module, size_t index) const {
    const std::string& code = module.code();
    std::string head;
    if (auto found = type_exports_.find(index); found != type_exports_.end())
      for (const std::string& name : found->second) head += "export let " + name + ";";
    if (module.scan.has_import_meta)
      head += "const __kiln_meta = /* @__PURE__ */ __kiln.meta(" + std::to_string(index) + ");";
    if (module.commonjs_variables) {
      std::string id = std::to_string(index);
      auto declare = [&](const std::string& name, const std::string& value) {
        if (code.find(name) != std::string::npos && !Declares(code, name))
          head += "const " + name + " = /* @__PURE__ */ __kiln." + value + "(" + id + ");";
      };
      declare("__dirname", "dirnameOf");
      declare("__filename", "filenameOf");
      declare("require", "requireOf");
      declare("module", "moduleOf");
    }
    std::string body;
    size_t from = 0;
    std::vector<std::pair<uint32_t, bool>> edits;  // offset, is it a typeof
    bool computed_import = false;
    for (const ComputedRef& ref : module.scan.computed)
      if (ref.kind == RefKind::kDynamicImport) edits.emplace_back(ref.offset, false);
    for (const ModuleRef& ref : module.scan.refs) {
      if (ref.kind != RefKind::kDynamicImport) continue;
      const Edge* edge = module.Find(ref.specifier, false);
      bool late = ref.evaluated || !edge || edge->to == Edge::To::kRunTime ||
                  edge->to == Edge::To::kAddon ||
                  (edge->to == Edge::To::kModule && graph_.modules()[edge->module].excluded);
      if (late) edits.emplace_back(ref.offset, false);
    }
    // Node's ES modules have no `require`; TypeScript's users may still write it.
    if (!module.scan.declares_require && module.translated.empty())
      for (uint32_t offset : module.scan.typeof_requires) edits.emplace_back(offset, true);
    std::sort(edits.begin(), edits.end());
    for (auto [offset, is_typeof] : edits) {
      body.append(code, from, offset - from);
      body += is_typeof ? "__kiln_none" : "__kiln_import";
      from = offset + (is_typeof ? 7 : 6);
      computed_import |= !is_typeof;
    }
    body.append(code, from, std::string::npos);
    if (computed_import)
      head +=
          "const __kiln_import = /* @__PURE__ */ __kiln.importer(" + std::to_string(index) + ");";
    if (body.starts_with("\xEF\xBB\xBF")) body.erase(0, 3);
    if (body.starts_with("#!")) body.replace(0, 2, "//");
    // The additions must not end up in a comment on the first line, nor move a directive.
    std::string out = std::move(head);
    out += WithoutItsMap(std::move(body));
    if (source_map_ && !module.translated_map.empty())
      out += "\n//# sourceMappingURL=data:application/json;base64," +
             Base64(module.translated_map) + "\n";
    return out;
  }

  const Graph& graph_;
  std::string root_;
  std::string table_;
  bool source_map_;
  std::map<std::string, size_t, std::less<>> by_path_;
  std::vector<bool> promised_;  // by index: esbuild may leave the module out
  std::map<size_t, std::set<std::string>> type_exports_;
};

// True if all `errors` are about TypeScript modules that export a type of another module; these
// exports have then been added to the plugin.
template <class ModuleAt>
bool AddTypeExports(const Graph& graph, const std::vector<EsbuildMessage>& errors,
                    const ModuleAt& module_at, Plugin& plugin) {
  constexpr std::string_view kBegin = "No matching export in \"", kMiddle = "\" for import \"";
  for (const EsbuildMessage& error : errors) {
    size_t middle = error.text.find(kMiddle);
    const Module* importer = module_at(error.location.file);
    if (!error.text.starts_with(kBegin) || middle == std::string::npos || !importer ||
        importer->translated.empty())
      return false;
    const Module* target = module_at(error.text.substr(kBegin.size(), middle - kBegin.size()));
    std::string name = error.text.substr(middle + kMiddle.size());
    if (name.ends_with('"')) name.pop_back();
    if (!target || target->translated.empty() || name == "default") return false;
    for (size_t i = 0; i < graph.modules().size(); ++i)
      if (&graph.modules()[i] == target && !plugin.AddTypeExport(i, name)) return false;
  }
  return !errors.empty();
}

// ES modules that code outside of the linked text, or the runtime, may load.
std::set<size_t> Roots(const Graph& graph) {
  std::set<size_t> roots;
  const auto& modules = graph.modules();
  for (size_t i = 0; i < modules.size(); ++i) {
    const Module& module = modules[i];
    if (module.excluded) continue;
    bool askable = module.root || (i != 0 && graph.computed_packages().contains(module.package));
    if (module.format == ModuleFormat::kEsm && askable) roots.insert(i);
    for (const Edge& edge : module.edges) {
      bool outside = module.format == ModuleFormat::kCommonJs ||
                     (module.commonjs_variables && edge.kind == RefKind::kRequire) ||
                     edge.kind == RefKind::kCreateRequire ||
                     edge.kind == RefKind::kRequireResolve ||
                     edge.kind == RefKind::kImportResolve ||
                     (edge.kind == RefKind::kDynamicImport && edge.evaluated);
      if (outside && edge.to == Edge::To::kModule && !modules[edge.module].excluded &&
          modules[edge.module].format == ModuleFormat::kEsm)
        roots.insert(edge.module);
    }
  }
  return roots;
}

// Modules with a top-level await, and those that import them statically.
std::set<size_t> ModulesWithTla(const Graph& graph, std::set<size_t> waiting) {
  bool grew = true;
  while (grew) {
    grew = false;
    for (size_t i = 0; i < graph.modules().size(); ++i) {
      const Module& module = graph.modules()[i];
      if (module.format != ModuleFormat::kEsm || waiting.contains(i)) continue;
      for (const Edge& edge : module.edges)
        if (edge.kind == RefKind::kImport && edge.to == Edge::To::kModule &&
            waiting.contains(edge.module)) {
          waiting.insert(i);
          grew = true;
          break;
        }
    }
  }
  return waiting;
}

// Guesses from tokens. Returns nothing where a wrong guess would change the program, which is if a
// require() loads one of these modules.
std::set<size_t> GuessModulesWithTla(const Graph& graph) {
  std::set<size_t> waiting;
  for (size_t i = 0; i < graph.modules().size(); ++i) {
    const Module& module = graph.modules()[i];
    if (module.format == ModuleFormat::kEsm && module.scan.top_level_await) waiting.insert(i);
  }
  waiting = ModulesWithTla(graph, std::move(waiting));
  for (const Module& module : graph.modules())
    for (const Edge& edge : module.edges) {
      bool import = edge.kind == RefKind::kImport || edge.kind == RefKind::kDynamicImport;
      if (!import && edge.to == Edge::To::kModule && waiting.contains(edge.module)) return {};
    }
  return waiting;
}

std::string Table(const std::set<size_t>& roots, const std::set<size_t>& waiting) {
  std::string table = "__kiln.esm({\n";
  for (size_t root : roots) {
    bool waits = waiting.contains(root);
    table += "  " + std::to_string(root) + ": () => " + (waits ? "import" : "require") + "(\"" +
             std::string(kEntry) + std::to_string(root) + "\"),\n";
  }
  table += "}, [";
  for (size_t root : roots)
    if (waiting.contains(root)) table += std::to_string(root) + ",";
  return table + "]);\n";
}

// Replaces one of esbuild's helpers, `var NAME = ...;`, which come before all modules.
bool ReplaceHelper(std::string& code, std::string_view name, std::string_view value) {
  std::string begin = "var " + std::string(name) + " = ";
  size_t at = code.starts_with(begin) ? 0 : code.find("\n" + begin);
  // Modules begin with a comment that names them.
  size_t modules = code.find("\n// ");
  while (modules != std::string::npos && code.compare(modules, 5, "\n//  ") == 0)
    modules = code.find("\n// ", modules + 1);
  if (at == std::string::npos || at > modules) return true;
  if (code[at] == '\n') ++at;
  // The helper ends where the next one or the first module begins.
  size_t end = at;
  do {
    end = code.find('\n', end + 1);
    if (end == std::string::npos) return false;
  } while (code.compare(end, 5, "\nvar ") != 0 && code.compare(end, 4, "\n// ") != 0 &&
           code.compare(end, 2, "\n\n") != 0);
  std::string_view old(code.data() + at, end - at);
  size_t lines = size_t(std::count(old.begin(), old.end(), '\n'));
  std::string text = begin + std::string(value) + ";" + std::string(lines, '\n');
  code.replace(at, end - at, text);
  return true;
}

}  // namespace

Result<LinkedEsm> LinkEsm(Graph& graph, Esbuild& esbuild, const std::string& root,
                          const BundleOptions& options, Diagnostics& diagnostics) {
  LinkedEsm linked_esm;
  std::set<size_t> roots = Roots(graph);
  bool main = graph.entry().format == ModuleFormat::kEsm;
  if (roots.empty() && !main) return linked_esm;
  linked_esm.empty = false;

  std::vector<std::string> flags = {kLowerDecorators,
                                    "--bundle",
                                    "--platform=neutral",
                                    "--target=esnext",
                                    "--charset=ascii",
                                    "--legal-comments=none",
                                    "--define:import.meta=__kiln_meta",
                                    "--log-limit=0",
                                    "--log-level=silent",
                                    "--sources-content=false",
                                    "--tree-shaking=true",
                                    "--tsconfig-raw={}"};
  // RestoreNames needs the names in the map, even if the user wants none.
  bool with_map = options.source_map || !options.minify;
  if (with_map) flags.push_back("--sourcemap=external");
  for (const auto& [name, value] : options.defines)
    flags.push_back("--define:" + name + "=" + value);

  auto module_at = [&](const std::string& relative) -> const Module* {
    std::string path = NormalizePath(JoinPath(root, relative));
    for (const Module& module : graph.modules())
      if (module.path == path) return &module;
    return nullptr;
  };
  std::string text = "import \"" + std::string(kTable) + "\";\n";
  if (main) text += "import \"" + std::string(kMain) + "\";\n";
  std::set<size_t> waiting;
  BuildOutput output;
  std::vector<std::string> last_flags;
  std::vector<const char*> formats = {"--format=cjs", "--format=esm"};
  if (std::set<size_t> guess = GuessModulesWithTla(graph); !guess.empty()) {
    waiting = std::move(guess);
    formats = {"--format=esm", "--format=cjs", "--format=esm"};
  }
  for (size_t attempt = 0; attempt < formats.size(); ++attempt) {
    const char* format = formats[attempt];
    bool guessed = formats.size() == 3 && attempt == 0;
    Plugin plugin(graph, root, Table(roots, waiting), options.source_map);
    std::vector<std::string> all = flags;
    all.push_back(format);
    TRY(output, esbuild.Build(text, root, all, plugin));
    bool only_waits = !output.errors.empty();
    std::set<size_t> direct;
    for (const EsbuildMessage& message : output.errors) {
      const Module* module = module_at(message.location.file);
      bool wait = message.text.starts_with("Top-level await is") && module;
      only_waits &= wait;
      if (!wait) continue;
      for (size_t i = 0; i < graph.modules().size(); ++i)
        if (&graph.modules()[i] == module) direct.insert(i);
    }
    if (guessed && !output.errors.empty()) {
      waiting.clear();
      continue;
    }
    // esbuild reports a re-exported interface as an export that does not exist.
    if (AddTypeExports(graph, output.errors, module_at, plugin)) {
      TRY(output, esbuild.Build(text, root, all, plugin));
      only_waits = false;
    }
    if (!only_waits) {
      last_flags = std::move(all);
      break;
    }
    waiting = ModulesWithTla(graph, direct);
  }
  if (output.errors.empty() && !MakeAscii(output.code)) {
    Plugin plugin(graph, root, Table(roots, waiting), options.source_map);
    last_flags.push_back(kNoTemplates);
    TRY(output, esbuild.Build(text, root, last_flags, plugin));
    MakeAscii(output.code);
  }
  // esbuild stopped at other errors, before the run with the format that allows top-level await.
  auto waits = [](const EsbuildMessage& message) {
    return message.text.starts_with("Top-level await is");
  };
  bool only_waits = std::ranges::all_of(output.errors, waits);
  for (EsbuildMessage& message : output.errors) {
    if (waits(message) && !only_waits) continue;
    const Module* module = module_at(message.location.file);
    diagnostics.AddError(
        message.text, module ? graph.LocationInCode(*module, message.location) : message.location,
        message.notes);
  }
  for (EsbuildMessage& message : output.warnings) {
    const Module* module = module_at(message.location.file);
    if (module && !InNodeModules(module->path) && module->translated.empty())
      diagnostics.AddWarning(message.text, graph.LocationIn(*module, message.location),
                             message.notes);
  }
  if (!output.errors.empty()) return Error{"The app's modules cannot be linked"};

  // Imports of CommonJS and of Node's modules follow Node's rules, not those of the
  // transpilers that esbuild follows for some importers.
  // A namespace is sealed at once unless `export *` of something that is not linked will add
  // to it.
  bool adds = output.code.find("__reExport(") != std::string::npos;
  bool replaced = ReplaceHelper(output.code, "__toESM", "__kiln.namespaceOf") &&
                  ReplaceHelper(output.code, "__toCommonJS", "(mod) => mod") &&
                  ReplaceHelper(output.code, "__export",
                                adds ? "__kiln.defineOpenExports" : "__kiln.defineExports");
  if (!replaced) return Error{"This version of esbuild is not known to Kiln"};
  linked_esm.code = std::move(output.code);
  linked_esm.map = std::move(output.map);
  if (!options.minify)
    linked_esm.head = RestoreNames(
        linked_esm.code, linked_esm.map, [&](const std::string& source, const std::string& name) {
          const Module* module = module_at(source);
          return module && module->code().find(name) != std::string::npos;
        });
  linked_esm.top_level_await = main && waiting.contains(0);
  return linked_esm;
}

}  // namespace kiln
