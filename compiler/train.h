// Training: an executable is run while the app is built, to learn which functions run. Only these
// are compiled in the snapshots of the final one (docs/training.md).
#pragma once

#include <functional>
#include <string>

#include "compiler/options.h"
#include "compiler/progress.h"
#include "snapshot/training.h"
#include "support/diagnostics.h"
#include "support/result.h"

namespace kiln {

// Writes an executable to `path`, whose payload is that of ForTraining(…, folder).
using WriteExecutable = std::function<Result<>(const std::string& path, const std::string& folder)>;

// Makes all runs of --train and --train-script with an executable beside `output`, which is removed
// afterwards, in Kiln's own working directory and environment. An Error if a run ends by a signal or
// does not end in time, or if nothing is recorded. Another exit status than 0 is a warning.
Result<TrainingProfile> Train(const Options& options, const std::string& output,
                              const WriteExecutable& write, Diagnostics& diagnostics,
                              Progress& progress);

}  // namespace kiln
