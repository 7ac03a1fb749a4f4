// The app's bundle: one function made of the payload's script.
#pragma once

#include "runtime-stub/env.h"
#include "runtime-stub/payload.h"

namespace kiln {

// Compiles the bundle's function into Slot::kAppFunction. False: JavaScript threw.
bool CompileApp(Env& env, const Payload& payload);

}  // namespace kiln
