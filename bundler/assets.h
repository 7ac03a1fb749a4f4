// Chooses the files that are embedded in the executable in addition to the script.
//
// Always: files and folders that code names by a path made from its own location, JSON modules, the
// files of modules that are translated (unless --minify hides them),
// package.json of every package that has a module in the bundle, and files that the user names with
// --asset. Where a path cannot be determined, the data files of that package. The programs that
// computed names and paths may mean are among Graph::wanted_files (computed_names.cc). The build
// report lists the files of the last two rules.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bundler/graph.h"

namespace kiln {

// Returns absolute paths on disk of regular files, sorted, each once. Adds lines to the graph's
// report: which data files it embedded for a path that cannot be determined, or left out because
// they are too large (32 MiB of the app's own). A pattern of options.assets without a match
// is a warning; the only Error is an empty pattern. REQUIRES: graph.Crawl has succeeded, and
// modules that esbuild refused are marked as excluded.
Result<std::vector<std::string>> ChooseAssets(Graph& graph, const BundleOptions& options,
                                              Diagnostics& diagnostics);

}  // namespace kiln
