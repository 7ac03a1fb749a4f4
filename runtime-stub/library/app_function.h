// The app's bundle: one function made of the payload's script.
#pragma once

#include "runtime-stub/env/env.h"
#include "runtime-stub/payload/payload.h"

namespace kiln::runtime {

// Compiles the bundle's function into Slot::kAppFunction. False: JavaScript threw.
bool CompileApp(Env& env, const Payload& payload);

}  // namespace kiln::runtime
