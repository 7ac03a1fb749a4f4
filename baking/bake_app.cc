#include "baking/bake_app.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "baking/differences.h"
#include "baking/uncertain_changes.h"

namespace kiln {
namespace {

using Cause = Deferral::Cause;

// Each trial defers at least one module more than the one before.
constexpr int kTrials = 40;
// After so many trials with differences all modules that differ are deferred, and not only the first.
constexpr int kSingleTrials = 6;

// What baked modules do when they are evaluated before the deferred ones must not be more than what
// was observed in the app's own order: a library's value that another module had read before, for
// instance. Adds those that do more to `refused`.
bool RefuseWhatReadsMore(const Observation& trial, const Verdicts& verdicts,
                         const std::vector<ModuleFacts>& modules,
                         std::map<int, Deferral>& refused) {
  bool found = false;
  for (const Report& report : trial.reports) {
    if (!verdicts.baked.contains(report.module)) continue;
    auto guards = GuardsOf(report, modules);
    if (guards && std::all_of(guards->begin(), guards->end(), [&](const std::string& guard) {
          return verdicts.guards.contains(guard);
        }))
      continue;
    if (!report.act && modules[size_t(report.module)].trusted) continue;
    found |=
        refused.emplace(report.module, Deferral{report.act ? Cause::kAct : Cause::kRead, report})
            .second;
  }
  return found;
}

bool Refuse(const std::vector<Touch>& touches, std::map<int, Deferral>& refused) {
  bool found = false;
  for (const Touch& touch : touches) {
    Deferral deferral = {.cause = touch.kind == Touch::Kind::kUses    ? Cause::kUses
                                  : touch.kind == Touch::Kind::kKeeps ? Cause::kKeeps
                                                                      : Cause::kLoads,
                         .other = touch.other};
    if (touch.kind == Touch::Kind::kUses) deferral.report.place = touch.place;
    found |= refused.emplace(touch.module, std::move(deferral)).second;
  }
  return found;
}

// A BakePlan::training: what a start calls as far as an observed one has shown.
std::string ObservedCalls(const Observation& observed) { return "*observed\t\n" + observed.ran; }

const ObservedRun kInOrder = {.calls = true};  // the app's own order
ObservedRun BakedFirst(const Verdicts& verdicts) { return {.plan = verdicts.plan, .calls = true}; }

// The observed processes, and what they have found.
class Runs {
 public:
  Runs(const BakeInput& input, const std::vector<ModuleFacts>& modules)
      : input_(input), modules_(modules) {}

  // Starts a run whose result Observe is asked for later.
  Result<Ok> Start(ObservedRun run) {
    run.plan.environment = EnvironmentOf(modules_);
    if (FindStarted(run) != started_.end()) return {};
    TRY(BakingProcess process, BakingProcess::Observe(input_, run, runtimes_));
    started_.emplace_back(std::move(run), std::move(process));
    return {};
  }
  // Ends what was started for a plan that is not tried. What is watched in the app's own order depends on
  // no plan.
  void ForgetStarted() {
    std::erase_if(started_, [](const auto& started) { return !started.first.plan.order.empty(); });
    taking_.reset();
  }

  // An Error, with crashed(), if the runtime ended before it had written the record.
  Result<Observation> Observe(ObservedRun run) {
    run.plan.environment = EnvironmentOf(modules_);
    std::optional<BakingProcess> process;
    if (auto found = FindStarted(run); found != started_.end()) {
      process = std::move(found->second);
      started_.erase(found);
    } else {
      TRY(process, BakingProcess::Observe(input_, run, runtimes_));
    }
    // If one result is known, the others probably are.
    if (process->is_known()) processes_ = 1;
    std::optional<std::string> record = process->FinishObserving();
    if (record) return ParseObservation(*record, int(modules_.size()));
    crashed_ = true;
    return Error{"The observed app ended early"};
  }
  bool crashed() const { return crashed_; }

