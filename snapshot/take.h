// Takes the snapshot of an app: runs the target's own runtime on the payload's image and reads the
// heap that it wrote.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "snapshot/payload.h"
#include "support/build_cache.h"
#include "support/diagnostics.h"
#include "support/file.h"
#include "support/process.h"
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

// Which modules of an app are evaluated while its snapshot is taken, by number. `order`: those that
// modules load which are evaluated at start, in the order in which they are loaded. `baked`: these
// and all that they load. Empty for none.
// `shapes` and `below` are for modules that are evaluated at start and loaded by baked ones: what a
// placeholder for their exports must be, and what they would load, in order.
struct BakePlan {
  std::vector<int> order;
  std::vector<int> baked;
  std::vector<std::string> environment = {};  // "NAME=VALUE", in addition to the fixed environment
  std::vector<std::pair<int, int>> shapes = {};
  std::vector<std::pair<int, int>> below = {};
  // Of `baked`: what they may keep in variables, which are set at start. 0: the working directory, 1: the
  // number of processors.
  std::vector<std::pair<int, int>> late = {};
  std::vector<int> local = {};  // of `baked`: an observed run says what it would leave without them
  // Of a TrainingProfile (snapshot/training.h): the functions that are compiled in the heap; empty to
  // leave that to the runtime.
  std::string training = {};

  bool operator==(const BakePlan&) const = default;
};

// What is run to bake an app: `image`, `stub` and `target` as for SnapshotRun. With a cache that has a file, a
// run whose result an earlier build has stored is not repeated.
class BakeInput {
 public:
  BakeInput(std::string_view image, std::string stub, const Target& target)
      : image(image), stub(std::move(stub)), target(target) {}
  // `identity` identifies the stub: a hash of the target's files.
  BakeInput(std::string_view image, std::string stub, const Target& target,
            std::string_view identity, BuildCache& cache);

  const std::string_view image;
  const std::string stub;
  const Target& target;
  BuildCache* const cache = nullptr;
  const Digest key = {};  // of image, stub and target; zeros without a cache
};

// What an observed run does besides observing.
struct ObservedRun {
  BakePlan plan;
  // The run ends when the modules of the plan are evaluated.
  bool bakes_only = false;
  // Which functions the app calls after that is recorded.
  bool calls = false;
  // Another environment, folder, time zone, locale and clock.
  bool other_world = false;
  // The evaluation of the first module is to be watched for changes of the second one's objects.
  std::vector<std::pair<int, int>> watch;
  // Only for changes that are made by the module's own code, and not by modules that it loads.
  bool own_changes = false;
  // What is left in the heap at the end is not recorded.
  bool watches_only = false;
  // Objects of the surface that are watched for changes, by SurfaceChange::number.
  std::vector<int> surface;
  // What their properties lead to is compared, too.
  bool deep = false;
  // Two runs that differ only in this are two runs: neither gets the stored result of the other.
  int repetition = 0;

  bool operator==(const ObservedRun&) const = default;
};

// What an earlier build has stored of a run.
class StoredResult {
 public:
  // `mode` is the option of the runtime.
  StoredResult(const BakeInput& input, const char* mode, const ObservedRun& run);
  // Nothing if it has stored nothing.
  std::optional<std::string> value;
  void Store(const std::string& output);

 private:
  BuildCache* cache_;
  Digest key_ = {};
};

// The builder's process, and its folder with the image and what it writes.
struct SnapshotBuilder {
  // Gives a builder that waits for it the functions that it is to compile, or none.
  Result<> Continue(std::string_view training);

  TempDir folder;
  ChildProcess child;
};

// `stub` is the executable of the runtime that the app will be linked with, `image` the bytes from
// AssembleImage (snapshot/payload.h). Its output on stderr goes to `diagnostics`, as warnings if it
// succeeds and as errors if it fails; the Error then only says how it ended. Problems in the app's
// modules are at a location whose file is the name of the script, a virtual path or its URL, and
// whose column counts UTF-16 units of the bundled text. Output on stdout
// becomes an information. It runs in an empty folder with a fixed environment, so that the heap
// does not depend on the machine.
//
// For a target that this machine cannot run itself, it runs under RunnerFor(target); an Error if
// that program is not installed. With --evaluate the app runs now, so its side effects happen here.
class SnapshotRun {
 public:
  // Returns when the runtime has been started.
  // `training` as in BakePlan.
  static Result<SnapshotRun> Start(std::string_view image, const std::string& stub,
                                   const Target& target, std::string_view training = {});
  // The runtime prepares the app and then waits for Continue.
  static Result<SnapshotRun> StartWaiting(const BakeInput& input);
  // `training` as in BakePlan. With one, the result is stored in the cache of the input, or is the one that an
  // earlier build has stored there.
  // REQUIRES: started by StartWaiting; called once, before Finish.
  Result<> Continue(std::string_view training);
  // Blocks until the runtime has ended, at most 300 seconds; then it is killed, which is an Error.
  // REQUIRES: called at most once. Without it, the destructor ends the runtime.
  Result<Snapshot> Finish(Diagnostics& diagnostics);

