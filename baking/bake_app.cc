#include "baking/bake_app.h"

#include <utility>

namespace kiln {
namespace {

using Cause = Deferral::Cause;

// Each trial defers at least one module more than the one before.
constexpr int kTrials = 25;

// What baked modules do when they are evaluated before the deferred ones must not be more than what
// was observed in the app's own order: a library's value that another module had read before, for
// instance. Adds those that do more to `refused`.
bool RefuseWhatReadsMore(const Observation& trial, const Verdicts& verdicts,
                         const std::vector<ModuleFacts>& modules,
                         std::map<int, Deferral>& refused) {
  bool found = false;
  for (const Report& report : trial.reports) {
    if (!verdicts.baked.contains(report.module)) continue;
    std::string guard;
    if (GuardOf(report, modules[size_t(report.module)], &guard) && verdicts.guards.contains(guard))
      continue;
    found |=
        refused.emplace(report.module, Deferral{report.act ? Cause::kAct : Cause::kRead, report})
            .second;
  }
  return found;
}

constexpr char kCrashed[] = "the observed app ended early";

// Nothing if the runtime ended before it had written the record.
Result<std::optional<Observation>> Observe(std::string_view image, const std::string& stub,
                                           const Target& target, const BakePlan& plan,
                                           const std::vector<ModuleFacts>& modules) {
  TRY(std::optional<std::string> record, ObserveApp(image, stub, target, plan));
  if (!record) return {std::optional<Observation>()};
  TRY(Observation observation, ParseObservation(*record, int(modules.size())));
  return {std::move(observation)};
}

std::string Lines(const std::set<std::string>& guards) {
  std::string text;
  for (const std::string& guard : guards) text += guard + "\n";
  return text;
}

}  // namespace

Result<BakedApp> BakeApp(std::string_view image, const std::string& stub, const Target& target,
                         const std::vector<ModuleFacts>& modules) {
  BakedApp app;
  TRY(auto observed,
      Observe(image, stub, target, {.environment = EnvironmentOf(modules)}, modules));
  if (!observed) {
    app.given_up = kCrashed;
    return app;
  }
  const Observation& observation = *observed;
  app.loads = observation.requires_;
  for (auto [from, to] : app.loads) app.evaluated.insert(to);
  std::map<int, Deferral> refused;
  for (int trial = 0; trial < kTrials; ++trial) {
    app.verdicts = Judge(observation, modules, refused);
    if (app.verdicts.plan.order.empty()) return app;

    TRY(auto after, Observe(image, stub, target, app.verdicts.plan, modules));
    if (!after) {
      app.given_up = kCrashed;
      return app;
    }
    if (RefuseWhatReadsMore(*after, app.verdicts, modules, refused)) continue;

    TRY(auto taken, TakeBakedSnapshot(image, stub, target, app.verdicts.plan));
    if (auto* snapshot = std::get_if<Snapshot>(&taken)) {
      app.snapshot = std::move(*snapshot);
      app.guards = Lines(app.verdicts.guards);
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

}  // namespace kiln
