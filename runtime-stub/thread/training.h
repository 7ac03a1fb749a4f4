// A training run: the process of an executable that `kiln build --train` has made only for this. It
// writes which functions it has compiled (library/compiled_functions.h).
#pragma once

#include <string>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// V8's flags for such a process: nothing discards bytecode, or the function that it belongs to.
std::vector<std::string> TrainingFlags();

// From now on the process records, if env.payload says so. Call it in the main thread before any
// JavaScript runs. The process ends itself after kTrainingSeconds (payload_format.h), and when one of
// the signals SIGHUP, SIGINT and SIGTERM would end it, it writes what it has recorded first.
void StartTraining(Env& env);

// Writes the record, at the end of the process. No effect in other processes and threads.
void FinishTraining(Env& env);

}  // namespace kiln::runtime
