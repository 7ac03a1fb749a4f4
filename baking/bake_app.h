// Bakes an app: observes it, judges its modules, and takes a snapshot in which the baked ones are
// evaluated. What turns out to be impossible in such a trial is deferred, and the trial repeated.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "baking/verdicts.h"
#include "snapshot/take.h"
#include "support/result.h"

namespace kiln {

struct BakedApp {
  Verdicts verdicts;
  // Nothing if no module is baked.
  std::optional<Snapshot> snapshot;
  // Then, for the ordinary snapshot (BakePlan::training): the functions that the app has called when it was
  // observed; empty if it was not observed.
  std::string training;
  std::string guards;    // lines, for AssemblePayload
  std::string given_up;  // why nothing is baked although modules could be; usually empty
  // In the app's own order: [the first loads or imports the second], and the modules that something
  // loads.
  std::vector<std::pair<int, int>> loads;
  std::set<int> evaluated;
};

// The processes of a baking; the destructor ends them.
class AppBaking {
 public:
  // Starts the first run, so that other work can be done meanwhile. `input` and `modules`, in the order of
  // their numbers, are borrowed until Finish. An Error if the runtime cannot be run.
  static Result<AppBaking> Begin(const BakeInput& input, const std::vector<ModuleFacts>& modules);
  AppBaking(AppBaking&& other) noexcept;
  AppBaking& operator=(AppBaking&& other) noexcept;
  ~AppBaking();
  // Decides which modules are baked, and starts to take their snapshot if there is a processor for it. Returns
  // whether there are any. Baking never fails because of the app: if that crashes the observed runtime, nothing is
  // baked. An Error as above. REQUIRES: called once.
  Result<bool> Decide();
  // Awaits the snapshot. In the end there may be none although Decide has returned true. REQUIRES: called once,
  // after Decide.
  Result<BakedApp> Finish();

 private:
  class Impl;
  AppBaking(const BakeInput& input, const std::vector<ModuleFacts>& modules);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln
