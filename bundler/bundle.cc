// The bundler's own pipeline; each step is in a separate file.
#include "bundler/bundle.h"

#include <algorithm>
#include <set>

#include "bundler/ascii.h"
#include "bundler/assets.h"
#include "bundler/emit.h"
#include "bundler/esbuild.h"
#include "bundler/graph.h"
#include "bundler/link_esm.h"
#include "bundler/modules.h"
#include "bundler/symbolic_links.h"
#include "bundler/virtual_path.h"
#include "support/base64.h"
#include "support/file.h"

namespace kiln {
namespace {

// Possibly a link.
Result<std::string> FindEntry(const BundleOptions& options) {
  std::string directory = options.directory.empty() ? CurrentDirectory() : options.directory;
  std::string path = NormalizePath(JoinPath(directory, options.entry));
  if (IsDirectory(path))
    return Error{"The entry is a folder: " + options.entry}.Note(
        "Name the file that the app starts with.");
  for (const char* extension : {"", ".js", ".ts", ".mjs", ".cjs", ".tsx", ".mts", ".cts"})
    if (IsRegularFile(path + extension)) return path + extension;
  return Error{"There is no entry file " + options.entry}.Note(
      "Relative names start at the working directory.");
}

// Waits for the transforms that Graph started.
Result<std::vector<TranslatedModule>> FinishTransforms(Graph& graph, Esbuild& esbuild,
                                                       Diagnostics& diagnostics) {
  std::vector<TranslatedModule> translated(graph.modules().size());
  for (size_t i = 0; i < graph.modules().size(); ++i) {
    Module& module = graph.modules()[i];
    if (!module.has_transform) continue;
    TRY(TransformOutput output, esbuild.FinishTransform(module.transform));
    if (!output.errors.empty()) module.excluded = true;
    for (EsbuildMessage& message : output.errors)
      if (!module.speculative)
        diagnostics.AddError(message.text, graph.LocationInCode(module, message.location),
                             message.notes);
    if (!InNodeModules(module.path) && !module.speculative && module.translated.empty())
      for (EsbuildMessage& message : output.warnings)
        diagnostics.AddWarning(message.text, graph.LocationInCode(module, message.location),
                               message.notes);
    if (!MakeAscii(output.code)) {
      TRY(output, esbuild.FinishTransform(graph.StartTransform(module, kNoTemplates)));
      MakeAscii(output.code);
    }
    translated[i] = {std::move(output.code), std::move(output.map)};
  }
  if (diagnostics.has_errors()) return Error{"The app has errors"};
  return translated;
}

// For --minify. The new source map is combined with the one that the text already has.
Result<> MinifyLinkedEsm(LinkedEsm& linked_esm, Esbuild& esbuild, bool source_map) {
  if (linked_esm.empty) return {};
  std::string code = linked_esm.code;
  if (source_map)
    code += "\n//# sourceMappingURL=data:application/json;base64," + Base64(linked_esm.map);
  // Inside a function, so that all names may be shortened.
  std::string head = linked_esm.top_level_await ? "(async()=>{" : "(()=>{";
  size_t comment = code.rfind("\n//# sourceMappingURL");
  std::string tail = "\n})()";
  if (comment == std::string::npos || !source_map) {
    code += tail;
  } else {
    code.insert(comment, tail);
  }
  std::vector<std::string> flags = {"--minify",
                                    "--charset=ascii",
                                    "--target=esnext",
                                    "--legal-comments=none",
                                    "--log-limit=0",
                                    "--log-level=silent",
                                    "--loader=js",
                                    "--sourcefile=bundle.js",
                                    "--sources-content=false"};
  if (source_map) flags.push_back("--sourcemap=external");
  TRY(TransformOutput output, esbuild.FinishTransform(esbuild.StartTransform(head + code, flags)));
  if (!output.errors.empty()) return Error{"Cannot minify: " + output.errors[0].text};
  MakeAscii(output.code);
  linked_esm.code = (linked_esm.top_level_await ? "return " : "") + output.code;
  linked_esm.map = std::move(output.map);
  return {};
}

std::vector<EmbeddedFile> ReadFiles(const Graph& graph, const PlacedFiles& placed,
                                    const std::string& root, Diagnostics& diagnostics) {
  std::set<std::string_view> originals;
  for (const Module& module : graph.modules())
    if (!module.excluded && module.format != ModuleFormat::kJson &&
        module.format != ModuleFormat::kWasm)
      originals.insert(module.path);
  std::vector<EmbeddedFile> files;
  for (const auto& [place, path] : placed.files) {
    auto contents = ReadFile(path);
    if (!contents.ok()) {
      diagnostics.Add(contents.error());
      continue;
    }
    files.push_back({VirtualPath(place, root), std::move(*contents),
                     IsExecutable(path) ? 0755u : 0644u, originals.contains(place)});
  }
  for (const auto& [place, target] : placed.links)
    files.push_back({VirtualPath(place, root), target, EmbeddedFile::kLinkMode});
  std::sort(files.begin(), files.end(),
            [](const EmbeddedFile& a, const EmbeddedFile& b) { return a.path < b.path; });
  return files;
}

// Fills the parts of `bundle` that LinkForm::kScope has.
Result<> LinkScope(Graph& graph, Esbuild& esbuild, const std::vector<TranslatedModule>& translated,
                   const std::string& root, const BundleOptions& options, Diagnostics& diagnostics,
                   Bundle& bundle) {
  TRY(LinkedEsm linked_esm, LinkEsm(graph, esbuild, root, options, diagnostics));
  if (options.minify) TRY_OK(MinifyLinkedEsm(linked_esm, esbuild, options.source_map));
  EmittedScript emitted = EmitScript(graph, translated, linked_esm, root, options.source_map);
  bundle.script = std::move(emitted.script);
  bundle.source_map = std::move(emitted.source_map);
  bundle.has_top_level_await = linked_esm.top_level_await;
  return {};
}

}  // namespace

Result<Bundle> BundleEntry(const BundleOptions& options, BuildCache& cache,
                           Diagnostics& diagnostics) {
  TRY(std::string named_entry, FindEntry(options));
  TRY(std::string entry, RealPath(named_entry));
  bool scope = options.link == LinkForm::kScope;
  LazyEsbuild esbuild(options.esbuild);
  if (scope) TRY_OK(esbuild.Get());

  // Read everything that the entry reaches. Afterwards all modules are known and numbered.
  Graph graph(options, esbuild, cache, diagnostics);
  graph.packages().links().insert(named_entry);
  TRY_OK(graph.Crawl(entry));
  std::vector<TranslatedModule> translated;
  if (scope) {
    TRY(translated, FinishTransforms(graph, **esbuild.Get(), diagnostics));
  }

  // Choose the files, which depend on the packages in the bundle.
  TRY(std::vector<std::string> assets, ChooseAssets(graph, options, diagnostics));

  // All inputs are known; they determine the folder that becomes /kiln.
  std::vector<std::string> inputs = assets;
  std::vector<std::string> modules;  // that are files of the executable
  for (const Module& module : graph.modules()) {
    inputs.push_back(module.path);
    if (!scope && !module.excluded) modules.push_back(module.path);
  }
  const PackageJson* package = graph.packages().ScopeOf(entry);
  std::string root = CommonRoot(inputs, package ? package->directory : "");

  Bundle bundle;
  if (scope)
    TRY_OK(LinkScope(graph, **esbuild.Get(), translated, root, options, diagnostics, bundle));
  PlacedFiles placed = PlaceFiles(assets, graph.packages().links(), modules, root);
  for (const std::string& link : placed.left_out)
    graph.report().push_back("not embedded: the link " + graph.Display(link) +
                             ", which leads to nothing that is embedded");
  bundle.files = ReadFiles(graph, placed, root, diagnostics);
  if (diagnostics.has_errors()) return Error{"Files of the app cannot be read"};
  bundle.root = root;
  bundle.entry_path = VirtualPath(entry, root);
  bundle.builtins.assign(graph.builtins().begin(), graph.builtins().end());
  bundle.names_at_run_time = !graph.computed_packages().empty();
  for (const Module& module : graph.modules())
    for (const Edge& edge : module.edges)
      if (edge.to == Edge::To::kRunTime && !module.excluded) bundle.names_at_run_time = true;
  for (const Module& module : graph.modules()) {
    if (module.excluded) continue;
    ++bundle.module_count;
    bundle.source_bytes += module.source.size();
  }
  if (!scope) bundle.modules = TakeModules(graph, root, options.source_map);
  bundle.report = std::move(graph.report());
  return bundle;
}

}  // namespace kiln
