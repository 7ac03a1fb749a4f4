// --evaluate: the app runs while its snapshot is built, and its heap is what the executable
// starts with. Node calls this a user-land snapshot (v8.startupSnapshot).
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Runs the app's function and then the event loop until nothing is left to do, for a minute at
// most. Returns false, after printing why to stderr, when something kept the loop alive for longer
// or the app's top-level await never settled. An uncaught exception ends the process, as at run
// time.
bool EvaluateApp(Env& env);

// Call it after the snapshot's serialize callbacks. Runs the loop again, so that what they closed
// is closed, and prints to stderr what a snapshot cannot hold. Returns false when there is any.
bool FinishEvaluation(Env& env);

}  // namespace kiln::runtime
