// Makes the modules of a bundle from the graph, for LinkForm::kModules.
#pragma once

#include <string>
#include <vector>

#include "bundler/bundle.h"
#include "bundler/graph.h"

namespace kiln {

// One for each of the graph's modules, in its order. `root` is the folder on disk, absolute, that
// becomes /kiln; all modules are below it. Moves the modules' texts out of the graph. Maps are
// omitted unless `source_map`; they contain the text of the app's own files, not that of packages.
// Cannot fail: a map that cannot be parsed is omitted.
std::vector<BundledModule> TakeModules(Graph& graph, const std::string& root, bool source_map);

}  // namespace kiln
