// From an entry file to an executable.
#pragma once

#include "compiler/link.h"
#include "compiler/options.h"
#include "compiler/progress.h"
#include "support/diagnostics.h"
#include "support/result.h"

namespace kiln {

// Adds problems in the app's files and warnings to `diagnostics`; the Error names the step that
// failed. Each step reports its begin and its result to `progress`.
Result<Executable> Build(const Options& options, Diagnostics& diagnostics, Progress& progress);

// Does the same for an executable in the user's cache, and uses the existing one if it was made
// from the same bundle by the same Kiln (its size is then 0 in the result).
Result<Executable> BuildCached(const Options& options, Diagnostics& diagnostics,
                               Progress& progress);

}  // namespace kiln