  // Evaluates the baked modules alone, and refuses those that use deferred ones. Most are found
  // together, but a module that was given up may have left others in another state. It is done in
  // another environment, for RefuseWorlds.
  Result<bool> RefuseTouches(const Verdicts& verdicts, std::map<int, Deferral>& refused) {
    TRY(alone_, Observe(AloneIn(verdicts)));
    return Refuse(alone_->touches, refused);
  }

  // Refuses modules that change what deferred ones have read, or may have. The run in the app's order
  // is repeated for what was not watched before. Returns whether a module was refused.
  Result<bool> RefuseEarlyChanges(const Observation& in_order, const Verdicts& verdicts,
                                  std::map<int, Deferral>& refused) {
    if (watching_) TRY_OK(Watch(in_order, *std::exchange(watching_, {})));
    TRY_OK(Watch(in_order, RunToWatch(in_order, verdicts, false)));
    // Own changes are few, so the next run usually is not in vain.
    TRY_OK(StartBakedFirst(verdicts));
    TRY_OK(Watch(in_order, RunToWatch(in_order, verdicts, true)));
    return RefuseWhatChangesTooEarly(watched_, verdicts, NamesOfSurface(in_order), modules_,
                                     refused);
  }

  // Start what will be asked for in a later step, if there is a processor for it.
  Result<Ok> StartWatching(const Observation& in_order, const Verdicts& verdicts) {
    if (processes_ < 2 || watching_) return {};
    ObservedRun run = RunToWatch(in_order, verdicts, false);
    if (IsEmpty(run)) return {};
    watching_ = run;
    return Start(std::move(run));
  }
  Result<Ok> StartBakedFirst(const Verdicts& verdicts) {
    return processes_ < 2 ? Result<Ok>() : Start(BakedFirst(verdicts));
  }
  // The functions that are compiled in the snapshot are not known yet.
  Result<Ok> StartTaking(const BakePlan& plan) {
    if (processes_ < 2) return {};
    TRY(taking_, BakingProcess::BeginSnapshot(input_, plan));
    return {};
  }
  Result<Ok> GoOnTaking(const BakePlan& plan) {
    return taking_ ? taking_->Continue(plan) : Result<Ok>();
  }

  // Refuses modules if anything but noise differs between the two orders.
  Result<bool> RefuseDifferences(const Observation& in_order, const Observation& baked_first,
                                 const Verdicts& verdicts, std::map<int, Deferral>& refused) {
    Differences differences = CompareRuns(in_order, baked_first, verdicts, {});
    if (!differences.any()) return false;
    if (!again_) {
      TRY(again_, Observe({.repetition = 1}));
    }
    Differences noise = CompareRuns(in_order, *again_, verdicts, {});
    differences = CompareRuns(in_order, baked_first, verdicts, noise);
    if (!differences.any()) return false;
    TRY(bool found, RefuseDeepChanges(differences, in_order, verdicts, refused));
    if (found) return true;
    RefuseForDifferences(differences, in_order, verdicts, modules_,
                         ++differing_trials_ > kSingleTrials, refused);
    return true;
  }

  // Refuses modules that change objects which only those properties of the surface lead to that differ, when a
  // deferred module may have read them already. Which these are is not known before something differs, and
  // comparing what all properties lead to at each module would be slow.
  Result<bool> RefuseDeepChanges(const Differences& differences, const Observation& in_order,
                                 const Verdicts& verdicts, std::map<int, Deferral>& refused) {
    ObservedRun run;
    run.deep = run.watches_only = true;
    std::map<int, std::string> names;
    for (const SurfaceChange& change : in_order.end.surface)
      if (std::ranges::count(differences.surface, NameOf(change)) > 0 &&
          names.emplace(change.number, NameOf(change)).second)
        run.surface.push_back(change.number);
    if (run.surface.empty()) return false;
    TRY(Observation found, Observe(run));
    return RefuseWhatChangesTooEarly(found, verdicts, names, modules_, refused);
  }

  // Takes the snapshot with the modules of the plan.
  Result<std::variant<Snapshot, BakeFailure>> Take(const BakePlan& plan) {
    if (!taking_) {
      TRY(taking_, BakingProcess::TakeSnapshot(input_, plan));
    }
    auto taken = taking_->FinishTaking();
    taking_.reset();
    return taken;
  }

  // Refuses local guards if their modules leave traces in others, so that not only they must be evaluated
  // at start.
  Result<bool> RefuseLocalGuards(const Observation& in_order, const Observation& baked_first,
                                 const Verdicts& verdicts, std::map<int, Deferral>& refused) {
    if (verdicts.local.empty()) return false;
    TRY(Observation without,
        Observe({.plan = PlanWithoutLocal(in_order, verdicts), .bakes_only = true}));
    if (AreSameWithoutLocal(baked_first.lasting, without.baked)) return false;
    refused.emplace(kNoLocalGuards, Deferral{.cause = Cause::kOrder});
    return true;
  }

  // Refuses modules that depend on the world although they were not seen to read anything.
  // REQUIRES: the last RefuseTouches was for these verdicts.
  bool RefuseWorlds(const Observation& baked_first, const Verdicts& verdicts,
                    std::map<int, Deferral>& refused) {
    bool found = false;
    for (int module : CompareBaked(baked_first, *alone_)) {
      if (!verdicts.baked.contains(module) || modules_[size_t(module)].trusted) continue;
      found |= refused
                   .emplace(module, Deferral{.cause = Cause::kOrder,
                                             .text = "depends on the environment, without a read "
                                                     "that Kiln has noticed",
                                             .asks = true})
                   .second;
    }
    return found;
  }

 private:
  using Started = std::vector<std::pair<ObservedRun, BakingProcess>>;

  Started::iterator FindStarted(const ObservedRun& run) {
    return std::find_if(started_.begin(), started_.end(),
                        [&](const auto& started) { return started.first == run; });
  }

  static ObservedRun AloneIn(const Verdicts& verdicts) {
    return {.plan = verdicts.plan, .bakes_only = true, .other_world = true};
  }

  static std::map<int, std::string> NamesOfSurface(const Observation& in_order) {
    std::map<int, std::string> names;
    for (const SurfaceChange& change : in_order.end.surface)
      if (change.key != "mainModule") names.emplace(change.number, NameOf(change));
    return names;
  }

  // The run for what was not watched before. `own`: only what the module's own code changes, and not
  // what it loads.
  ObservedRun RunToWatch(const Observation& in_order, const Verdicts& verdicts, bool own) const {
    ObservedRun run = {.own_changes = own};
    std::map<int, std::set<int>> own_pairs;
    std::set<int> modules(verdicts.plan.order.begin(), verdicts.plan.order.end());
    for (int module : verdicts.waiting) {
      // Deferred code runs in the midst of these.
      const std::vector<int> inner = LoadedWith(in_order, module);
      modules.insert(inner.begin(), inner.end());
      // What a module loads is not there to be compared before it is evaluated.
      own_pairs[module].insert(inner.begin(), inner.end());
    }
    for (int module : verdicts.plan.order) {
      if (!verdicts.local.contains(module)) continue;
      const std::vector<int> inner = LoadedWith(in_order, module);
      modules.insert(inner.begin(), inner.end());
    }
    for (int module : modules) {
      auto changed = changing_.find(module);
      if (changed == changing_.end()) continue;
      for (int inner : LoadedWith(in_order, module))
        own_pairs[inner].insert(changed->second.begin(), changed->second.end());
    }
    if (own) {
      modules.clear();
      for (const auto& [module, others] : own_pairs) modules.insert(module);
    }
    for (const std::pair<int, int>& pair :
         ModulesToWatch(in_order, verdicts, modules_, own, {modules.begin(), modules.end()}))
      if (!watched_pairs_[own].contains(pair) &&
          (!own || own_pairs[pair.first].contains(pair.second)))
        run.watch.push_back(pair);
    if (again_) run.watches_only = true;
    // Once, and to compare what it leads to.
    if (!again_ || std::ranges::any_of(run.watch, [](const auto& pair) { return pair.second < 0; }))
      for (const auto& [number, name] : NamesOfSurface(in_order)) run.surface.push_back(number);
    return run;
  }

  static bool IsEmpty(const ObservedRun& run) { return run.watch.empty() && run.surface.empty(); }

  // Adds to watched_ what a run of RunToWatch finds; if it does not watch own changes, adds to changing_
  // the modules for which that makes a difference instead.
  Result<Ok> Watch(const Observation& in_order, const ObservedRun& run) {
    const bool own = run.own_changes;
    if (IsEmpty(run)) return {};
    watched_pairs_[own].insert(run.watch.begin(), run.watch.end());
    TRY(Observation found, Observe(run));
    std::vector<std::pair<int, int>> modifies;
    for (const std::pair<int, int>& pair : found.modifies) {
      if (!own && LoadedWith(in_order, pair.first).size() > 1)
        changing_[pair.first].insert(pair.second);
      else
        modifies.push_back(pair);
    }
    found.modifies = {};
    if (!again_) watched_ = again_.emplace(std::move(found));
    watched_.modifies.insert(watched_.modifies.end(), modifies.begin(), modifies.end());
    return {};
  }

  bool crashed_ = false;
  int differing_trials_ = 0;
  std::set<std::pair<int, int>> watched_pairs_[2];  // [1]: for own changes
  // Modules that change others, or load modules that do, and which.
  std::map<int, std::set<int>> changing_;
  std::optional<Observation> again_;  // a second run in the app's order
  std::optional<Observation> alone_;  // of the baked modules alone
  Observation watched_;               // with what was found in all watching runs
  ObservingRuntimes runtimes_;
  Started started_;
  std::optional<ObservedRun>
      watching_;  // the one of them that watches, if its result was not used yet
  std::optional<BakingProcess> taking_;
  // How many processes may run at the same time.
  size_t processes_ = std::thread::hardware_concurrency();
  const BakeInput& input_;
  const std::vector<ModuleFacts>& modules_;
};

}  // namespace

class AppBaking::Impl {
 public:
  Impl(const BakeInput& input, const std::vector<ModuleFacts>& modules)
      : runs_(input, modules), modules_(modules) {}

  Result<Ok> Begin() { return IsObserved() ? runs_.Start(kInOrder) : Result<Ok>(); }

  Result<bool> Decide() {
    if (IsObserved()) {
      auto observation = runs_.Observe(kInOrder);
      if (!observation.ok()) return WithoutCrash(std::move(observation).error());
      observation_ = std::move(*observation);
    }
    app_.loads = observation_.requires_;
    for (auto [from, to] : app_.loads) app_.evaluated.insert(to);
    return WithoutCrash(FindPlan());
  }

  Result<BakedApp> Finish() {
    while (has_plan_) {
      TRY(auto taken, runs_.Take(to_take_));
      if (auto* snapshot = std::get_if<Snapshot>(&taken)) {
        app_.snapshot = std::move(*snapshot);
        app_.guards = LinesOfGuards(app_.verdicts);
        return std::move(app_);
      }
      const BakeFailure& failure = std::get<BakeFailure>(taken);
      if (!app_.verdicts.baked.contains(failure.module)) {
        app_.given_up = failure.reason;
        break;
      }
      refused_.emplace(failure.module,
                       Deferral{.cause = Cause::kNotInHeap, .text = failure.reason});
      TRY_OK(WithoutCrash(FindPlan()));
    }
    runs_.ForgetStarted();
    if (!runs_.crashed() && !observation_.ran.empty()) app_.training = ObservedCalls(observation_);
    return std::move(app_);
  }

 private:
  // Adds what a trial shows to be impossible to refused_.
  enum class Trial { kRefused, kPassed };

  Result<Trial> Try(const Observation& in_order, const Verdicts& verdicts) {
    if (RefuseWhatReadsUncertainChanges(in_order, verdicts, modules_, refused_))
      return Trial::kRefused;
    TRY_OK(runs_.StartWatching(in_order, verdicts));
    TRY(bool uses, runs_.RefuseTouches(verdicts, refused_));
    if (uses) return Trial::kRefused;
    TRY(bool changes, runs_.RefuseEarlyChanges(in_order, verdicts, refused_));
    if (changes) return Trial::kRefused;
    TRY_OK(runs_.StartBakedFirst(verdicts));
    TRY_OK(runs_.StartTaking(verdicts.plan));
    TRY(Observation baked_first, runs_.Observe(BakedFirst(verdicts)));
    if (Refuse(baked_first.touches, refused_)) return Trial::kRefused;
    if (RefuseWhatReadsMore(baked_first, verdicts, modules_, refused_)) return Trial::kRefused;
    if (runs_.RefuseWorlds(baked_first, verdicts, refused_)) return Trial::kRefused;
    // Besides what is compiled because it runs while the snapshot is taken.
    to_take_ = verdicts.plan;
    to_take_.training = ObservedCalls(baked_first);
    TRY_OK(runs_.GoOnTaking(to_take_));
    TRY(bool differs, runs_.RefuseDifferences(in_order, baked_first, verdicts, refused_));
    if (differs) return Trial::kRefused;
    TRY(bool leaves, runs_.RefuseLocalGuards(in_order, baked_first, verdicts, refused_));
    return leaves ? Trial::kRefused : Trial::kPassed;
  }

  // The entry alone is never baked, and a small one calls little that is not compiled.
  bool IsObserved() const {
    constexpr size_t kSmall = 10'000;
    return modules_.size() > 1 || modules_[0].source.size() > kSmall;
  }

  // Makes trials until one passes. Returns whether one has.
  Result<bool> FindPlan() {
    has_plan_ = false;
    for (; trials_ < kTrials; ++trials_) {
      runs_.ForgetStarted();
      app_.verdicts = Judge(observation_, modules_, refused_);
      if (app_.verdicts.plan.order.empty()) return false;
      TRY(Trial result, Try(observation_, app_.verdicts));
      if (result == Trial::kRefused) continue;
      ++trials_;
      return has_plan_ = true;
    }
    app_.given_up = "too many modules cannot be part of a snapshot";
    return false;
  }

  Result<bool> WithoutCrash(Result<bool> result) {
    if (result.ok() || !runs_.crashed()) return result;
    has_plan_ = false;
    app_ = {};
    app_.given_up = "the observed app ended early";
    return false;
  }

  Runs runs_;
  const std::vector<ModuleFacts>& modules_;
  Observation observation_;  // in the app's own order
  BakedApp app_;
  std::map<int, Deferral> refused_;
  int trials_ = 0;
  bool has_plan_ = false;  // the last trial has passed
  BakePlan to_take_;       // of the last trial that has passed
};

AppBaking::AppBaking(const BakeInput& input, const std::vector<ModuleFacts>& modules)
    : impl_(std::make_unique<Impl>(input, modules)) {}
AppBaking::AppBaking(AppBaking&&) noexcept = default;
AppBaking& AppBaking::operator=(AppBaking&&) noexcept = default;
AppBaking::~AppBaking() = default;

Result<AppBaking> AppBaking::Begin(const BakeInput& input,
                                   const std::vector<ModuleFacts>& modules) {
  AppBaking baking(input, modules);
  TRY_OK(baking.impl_->Begin());
  return baking;
}

Result<bool> AppBaking::Decide() { return impl_->Decide(); }

Result<BakedApp> AppBaking::Finish() { return impl_->Finish(); }

}  // namespace kiln
