// The edges follow the same rules as the tables of the other form (emit.cc), but no import is linked
// before the app runs, so all of them have edges.
#include "bundler/modules.h"

#include <utility>

#include "bundler/native_addons.h"
#include "bundler/virtual_path.h"
#include "support/json.h"

namespace kiln {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsImport(const Edge& edge) {
  return edge.kind == RefKind::kImport || edge.kind == RefKind::kDynamicImport;
}

// Whether the `require` of this edge is one that the module cannot have: in an ES module it is a
// variable that nothing defines.
bool IsUndefinedRequire(const Module& module, const Edge& edge) {
  return module.format == ModuleFormat::kEsm && edge.kind == RefKind::kRequire &&
         !module.scan.declares_require && !module.commonjs_variables;
}

// The numbers of the modules that each start loads.
std::vector<bool> LoadedAtStart(const Graph& graph) {
  std::vector<bool> loaded(graph.modules().size());
  std::vector<size_t> queue = {0};
  loaded[0] = true;
  while (!queue.empty()) {
    const Module& module = graph.modules()[queue.back()];
    queue.pop_back();
    if (module.excluded) continue;
    for (const Edge& edge : module.edges) {
      if (!edge.at_start || edge.to != Edge::To::kModule || IsUndefinedRequire(module, edge))
        continue;
      if (loaded[edge.module]) continue;
      loaded[edge.module] = true;
      queue.push_back(edge.module);
    }
  }
  return loaded;
}

class ModuleTaker {
 public:
  ModuleTaker(Graph& graph, const std::string& root, bool source_map)
      : graph_(graph), root_(root), with_map_(source_map), at_start_(LoadedAtStart(graph)) {}

  std::vector<BundledModule> Run() {
    std::vector<BundledModule> modules;
    modules.reserve(graph_.modules().size());
    // The edges first: they look at other modules, whose texts are moved out afterwards.
    for (size_t i = 0; i < graph_.modules().size(); ++i) {
      const Module& module = graph_.modules()[i];
      BundledModule& out = modules.emplace_back();
      out.path = VirtualPath(module.path, root_);
      if (module.excluded) continue;
      out.kind = KindOf(module.format);
      out.at_start = at_start_[i];
      out.speculative = module.speculative;
      out.own = !InNodeModules(module.path);
      AddEdges(module, out);
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
    }
    return BundledModule::Kind::kNone;
  }

  void AddEdges(const Module& module, BundledModule& out) {
    for (const Edge& edge : module.edges) {
      if (IsUndefinedRequire(module, edge)) continue;
      BundledEdge bundled;
      bundled.import = IsImport(edge);
      bundled.specifier = edge.specifier;
      if (edge.evaluated && bundled.specifier.starts_with('/')) {
        if (!bundled.specifier.starts_with(root_ + "/")) continue;
        bundled.specifier = VirtualPath(bundled.specifier, root_);
      }
      switch (edge.to) {
        case Edge::To::kModule:
          if (graph_.modules()[edge.module].excluded) continue;
          bundled.module = edge.module;
          break;
        case Edge::To::kBuiltin:
          // A require of a builtin by its own name is left to Node's loader.
          if (module.format == ModuleFormat::kCommonJs && !bundled.import &&
              !BuiltinNameOf(edge.specifier).empty())
            continue;
          bundled.to = BundledEdge::To::kBuiltin;
          bundled.text = edge.builtin;
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

  void TakeText(Module& module, BundledModule& out) {
    bool translated = !module.translated.empty();
    if (with_map_ && translated) out.source_map = MapOf(module, out.path);
    out.source = std::move(translated ? module.translated : module.source);
    if (out.source.starts_with(kByteOrderMark)) out.source.erase(0, kByteOrderMark.size());
  }

  // esbuild's map with the virtual path. The user's own files include their text, which Node prints
  // with an uncaught error.
  std::string MapOf(const Module& module, const std::string& path) {
    auto json = Json::Parse(module.translated_map);
    if (!json.ok() || !json->is_object()) return {};
    json->Set("sources", Json::Array().Push(path));
    json->Set("sourcesContent",
              Json::Array().Push(InNodeModules(module.path) ? Json() : Json(module.source)));
    return json->Write();
  }

  Graph& graph_;
  std::string root_;
  bool with_map_;
  std::vector<bool> at_start_;
};

}  // namespace

std::vector<BundledModule> TakeModules(Graph& graph, const std::string& root, bool source_map) {
  return ModuleTaker(graph, root, source_map).Run();
}

}  // namespace kiln
