// The event loop of an Env, from its connection with the platform to the events before the end.
// All on the Env's thread, with its isolate entered.
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Connects the platform's main-thread tasks with the loop. Once, before the loop runs.
void AttachPlatform(Env& env);

// After the loop has closed all handles, at the end of a worker.
void FreePlatformHandles(Env& env);

// One part of RunLoop: until the loop has nothing to wait for, and beforeExit. True when
// there is more to do after all.
bool TurnLoop(Env& env);

// Runs until nothing is left to do: loop, platform tasks, beforeExit. Then emits exit.
// Returns the process's exit code.
int RunLoop(Env& env);

}  // namespace kiln::runtime
