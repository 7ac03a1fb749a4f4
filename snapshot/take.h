// Takes the snapshot of an app: runs the target's own runtime on the payload's image and
// collects the heap it leaves behind.
#pragma once

#include <string>
#include <string_view>

#include "support/diagnostics.h"
#include "support/result.h"
#include "snapshot/payload.h"
#include "targets/target.h"

namespace kiln {

// `stub` is the executable of the runtime that the app will be linked with. What it says
// on stderr goes to `diagnostics`: as warnings if it succeeds. Runs in an empty folder
// with a fixed environment, so that the machine leaves no trace in the heap.
Result<Snapshot> TakeSnapshot(std::string_view image, const std::string& stub, const Target& target,
                              Diagnostics& diagnostics);

}  // namespace kiln
