// The last step: the app's object and the prebuilt runtime become one executable.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/installation.h"
#include "support/result.h"
#include "snapshot/object.h"

namespace kiln {

struct Executable {
  std::string path;
  uint64_t size = 0;
};

// Links with lld inside this process. The output appears complete under its name or not at
// all; what had the name before stays until then.
Result<Executable> Link(const Object& object, const TargetFiles& files, const Runtime& runtime,
                        const std::string& output);

// The same without an app and with everything else: what takes snapshots.
Result<Executable> LinkStub(const TargetFiles& files, const std::string& output);

}  // namespace kiln
