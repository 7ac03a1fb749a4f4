// Links the prebuilt runtime with lld inside this process, by the target's stub.rsp
// (targets/README.md), in which it replaces the placeholders for ICU data and components. The
// runtime gets its app afterwards (compiler/linked_runtime.h, snapshot/attach.h).
#pragma once

#include <string>

#include "compiler/installation.h"
#include "support/result.h"

namespace kiln {

// Links the parts that `runtime` chooses, without an app, and writes the executable to the empty
// file `fd`, which stays the caller's. Not thread-safe (see lld.h).
Result<> LinkRuntime(const TargetFiles& files, const Runtime& runtime, int fd);

// The same into an empty file that exists.
Result<> LinkRuntime(const TargetFiles& files, const Runtime& runtime, const std::string& file);

// Links the stub: the runtime with everything, which takes snapshots. It has all components and the
// ICU data of every Intl; the payload names those to use. Part of building Kiln itself (`kiln
// link-stub`). `output` is absolute, in a folder that exists, and gets its name when it is complete.
Result<> LinkStub(const TargetFiles& files, const std::string& output);

}  // namespace kiln
