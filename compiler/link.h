// The last step: links the app's object with the prebuilt runtime.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/installation.h"
#include "snapshot/object.h"
#include "support/result.h"

namespace kiln {

// A finished executable on disk. `path` is the output as the caller named it, `size` in bytes (0
// for one from the cache, see build.h).
struct Executable {
  std::string path;
  uint64_t size = 0;
};

// Links with lld inside this process, by the target's stub.rsp (targets/README.md), in which it
// replaces the placeholders for payload, ICU data and components. The output gets its name when it
// is complete; until then, and after an Error, an older file of that name stays. `output` is
// absolute, in a folder that exists; its mode is 0777 less the umask. Nothing else is written to
// disk. Not thread-safe (see lld.h).
Result<Executable> Link(const Object& object, const TargetFiles& files, const Runtime& runtime,
                        const std::string& output);

// Links the stub: the runtime without an app and with everything else, which takes snapshots. It
// has all components and the ICU data of every Intl; the payload names those to use. Part of
// building Kiln itself (`kiln link-stub`). Otherwise as Link.
Result<Executable> LinkStub(const TargetFiles& files, const std::string& output);

}  // namespace kiln
