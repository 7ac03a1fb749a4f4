// Takes the snapshot of an app: runs the target's own runtime on the payload's image and reads the
// heap that it wrote.
#pragma once

#include <string>
#include <string_view>

#include "snapshot/payload.h"
#include "support/diagnostics.h"
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

// `stub` is the executable of the runtime that the app will be linked with. Its output on stderr
// goes to `diagnostics`, as warnings if it succeeds. It runs in an empty folder with a fixed
// environment, so that the heap does not depend on the machine.
Result<Snapshot> TakeSnapshot(std::string_view image, const std::string& stub, const Target& target,
                              Diagnostics& diagnostics);

}  // namespace kiln
