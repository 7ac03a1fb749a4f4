// Creates the `process` object that the library's bootstrap extends, and process.env.
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// An instance of a native function named `process` with version, versions, arch, platform, release,
// _rawDebug and the exit-info array. The library adds all other properties.
v8::Local<v8::Object> MakeProcessObject(Env& env);

// process.env: an object whose properties are the environment variables. Each access reads or
// writes the environment of the process.
v8::Local<v8::Object> MakeEnvProxy(Env& env);

}  // namespace kiln::runtime
