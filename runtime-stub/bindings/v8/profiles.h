// CPU and heap profiles of a thread, as JSON for the browser's developer tools. On the Env's thread.
#pragma once

#include <v8-profiler.h>

#include <string>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Several CPU profiles can run at a time.
Result<v8::ProfilerId> StartCpuProfile(Env& env);
Result<std::string> StopCpuProfile(Env& env, v8::ProfilerId id);

// One heap profile can run: samples of what is allocated and still alive at its end. Starting returns
// an id without a meaning.
Result<v8::ProfilerId> StartHeapProfile(Env& env);
Result<std::string> StopHeapProfile(Env& env);

}  // namespace kiln::runtime
