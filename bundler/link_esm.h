// Links the graph's ES modules into one strict function, through esbuild.
//
// Modules that the entry imports statically share that function's scope (esbuild's scope hoisting);
// those that are only loaded later (import(), require() from CommonJS) are wrapped and run then.
// For a module that is not an ES module, esbuild receives a small stub that loads it through the
// runtime (runtime-stub/library/js/internal/kiln/bundle.js).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "bundler/graph.h"

namespace kiln {

// The body of the function, still without `function` around it (bundler/emit.h adds it). If
// `empty`, all else is empty too.
struct LinkedEsm {
  std::string code;              // statements, with no import or export left
  std::string head;              // a statement that runs before `code`, or ""
  std::string map;               // source map of `code`, sources relative to the root
  bool top_level_await = false;  // the statements themselves await
  bool empty = true;
};

// `root` is the folder on disk that becomes /kiln. Errors and warnings of esbuild are added to
// `diagnostics`, at places in the user's files; the Error only summarizes them. A graph without ES
// modules to link gives an empty result without calling esbuild. REQUIRES: graph.Crawl has
// succeeded and its transforms are finished.
Result<LinkedEsm> LinkEsm(Graph& graph, Esbuild& esbuild, const std::string& root,
                          const BundleOptions& options, Diagnostics& diagnostics);

}  // namespace kiln
