// Makes the script and its source map from the translated modules.
#pragma once

#include <string>
#include <vector>

#include "bundler/graph.h"
#include "bundler/link_esm.h"

namespace kiln {

// What esbuild made of one module, in ASCII; the map is JSON, or "" if none is wanted.
struct TranslatedModule {
  std::string code;  // of a CommonJS module: the body of its function
  std::string map;
};

// The script is in ASCII and contains virtual paths only. The map is an index map (with "sections":
// one per CommonJS module and one for the linked ES modules), "" if none is wanted; it contains the
// text of the app's own files, not that of packages.
struct EmittedScript {
  std::string script;
  std::string source_map;
};

// `translated` has an entry for each of the graph's modules, empty where it is not
// CommonJS. `root` is the folder on disk, absolute, that becomes /kiln; all modules are below it.
// Modules are numbered as in the graph, 0 being the entry; the numbers are also the arguments of
// __kiln.require (runtime-stub/library/js/internal/kiln/bundle.js). Cannot fail: a module map that
// cannot be parsed is omitted.
EmittedScript EmitScript(Graph& graph, const std::vector<TranslatedModule>& translated,
                         const LinkedEsm& linked_esm, const std::string& root, bool source_map);

}  // namespace kiln