 private:
  explicit SnapshotRun(SnapshotBuilder builder) : builder_(std::move(builder)) {}
  SnapshotBuilder builder_;
  const BakeInput* input_ = nullptr;    // of StartWaiting
  std::optional<StoredResult> stored_;  // of Continue with a training
};

// Both steps.
Result<Snapshot> TakeSnapshot(std::string_view image, const std::string& stub, const Target& target,
                              Diagnostics& diagnostics);

// Adds what the builder has said, as warnings.
void ReportMessages(const Snapshot& snapshot, Diagnostics& diagnostics);

// A module whose state cannot be part of a snapshot, -1 if it is not known which, and the reason.
struct BakeFailure {
  int module = -1;
  std::string reason;
};

// A process of the runtime that has booted the library with the app's image, in one of the two environments.
// Each observed run is a copy (fork) of it. The destructor ends it with its runs.
class ObservingRuntime {
 public:
  // Returns when the runtime has been started. An Error if it cannot be run.
  static Result<std::unique_ptr<ObservingRuntime>> Start(
      const BakeInput& input, bool other_world, const std::vector<std::string>& environment);

  // Starts a run and returns its number. An Error if its plan cannot be written.
  Result<int> Begin(const ObservedRun& run);
  // Blocks until the run has ended. Returns its record; nothing if it ended early, after 300 seconds without
  // a word from the runtime, or with the runtime. REQUIRES: called at most once for each run.
  std::optional<std::string> Finish(int number);
  // Ends a run whose record is not needed.
  void End(int number);

 private:
  ObservingRuntime(TempDir folder, ChildProcess child)
      : folder_(std::move(folder)), child_(std::move(child)) {}
  std::string FileOf(int number, std::string_view kind) const;

  TempDir folder_;  // with the image, and the plan and the record of each run
  ChildProcess child_;
  int runs_ = 0;
  std::map<int, bool> ended_;  // the runs that have ended: whether they ended well
  std::string output_;         // of the runtime, after the last complete line
  bool has_ended_ = false;
};

// The processes of a build, which are started when they are first needed.
class ObservingRuntimes {
 public:
  // The one for the run's environment. It lives as long as this object. An Error if it cannot be started.
  Result<ObservingRuntime*> For(const BakeInput& input, const ObservedRun& run);

 private:
  // By ObservedRun::other_world and BakePlan::environment.
  std::map<std::pair<bool, std::vector<std::string>>, std::unique_ptr<ObservingRuntime>> runtimes_;
};

// A run of the runtime on the app's image, in its own process. Several may run at once. The destructor
// ends it.
class BakingProcess {
 public:
  // Both return when the run has been started, or its result is known from an earlier build. `input` and
  // `runtimes` are borrowed until the end. An Error only if the runtime cannot be run.
  // Evaluates the modules of the plan and then the others as at a start. Acts are not performed.
  static Result<BakingProcess> Observe(const BakeInput& input, const ObservedRun& run,
                                       ObservingRuntimes& runtimes);
  // Evaluates the modules of the plan and takes a snapshot.
  static Result<BakingProcess> TakeSnapshot(const BakeInput& input, const BakePlan& plan);
  // The same for a plan whose training is not known yet: Continue() gets it before FinishTaking().
  static Result<BakingProcess> BeginSnapshot(const BakeInput& input, const BakePlan& plan);
  Result<> Continue(const BakePlan& plan);

  // An earlier build has stored the result: there is no process.
  bool is_known() const { return stored_ && stored_->value; }

  // Both block until the process has ended. REQUIRES: one of them is called, once.
  // The record of what the modules did (baking/observation.h); nothing if the runtime ended early.
  std::optional<std::string> FinishObserving();
  // All that goes wrong, also in the app, is a failure.
  Result<std::variant<Snapshot, BakeFailure>> FinishTaking();

 private:
  // A run that is ended if nobody asks for its record.
  class StartedRun {
   public:
    StartedRun() = default;
    StartedRun(ObservingRuntime* runtime, int number) : runtime_(runtime), number_(number) {}
    StartedRun(StartedRun&& other) noexcept;
    StartedRun& operator=(StartedRun&& other) noexcept;
    ~StartedRun();
    std::optional<std::string> Finish();

   private:
    ObservingRuntime* runtime_ = nullptr;
    int number_ = 0;
  };

  explicit BakingProcess(const BakeInput& input) : input_(&input) {}

  const BakeInput* input_;
  std::optional<StoredResult> stored_;
  std::optional<SnapshotBuilder> builder_;  // of a run that takes a snapshot
  StartedRun observed_;
};

}  // namespace kiln
