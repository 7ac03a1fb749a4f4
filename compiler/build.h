// From an entry file to an executable.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/options.h"
#include "compiler/progress.h"
#include "support/diagnostics.h"
#include "support/result.h"

namespace kiln {

// A finished executable on disk. `path` is the output as the caller named it, `size` in bytes (0
// for one from the cache).
struct Executable {
  std::string path;
  uint64_t size = 0;
};

// Builds options.output for options.target. Adds problems in the app's files and warnings to
// `diagnostics`; the Error names the step that failed. If `diagnostics` has errors, it only
// summarizes them. Each step ("bundle", "snapshot", "link") reports its begin and its result to
// `progress`; after an Error the caller calls progress.Abandon().
//
// An unusable output path is reported before any work is done. The output and, with
// SourceMapMode::kExternal, OUTPUT.map are written last; after an Error older files of these names
// stay, except that the executable may be new if writing the map failed. Not thread-safe (see
// link.h).
Result<Executable> Build(const Options& options, Diagnostics& diagnostics, Progress& progress);

// Does the same for an executable in the user's cache, and uses the existing one if it was made
// from the same bundle by the same Kiln (its size is then 0 in the result). options.output is
// ignored: the file is run/NAME-HASH/app in CacheDirectory() (support/file.h), one per real path of
// the entry, and stays there. The bundle is always made again, to compare it. An Error if neither
// HOME nor XDG_CACHE_HOME names a place for the cache.
Result<Executable> BuildCached(const Options& options, Diagnostics& diagnostics,
                               Progress& progress);

}  // namespace kiln
