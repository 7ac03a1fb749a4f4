// The `process` object before the library is there, and process.env.
#pragma once

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// An instance of a native function named `process` with version, versions, arch, platform,
// release, _rawDebug and the exit-info array; everything else is added by the library.
v8::Local<v8::Object> MakeProcessObject(Env& env);

// process.env: an object whose properties are the environment, read and written in place.
v8::Local<v8::Object> MakeEnvProxy(Env& env);

}  // namespace kiln::runtime
