// Bakes an app: observes it, judges its modules, and takes a snapshot in which the baked ones are
// evaluated. What turns out to be impossible in such a trial is deferred, and the trial repeated.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "baking/verdicts.h"
#include "snapshot/take.h"
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

struct BakedApp {
  Verdicts verdicts;
  // Nothing if no module is baked.
  std::optional<Snapshot> snapshot;
  std::string guards;    // lines, for AssemblePayload
  std::string given_up;  // why nothing is baked although modules could be; usually empty
};

// `image` and `stub` as for TakeSnapshot, `modules` in the order of their numbers. Baking never fails
// because of the app: if that crashes the observed runtime, nothing is baked. An Error if the runtime
// cannot be run.
Result<BakedApp> BakeApp(std::string_view image, const std::string& stub, const Target& target,
                         const std::vector<ModuleFacts>& modules);

// The report of `kiln build --explain`: lines about what is baked and, for each module that is not,
// why.
std::vector<std::string> Explain(const BakedApp& app, const std::vector<ModuleFacts>& modules);

}  // namespace kiln
