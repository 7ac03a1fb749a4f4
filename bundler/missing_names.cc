// The part of Graph that reports names of modules that were not found: as an error where Node
// certainly fails at each start, elsewhere as a warning or a line of the build report.
#include <utility>

#include "bundler/graph.h"
#include "support/file.h"

namespace kiln {
namespace {

constexpr const char* kFailsLater = "The app gets Node's error if it runs this code.";

}  // namespace

void Graph::NotFound(size_t index, const ModuleRef& ref, const Resolution& resolution) {
  const Module& module = modules_[index];
  std::string text = "Cannot find \"" + ref.specifier + "\"";
  if (!resolution.reason.empty()) text += ": " + resolution.reason;
  if (ref.in_try) {
    report_.push_back("left to run time: " + ref.specifier + ", which " + Display(module.path) +
                      " tries to load and is not installed");
    return;
  }
  std::string package = PackageNameOf(ref.specifier);
  std::vector<std::string> notes;
  if (!package.empty() && resolution.reason.empty())
    notes.push_back("Install it (npm install " + package + "), or pass --external " + package +
                    " to look for it when the app runs.");
  else if (!package.empty())
    notes.push_back("Pass --external " + package + " to look for it when the app runs.");
  if (options_.link == LinkForm::kModules) {
    // Whether it stops the app from starting is known after the crawl.
    missing_.push_back({index, ref, std::move(text), std::move(notes)});
    return;
  }
  // Packages load optional dependencies inside a function; there Node only fails if the function is
  // called. In a module that is never loaded, too, it is not an error.
  bool lenient = ref.kind == RefKind::kCreateRequire ||
                 (ref.kind != RefKind::kImport && module.scan.declares_require) ||
                 (ref.kind != RefKind::kImport && InNodeModules(module.path) && ref.in_function);
  if (lenient && ref.kind != RefKind::kCreateRequire) notes.push_back(kFailsLater);
  if (ref.kind == RefKind::kCreateRequire && InNodeModules(module.path)) return;
  Problem(module, ref.offset, std::move(text), std::move(notes), !lenient);
}

// Where a module is loaded by import() only, its import() is rejected: programs can catch that.
void Graph::ReportMissing() {
  std::vector<bool> loaded = CertainlyLoaded();
  for (Missing& missing : missing_) {
    const Module& module = modules_[missing.module];
    if (module.speculative) continue;
    bool foreign = missing.ref.kind == RefKind::kRequire && module.scan.foreign_require;
    bool is_error = loaded[missing.module] && !foreign &&
                    (missing.ref.kind == RefKind::kImport || missing.ref.certain);
    if (!is_error && (foreign || InNodeModules(module.path))) {
      Location location = LocationOf(module, missing.ref.offset);
      std::string line = location.line > 0 ? ":" + std::to_string(location.line) : "";
      report_.push_back("left to run time: " + missing.ref.specifier + ", which " + location.file +
                        line + " may load and is not installed");
      continue;
    }
    if (!is_error) missing.notes.push_back(kFailsLater);
    Problem(module, missing.ref.offset, std::move(missing.text), std::move(missing.notes),
            is_error);
  }
}

std::vector<bool> Graph::CertainlyLoaded() const {
  return Reached([](const Edge& edge) { return edge.certain; });
}

void Graph::WarnOfRefusals() {
  for (const Module& module : modules_) {
    if (module.format != ModuleFormat::kEsm || module.speculative || InNodeModules(module.path))
      continue;
    // TypeScript's own compiler makes CommonJS of other TypeScript.
    const PackageJson* package = packages_.ScopeOf(module.path);
    if (!module.is_javascript && ExtensionOf(module.path) != ".mts" &&
        (!package || package->type != "module"))
      continue;
    for (const ImportStatement& statement : module.scan.imports) {
      const Edge* edge = module.Find(statement.specifier, false);
      if (!statement.type.empty() || !edge || edge->to != Edge::To::kModule ||
          modules_[edge->module].format != ModuleFormat::kJson)
        continue;
      Problem(module, statement.start,
              "Node refuses this import of JSON, because its type is missing",
              {"Write: … from \"" + statement.specifier + "\" with { type: \"json\" }"}, false);
    }
    for (const Edge& edge : module.edges)
      if (edge.certain && !edge.in_try && module.IsUndefinedRequire(edge))
        Problem(module, edge.offset,
                "require is not defined in an ES module: this code throws, as under Node",
                {"Use import, or createRequire() of node:module."}, false);
  }
}

}  // namespace kiln
