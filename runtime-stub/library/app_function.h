// The app's bundle: one function, compiled from the payload's script.
#pragma once

#include "runtime-stub/env/env.h"
#include "runtime-stub/payload/payload.h"

namespace kiln::runtime {

// Compiles the bundle's function and stores it in Slot::kAppFunction. On the Env's thread. Returns
// false with the exception pending.
bool CompileApp(Env& env, const Payload& payload);

}  // namespace kiln::runtime
