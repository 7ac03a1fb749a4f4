// Links the graph's ES modules into one strict function, through esbuild.
//
// Modules that the entry imports statically share that function's scope, as esbuild does
// it; those that something asks for later (import(), require() from CommonJS) are wrapped
// and run when asked. What is not an ES module appears to esbuild as a small stub that
// asks the runtime (runtime-stub/library/js/internal/kiln/bundle.js) for it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "bundler/graph.h"

namespace kiln {

struct LinkedEsm {
  std::string code;              // statements, with no import or export left
  std::string head;              // a statement that runs before `code`, or ""
  std::string map;               // source map of `code`, sources relative to the root
  bool top_level_await = false;  // the statements themselves await
  bool empty = true;
};

// `root` is the real folder that virtual paths begin at.
Result<LinkedEsm> LinkEsm(Graph& graph, Esbuild& esbuild, const std::string& root,
                          const BundleOptions& options, Diagnostics& diagnostics);

}  // namespace kiln
