// The edges follow the same rules as the tables of the other form (emit.cc), but no import is
// linked before the app runs, so all of them have edges.
#include "bundler/modules.h"

#include <set>
#include <utility>

#include "bundler/commonjs_variables.h"
#include "bundler/file_url.h"
#include "bundler/native_addons.h"
#include "bundler/unused_modules.h"
#include "bundler/virtual_path.h"
#include "support/file.h"

namespace kiln {
namespace {

bool IsImport(const Edge& edge) {
  return edge.kind == RefKind::kImport || edge.kind == RefKind::kDynamicImport ||
         edge.kind == RefKind::kImportResolve;
}

// Whether Node runs the file with its types removed. It does not run .tsx.
bool IsTypeScript(const std::string& path) {
  return path.ends_with(".ts") || path.ends_with(".cts");
}

class ModuleTaker {
 public:
  ModuleTaker(Graph& graph, const std::string& root, bool source_map)
      : graph_(graph), root_(root), with_map_(source_map), use_(FindUse(graph)) {}

  std::vector<BundledModule> Run() {
    std::vector<BundledModule> modules;
    modules.reserve(graph_.modules().size());
    // The edges first: they look at other modules, whose texts are moved out afterwards.
    for (size_t i = 0; i < graph_.modules().size(); ++i) {
      const Module& module = graph_.modules()[i];
      BundledModule& out = modules.emplace_back();
      out.path = VirtualPath(module.path, root_);
      out.suffix = module.suffix;
      if (module.excluded) continue;
      out.kind = KindOf(module.format);
      out.at_start = use_.at_start[i];
      out.used = use_.used[i];
      out.partial = use_.partial[i];
      out.speculative = module.speculative;
      out.own = !InNodeModules(module.path);
      out.named_at_run_time =
          module.root || module.speculative || graph_.computed_packages().contains(module.package);
      out.executable = IsExecutable(module.path);
      AddEdges(i, out);
    }
    for (size_t i = 0; i < modules.size(); ++i)
      if (modules[i].kind == BundledModule::Kind::kCommonJs ||
          modules[i].kind == BundledModule::Kind::kEsm)
        TakeText(graph_.modules()[i], modules[i]);
    return modules;
  }

 private:
  static BundledModule::Kind KindOf(ModuleFormat format) {
    switch (format) {
      case ModuleFormat::kCommonJs:
        return BundledModule::Kind::kCommonJs;
      case ModuleFormat::kEsm:
        return BundledModule::Kind::kEsm;
      case ModuleFormat::kJson:
        return BundledModule::Kind::kJson;
      case ModuleFormat::kWasm:
        return BundledModule::Kind::kWasm;
    }
    return BundledModule::Kind::kNone;
  }

  void AddEdges(size_t index, BundledModule& out) {
    const Module& module = graph_.modules()[index];
    for (const Edge& edge : module.edges) {
      if (module.IsUndefinedRequire(edge)) continue;
      BundledEdge bundled;
      bundled.import = IsImport(edge);
      bundled.specifier = edge.specifier;
      bundled.later = edge.later;
      // A require() in an ES module need not run before others do that wait for nothing.
      bundled.certain = edge.certain_here && !use_.LeavesOut(index, edge) &&
                        (edge.kind == RefKind::kImport || module.format == ModuleFormat::kCommonJs);
      if (edge.evaluated && bundled.specifier.starts_with('/')) {
        if (!bundled.specifier.starts_with(root_ + "/")) continue;
        bundled.specifier = VirtualPath(bundled.specifier, root_);
      }
      switch (edge.to) {
        case Edge::To::kModule:
          if (graph_.modules()[edge.module].excluded) continue;
          bundled.module = edge.module;
          if (use_.LeavesOut(index, edge)) bundled.names = NamesOf(module, edge.specifier);
          break;
        case Edge::To::kBuiltin:
          // A require of a builtin by its own name is left to Node's loader.
          if (module.format == ModuleFormat::kCommonJs && !bundled.import &&
              !BuiltinNameOf(edge.specifier).empty())
            continue;
          bundled.to = BundledEdge::To::kBuiltin;
          bundled.text = edge.builtin;
          if (bundled.import) bundled.names = NamesOf(module, edge.specifier);
          break;
        case Edge::To::kAddon:
          bundled.to = BundledEdge::To::kFails;
          bundled.text = AddonMessage(graph_.packages(), module.path);
          break;
        case Edge::To::kRunTime:
          continue;
      }
      out.edges.push_back(std::move(bundled));
    }
  }

  // The names that the module's statements import from `specifier`.
  static std::vector<std::string> NamesOf(const Module& module, const std::string& specifier) {
    std::set<std::string> names;
    for (const ImportStatement& statement : module.scan.imports) {
      if (statement.specifier != specifier || statement.source_phase) continue;
      for (const ImportedName& name : statement.names) names.insert(name.name);
      if (statement.takes_namespace) names.insert("*");
    }
    return {names.begin(), names.end()};
  }

  void TakeText(Module& module, BundledModule& out) {
    bool translated = !module.translated.empty();
    if (module.commonjs_variables && ImportCommonJsVariables(module)) {
      BundledEdge& edge = out.edges.emplace_back();
      edge.import = true;
      edge.specifier = edge.text = kCommonJsVariables;
      edge.to = BundledEdge::To::kBuiltin;
    }
    if (with_map_ && !module.translated_map.empty()) {
      out.source_map = std::move(module.translated_map);
      if (out.own) out.original = module.source;
    }
    out.source = std::move(translated ? module.translated : module.source);
    // Node names CommonJS from TypeScript by its URL (lib/internal/modules/typescript.js). An ES
    // module has that name anyway.
    if (module.format == ModuleFormat::kCommonJs && IsTypeScript(module.path))
      out.source += "\n\n//# sourceURL=" + FileUrl(out.path) + out.suffix;
  }

  Graph& graph_;
  std::string root_;
  bool with_map_;
  ModuleUse use_;
};

}  // namespace

std::vector<BundledModule> TakeModules(Graph& graph, const std::string& root, bool source_map) {
  return ModuleTaker(graph, root, source_map).Run();
}

}  // namespace kiln
