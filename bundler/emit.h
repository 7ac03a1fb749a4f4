// Makes the script and its source map from the translated modules.
#pragma once

#include <string>
#include <vector>

#include "bundler/graph.h"
#include "bundler/link_esm.h"

namespace kiln {

struct TranslatedModule {
  std::string code;  // of a CommonJS module: the body of its function
  std::string map;
};

struct EmittedScript {
  std::string script;
  std::string source_map;
};

// `translated` has an entry for each of the graph's modules, empty where it is not
// CommonJS.
EmittedScript EmitScript(Graph& graph, const std::vector<TranslatedModule>& translated,
                         const LinkedEsm& linked_esm, const std::string& root, bool source_map);

}  // namespace kiln
