// The last step: links the app's object with the prebuilt runtime.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/installation.h"
#include "snapshot/object.h"
#include "support/result.h"

namespace kiln {

struct Executable {
  std::string path;
  uint64_t size = 0;
};

// Links with lld inside this process. The output gets its name when it is complete; until then an
// older file of that name stays. Not thread-safe (see lld.h).
Result<Executable> Link(const Object& object, const TargetFiles& files, const Runtime& runtime,
                        const std::string& output);

// Links the stub: the runtime without an app and with everything else, which takes snapshots.
Result<Executable> LinkStub(const TargetFiles& files, const std::string& output);

}  // namespace kiln
