// SIGUSR1 opens the port of the inspector.
#pragma once

#include "runtime-stub/command_line/options.h"
#include "runtime-stub/payload/payload.h"

namespace kiln::runtime::inspector {

class Agent;

// Whether the signal may do so. In an app only if it was built with --inspect: otherwise nobody but the
// app decides.
bool AttachBySignal(const RunOptions& options, const Payload* payload);

// From now on the signal opens the port of the main thread's agent. Once per process.
void StartOnSignal(Agent& agent);

}  // namespace kiln::runtime::inspector
