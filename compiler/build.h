// From an entry file to an executable.
#pragma once

#include "compiler/link.h"
#include "compiler/options.h"
#include "compiler/progress.h"
#include "support/diagnostics.h"
#include "support/result.h"

namespace kiln {

// Problems of the app go to `diagnostics` as well as warnings; the Error says which step
// could not be done. Every step tells `progress` when it begins and what it made.
Result<Executable> Build(const Options& options, Diagnostics& diagnostics, Progress& progress);

// As Build, into the user's cache, where the executable stays for the next time: if the
// bundle is the same, it is not made again.
Result<Executable> BuildCached(const Options& options, Diagnostics& diagnostics,
                               Progress& progress);

}  // namespace kiln
