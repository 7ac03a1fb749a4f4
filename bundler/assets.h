// Chooses the files that go into the executable beside the script.
//
// Sure: files and folders that code names by a path made of its own place, JSON modules,
// package.json of every package that has a module in the bundle, and what the user asks for
// with --asset. Where a path cannot be known, the data files of that package; where a
// module's name is computed, its program files too. Each choice that is not sure is told
// in the report.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bundler/graph.h"

namespace kiln {

// Absolute paths on disk, sorted; lines for the report are added to the graph's.
Result<std::vector<std::string>> ChooseAssets(Graph& graph, const BundleOptions& options,
                                              Diagnostics& diagnostics);

}  // namespace kiln
