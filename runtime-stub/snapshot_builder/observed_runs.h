// `kiln-stub --kiln-observe IMAGE RUN CODE`: boots the library, compiles the app and does what all observed runs
// begin with. Then it is told on stdin which runs to make, and each is a copy (fork) of the process, so that
// this work is done once. A run has the number N that the compiler gives it:
//   run N   reads the plan RUN-N-plan (snapshot/take.h has its lines) and writes the record of the run
//           (observer.h) to RUN-N-record
//   end N   ends the run
// When a run has ended, "N STATUS" is written to stdout: its exit code or the signal that ended it; 0 means that
// the record is complete. At the end of stdin it ends itself and all runs.
//
// A run sees a stdin that is empty, and what it writes to stdout or stderr is written to the stderr of the process.
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// `run_path`: RUN. Returns the exit code. REQUIRES: the library was booted with an observer, V8 has no threads.
int ServeObservedRuns(Env& env, const char* run_path);

}  // namespace kiln::runtime
