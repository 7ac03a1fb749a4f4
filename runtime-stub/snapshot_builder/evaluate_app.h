// --evaluate: the app runs while its snapshot is built, and its heap is what the executable
// starts with. Node calls this a user-land snapshot (v8.startupSnapshot).
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Runs the app's function and the loop until nothing is left to do. False when the app did
// not come to rest or its top-level await never settled; that is on stderr then. An
// exception that nobody catches ends the process, as at run time.
bool EvaluateApp(Env& env);

// After the snapshot's serialize callbacks: closes what they closed, and names on stderr
// what V8 cannot write or would not start with. False when there is any.
bool FinishEvaluation(Env& env);

}  // namespace kiln::runtime
