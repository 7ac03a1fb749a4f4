// When code runs is known from the steps of the observed run: that of a CommonJS module from its beginning,
// that of an ES module after all that it imports was evaluated. What a module loads while its own
// code runs is compared with the place of the change in its text.
#include "baking/uncertain_changes.h"

#include <cstddef>
#include <limits>
#include <optional>
#include <set>

namespace kiln {

namespace {

constexpr size_t kNever = std::numeric_limits<size_t>::max();

// Indices of steps.
struct Span {
  size_t begins = kNever, runs = kNever, ends = kNever;
};

std::vector<Span> SpansOf(const Observation& observation, const std::vector<ModuleFacts>& modules) {
  std::vector<Span> spans(modules.size());
  for (size_t i = 0; i < observation.steps.size(); ++i) {
    const Step& step = observation.steps[i];
    if (step.module < 0) continue;
    Span& span = spans[size_t(step.module)];
    if (step.kind == Step::Kind::kBegins && span.begins == kNever) span.begins = i;
    if (step.kind == Step::Kind::kRuns && span.runs == kNever) span.runs = i;
    if (step.kind == Step::Kind::kEnds && span.ends == kNever) span.ends = i;
  }
  for (Span& span : spans)
    if (span.runs == kNever) span.runs = span.begins;
  return spans;
}

void AddEvaluated(const Evaluation& evaluation, std::set<int>& modules) {
  modules.insert(evaluation.module);
  for (const Evaluation& loaded : evaluation.loaded) AddEvaluated(loaded, modules);
}

// What each of the loads of `module` has evaluated, by the module that was loaded.
void FindLoads(const std::vector<Evaluation>& evaluations, int module,
               std::map<int, std::set<int>>& loads) {
  for (const Evaluation& evaluation : evaluations) {
    if (evaluation.module == module)
      for (const Evaluation& loaded : evaluation.loaded) AddEvaluated(loaded, loads[loaded.module]);
    FindLoads(evaluation.loaded, module, loads);
  }
}

// The modules whose texts name `module`, and those that name these, and so on.
std::set<int> DependingOn(int module, const std::vector<std::vector<int>>& named_by) {
  std::set<int> found;
  std::vector<int> open = {module};
  while (!open.empty()) {
    const int next = open.back();
    open.pop_back();
    for (int other : named_by[size_t(next)])
      if (found.insert(other).second) open.push_back(other);
  }
  return found;
}

// The deferred modules whose evaluation may differ between environments: those that ask or do something,
// and those that were deferred because of such a one. Others are deferred because of what they leave.
std::set<int> DifferingModules(const Verdicts& verdicts) {
  using Cause = Deferral::Cause;
  std::set<int> differing;
  for (bool more = true; more;) {
    more = false;
    for (const auto& [module, deferral] : verdicts.deferred) {
      bool differs = false;
      switch (deferral.cause) {
        case Cause::kEntry:
        case Cause::kRead:
        case Cause::kAct:
        case Cause::kAwaits:
        case Cause::kThrew:
        case Cause::kAsked:
          differs = true;
          break;
        case Cause::kLoads:
        case Cause::kUses:
        case Cause::kKeeps:
        case Cause::kOrder:
          differs = deferral.asks || differing.contains(deferral.other);
          break;
        case Cause::kNotInHeap:
          break;
      }
      if (differs) more |= differing.insert(module).second;
    }
  }
  return differing;
}

}  // namespace

bool RefuseWhatReadsUncertainChanges(const Observation& observation, const Verdicts& verdicts,
                                     const std::vector<ModuleFacts>& modules,
                                     std::map<int, Deferral>& refused) {
  const std::vector<Span> spans = SpansOf(observation, modules);
  std::vector<std::vector<int>> named_by(modules.size());
  for (size_t i = 0; i < modules.size(); ++i)
    for (const ModuleFacts::Reference& reference : modules[i].references)
      named_by[size_t(reference.module)].push_back(int(i));
  bool found = false;
  for (int changing : DifferingModules(verdicts)) {
    const ModuleFacts& facts = modules[size_t(changing)];
    const Span& own = spans[size_t(changing)];
    if (!facts.changes || own.runs == kNever) continue;
    const std::vector<ModuleFacts::Change> changes = facts.changes(facts.source);
    if (changes.empty()) continue;
    std::map<int, std::set<int>> loads;
    FindLoads(observation.evaluations, changing, loads);
    for (const ModuleFacts::Change& change : changes) {
      if (!verdicts.baked.contains(change.module)) continue;
      // Evaluated by a load that the text has before the change.
      std::set<int> earlier;
      for (const auto& [loaded, evaluated] : loads)
        if (!change.loaded_later.contains(loaded))
          earlier.insert(evaluated.begin(), evaluated.end());
      for (int reader : DependingOn(change.module, named_by)) {
        const size_t ends = spans[size_t(reader)].ends;
        if (reader == change.module || !verdicts.baked.contains(reader) || ends == kNever ||
            ends < own.runs || earlier.contains(reader))
          continue;
        found |=
            refused
                .emplace(reader, Deferral{.cause = Deferral::Cause::kOrder,
                                          .other = changing,
                                          .text = "may read what " + facts.path + " changes of " +
                                                  modules[size_t(change.module)].path +
                                                  " in some environments"})
                .second;
      }
    }
  }
  return found;
}

}  // namespace kiln
