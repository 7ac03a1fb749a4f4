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
  // Then: the one for all starts, in which the functions are compiled that the app has called when it
  // was observed; nothing if it was not observed.
  std::optional<Snapshot> compiled;
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
  // Baking never fails because of the app: if that crashes the observed runtime, nothing is baked. An
  // Error as above. REQUIRES: called at most once.
  Result<BakedApp> Finish();

 private:
  class Impl;
  AppBaking(const BakeInput& input, const std::vector<ModuleFacts>& modules);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln
