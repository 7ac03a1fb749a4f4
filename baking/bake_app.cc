#include "baking/bake_app.h"

#include <algorithm>
#include <utility>

#include "baking/differences.h"

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

// Runs the observed processes.
class Runs {
 public:
  Runs(const BakeInput& input, const std::vector<ModuleFacts>& modules)
      : input_(input), modules_(modules) {}

  // An Error, with crashed(), if the runtime ended before it had written the record.
  Result<Observation> Observe(const ObservedRun& run) {
    ObservedRun with_environment = run;
    with_environment.plan.environment = EnvironmentOf(modules_);
    TRY(std::optional<std::string> record, ObserveApp(input_, with_environment));
    if (record) return ParseObservation(*record, int(modules_.size()));
    crashed_ = true;
    return Error{"The observed app ended early"};
  }
  bool crashed() const { return crashed_; }

  // Refuses modules that use deferred ones while these are not evaluated. Most are found together, but
  // a module that was given up may have left others in another state.
  Result<bool> RefuseTouches(const Verdicts& verdicts, std::map<int, Deferral>& refused) {
    if (verdicts.waiting.empty()) return false;
    TRY(Observation found, Observe({.plan = verdicts.plan, .bakes_only = true}));
    return Refuse(found.touches, refused);
  }

  // Refuses modules that change what deferred ones have read, or may have. The run in the app's order
  // is repeated for what was not watched before. Returns whether a module was refused.
  Result<bool> RefuseEarlyChanges(const Observation& in_order, const Verdicts& verdicts,
                                  std::map<int, Deferral>& refused) {
    std::map<int, std::string> names;
    for (const SurfaceChange& change : in_order.end.surface)
      if (change.key != "mainModule") names.emplace(change.number, NameOf(change));
    TRY_OK(Watch(in_order, ModulesToWatch(in_order, verdicts, verdicts.plan.order), names, false));
    // Which of the modules that were evaluated together?
    std::vector<int> inner;
    auto add_inner = [&](int module) {
      for (int loaded : LoadedWith(in_order, module)) inner.push_back(loaded);
    };
    for (int module : verdicts.plan.order)
      if (changing_.contains(module)) add_inner(module);
    // Deferred modules are evaluated in the midst of these.
    for (int module : verdicts.waiting) add_inner(module);
    for (int module : verdicts.plan.order)
      if (verdicts.local.contains(module)) add_inner(module);
    TRY_OK(Watch(in_order, ModulesToWatch(in_order, verdicts, inner), names, true));
    return RefuseWhatChangesTooEarly(watched_, verdicts, names, modules_, refused);
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
    RefuseForDifferences(differences, in_order, verdicts, modules_,
                         ++differing_trials_ > kSingleTrials, refused);
    return true;
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
  Result<bool> RefuseWorlds(const Observation& baked_first, const Verdicts& verdicts,
                            std::map<int, Deferral>& refused) {
    TRY(Observation other,
        Observe({.plan = verdicts.plan, .bakes_only = true, .other_world = true}));
    bool found = false;
    for (int module : CompareBaked(baked_first, other)) {
      if (!verdicts.baked.contains(module) || modules_[size_t(module)].trusted) continue;
      found |= refused
                   .emplace(module, Deferral{.cause = Cause::kOrder,
                                             .text = "depends on the environment, without a read "
                                                     "that Kiln has noticed"})
                   .second;
    }
    return found;
  }

 private:
  // Adds to watched_ what a run finds about pairs that were not watched. `own`: only what the module's own
  // code changes, and not what it loads; otherwise the modules for which that makes a difference are
  // added to changing_ instead.
  Result<Ok> Watch(const Observation& in_order, const std::vector<std::pair<int, int>>& pairs,
                   const std::map<int, std::string>& names, bool own) {
    ObservedRun run = {.own_changes = own};
    for (const std::pair<int, int>& pair : pairs)
      if (pairs_[own].insert(pair).second) run.watch.push_back(pair);
    if (!again_)
      for (const auto& [number, name] : names) run.surface.push_back(number);
    if (run.watch.empty() && run.surface.empty()) return {};
    TRY(Observation found, Observe(run));
    std::vector<std::pair<int, int>> modifies;
    for (const std::pair<int, int>& pair : found.modifies) {
      if (!own && LoadedWith(in_order, pair.first).size() > 1)
        changing_.insert(pair.first);
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
  std::set<std::pair<int, int>> pairs_[2];  // that were watched, and those of own changes
  std::set<int> changing_;                  // modules that change others, or load modules that do
  std::optional<Observation> again_;        // a second run in the app's order
  Observation watched_;                     // with what was found in all watching runs
  const BakeInput& input_;
  const std::vector<ModuleFacts>& modules_;
};

Result<BakedApp> Bake(Runs& runs, const BakeInput& input, const std::vector<ModuleFacts>& modules) {
  BakedApp app;
  TRY(Observation observation, runs.Observe({}));
  app.loads = observation.requires_;
  for (auto [from, to] : app.loads) app.evaluated.insert(to);
  std::map<int, Deferral> refused;
  for (int trial = 0; trial < kTrials; ++trial) {
    app.verdicts = Judge(observation, modules, refused);
    if (app.verdicts.plan.order.empty()) return app;

    TRY(bool touches, runs.RefuseTouches(app.verdicts, refused));
    if (touches) continue;
    TRY(bool changes, runs.RefuseEarlyChanges(observation, app.verdicts, refused));
    if (changes) continue;
    TRY(Observation after, runs.Observe({.plan = app.verdicts.plan}));
    if (Refuse(after.touches, refused)) continue;
    if (RefuseWhatReadsMore(after, app.verdicts, modules, refused)) continue;
    TRY(bool depends, runs.RefuseWorlds(after, app.verdicts, refused));
    if (depends) continue;
    TRY(bool differs, runs.RefuseDifferences(observation, after, app.verdicts, refused));
    if (differs) continue;
    TRY(bool leaves, runs.RefuseLocalGuards(observation, after, app.verdicts, refused));
    if (leaves) continue;

    TRY(auto taken, TakeBakedSnapshot(input, app.verdicts.plan));
    if (auto* snapshot = std::get_if<Snapshot>(&taken)) {
      app.snapshot = std::move(*snapshot);
      app.guards = LinesOfGuards(app.verdicts);
      return app;
    }
    const BakeFailure& failure = std::get<BakeFailure>(taken);
    if (!app.verdicts.baked.contains(failure.module)) {
      app.given_up = failure.reason;
      return app;
    }
    refused.emplace(failure.module, Deferral{.cause = Cause::kNotInHeap, .text = failure.reason});
  }
  app.given_up = "too many modules cannot be part of a snapshot";
  return app;
}

}  // namespace

Result<BakedApp> BakeApp(const BakeInput& input, const std::vector<ModuleFacts>& modules) {
  Runs runs(input, modules);
  Result<BakedApp> app = Bake(runs, input, modules);
  if (app.ok() || !runs.crashed()) return app;
  BakedApp nothing;
  nothing.given_up = "the observed app ended early";
  return nothing;
}

}  // namespace kiln
