#include "baking/differences.h"

#include <algorithm>

#include "baking/separate_loads.h"

namespace kiln {
namespace {

using Cause = Deferral::Cause;

bool Refuse(int module, std::string text, std::map<int, Deferral>& refused) {
  return refused.emplace(module, Deferral{.cause = Cause::kOrder, .text = std::move(text)}).second;
}

// What each module loads.
std::multimap<int, int> Loads(const Observation& observation) {
  std::multimap<int, int> loads;
  for (auto [from, to] : observation.requires_)
    if (from >= 0 && to >= 0) loads.emplace(from, to);
  return loads;
}

// All that the modules load, with themselves.
std::set<int> Reachable(const std::multimap<int, int>& loads, const std::vector<int>& from) {
  std::set<int> seen(from.begin(), from.end());
  std::vector<int> queue = from;
  while (!queue.empty()) {
    int module = queue.back();
    queue.pop_back();
    auto [begin, end] = loads.equal_range(module);
    for (auto it = begin; it != end; ++it)
      if (seen.insert(it->second).second) queue.push_back(it->second);
  }
  return seen;
}

const Evaluation* Find(const std::vector<Evaluation>& evaluations, int module) {
  for (const Evaluation& evaluation : evaluations) {
    if (evaluation.module == module) return &evaluation;
    if (const Evaluation* found = Find(evaluation.loaded, module)) return found;
  }
  return nullptr;
}

void Collect(const Evaluation& evaluation, std::vector<int>& modules) {
  modules.push_back(evaluation.module);
  for (const Evaluation& loaded : evaluation.loaded) Collect(loaded, modules);
}

}  // namespace

std::string NameOf(const SurfaceChange& change) {
  if (change.key == "_eventsCount") return change.name + "._events";
  return change.name.starts_with("node:") && change.key.starts_with("variable ")
             ? "a setting of " + change.name
             : change.name + "." + change.key;
}

EvaluationOrder::EvaluationOrder(const Observation& observation, const std::set<int>& baked) {
  struct Open {
    int module;
    bool runs;
  };
  std::vector<Open> open;
  int count = 0;
  for (size_t i = 0; i < observation.steps.size(); ++i) {
    // What ran since the last step is code of the module that was being evaluated.
    if (!open.empty() && open.back().runs && !baked.contains(open.back().module)) count++;
    deferred_parts_.push_back(count);
    const Step& step = observation.steps[i];
    switch (step.kind) {
      case Step::Kind::kBegins:
        open.push_back({step.module, false});
        if (spans_.emplace(step.module, Span{i, i}).second) modules_.push_back(step.module);
        break;
      case Step::Kind::kRuns:
        if (!open.empty()) open.back().runs = true;
        break;
      case Step::Kind::kEnds:
        if (!open.empty()) open.pop_back();
        spans_[step.module].leave = i;
    }
  }
}

bool EvaluationOrder::IsBefore(int module, int other) const {
  auto one = spans_.find(module), two = spans_.find(other);
  return one != spans_.end() && two != spans_.end() && one->second.enter < two->second.enter;
}

bool EvaluationOrder::RunsDeferredBetween(int from, int to) const {
  auto end = spans_.find(to);
  if (end == spans_.end()) return true;
  size_t begin = 0;
  if (from >= 0) {
    auto start = spans_.find(from);
    if (start == spans_.end()) return true;
    begin = start->second.enter;
  }
  return deferred_parts_[end->second.leave] > deferred_parts_[begin];
}

bool EvaluationOrder::EndsBefore(int module, size_t step) const {
  auto span = spans_.find(module);
  return span != spans_.end() && span->second.leave < step;
}

bool EvaluationOrder::IsIn(int module, int other) const {
  auto inner = spans_.find(module), outer = spans_.find(other);
  return inner != spans_.end() && outer != spans_.end() &&
         outer->second.enter <= inner->second.enter && inner->second.leave <= outer->second.leave;
}

std::set<int> WithoutLocal(const Verdicts& verdicts) {
  std::set<int> modules = verdicts.baked;
  for (int module : verdicts.local) modules.erase(module);
  return modules;
}

bool AreSameWithoutLocal(const HeapState& with, const HeapState& without) {
  return with.modules == without.modules &&
         std::ranges::equal(with.surface, without.surface, [](const auto& one, const auto& other) {
           return one.name == other.name && one.key == other.key && one.hash == other.hash;
         });
}

std::vector<std::pair<int, int>> ModulesToWatch(const Observation& observation,
                                                const Verdicts& verdicts,
                                                const std::vector<ModuleFacts>& modules, bool own,
                                                const std::vector<int>& changing) {
  const std::set<int> lasting = WithoutLocal(verdicts);
  const SeparateLoads separate(observation, modules, verdicts.baked, verdicts);
  std::optional<SeparateLoads> separate_of_lasting;
  if (!verdicts.local.empty()) separate_of_lasting.emplace(observation, modules, lasting, verdicts);
  EvaluationOrder order(observation, verdicts.baked), order_of_lasting(observation, lasting);
  std::multimap<int, int> loads = Loads(observation);
  const bool is_surface_changed =
      std::ranges::any_of(observation.end.surface,
                          [](const SurfaceChange& change) { return change.key != "mainModule"; });
  std::vector<std::pair<int, int>> pairs;
  for (int module : changing) {
    if (!verdicts.baked.contains(module)) continue;
    const bool waits = verdicts.waiting.contains(module);
    if (is_surface_changed && (waits || order_of_lasting.RunsDeferredBetween(-1, module)))
      pairs.emplace_back(module, -1);
    auto is_too_early = [&](const EvaluationOrder& in, const std::set<int>& baked, int other) {
      return (waits || (in.IsBefore(other, module) && in.RunsDeferredBetween(other, module))) &&
             !(baked.contains(other) && in.IsIn(module, other));
    };
    const std::vector<int> inner = own ? std::vector<int>{module} : LoadedWith(observation, module);
    const std::set<int> reachable = Reachable(loads, LoadedWith(observation, module));
    std::set<int> apart = separate.MayLoadWithout(reachable, inner);
    if (separate_of_lasting && lasting.contains(module))
      apart.merge(separate_of_lasting->MayLoadWithout(reachable, inner));
    for (int other : reachable)
      if (is_too_early(order, verdicts.baked, other) ||
          (lasting.contains(module) && is_too_early(order_of_lasting, lasting, other)) ||
          (other != module && apart.contains(other)))
        pairs.emplace_back(module, other);
  }
  return pairs;
}

std::vector<int> LoadedWith(const Observation& observation, int module) {
  std::vector<int> modules;
  if (const Evaluation* evaluation = Find(observation.evaluations, module))
    Collect(*evaluation, modules);
  return modules;
}

bool RefuseWhatChangesTooEarly(const Observation& watched, const Verdicts& verdicts,
                               const std::map<int, std::string>& names,
                               const std::vector<ModuleFacts>& modules,
                               std::map<int, Deferral>& refused) {
  const std::set<int> lasting = WithoutLocal(verdicts);
  EvaluationOrder order(watched, verdicts.baked), order_of_lasting(watched, lasting);
  bool found = false;
  // `from` as for RunsDeferredBetween().
  auto changes = [&](int module, int from, const std::string& what) {
    if (!verdicts.baked.contains(module)) return;
    const std::string text = "changes " + what;
    if (verdicts.waiting.contains(module) || order.RunsDeferredBetween(from, module))
      found |= Refuse(module, text, refused);
    else if (!verdicts.local.empty() && order_of_lasting.RunsDeferredBetween(from, module))
      found |= Refuse(kNoLocalGuards, text, refused);
  };
  for (auto [module, number] : watched.changes) {
    auto name = names.find(number);
    changes(module, -1, name == names.end() ? "a global object" : name->second);
  }
  for (auto [module, other] : watched.modifies)
    changes(module, other,
            other < 0 ? "an object that a global object leads to"
                      : "objects of " + modules[size_t(other)].path);
  if (watched.modifies.empty()) return found;
  auto refuse_separate = [&](const std::set<int>& baked, bool all) {
    const SeparateLoads separate(watched, modules, baked, verdicts);
    for (auto [module, other] : watched.modifies) {
      if (!baked.contains(module) || !baked.contains(other) || refused.contains(module) ||
          !separate.MayLoadWithout(other, {module}))
        continue;
      found |= Refuse(
          all ? module : kNoLocalGuards,
          "changes objects of " + modules[size_t(other)].path + ", which may be loaded without it",
          refused);
    }
  };
  refuse_separate(verdicts.baked, true);
  if (!verdicts.local.empty()) refuse_separate(lasting, false);
  return found;
}

Differences CompareRuns(const Observation& in_order, const Observation& baked_first,
                        const Verdicts& verdicts, const Differences& noise) {
  Differences out;
  std::set<int> ignored(noise.modules.begin(), noise.modules.end());
  std::set<int> differing;
  auto compare = [&](const auto& one, const auto& other) {
    for (const auto& [module, hash] : one) {
      auto found = other.find(module);
      if (found == other.end() || found->second != hash) differing.insert(module);
    }
    for (const auto& [module, hash] : other)
      if (!one.contains(module)) differing.insert(module);
  };
  compare(in_order.end.modules, baked_first.end.modules);
  compare(in_order.acts, baked_first.acts);
  // What the deferred modules asked.
  auto asked = [&](const Observation& observation) {
    std::map<int, std::vector<std::string>> reports;
    for (const Report& report : observation.reports) {
      if (report.module < 0 && report.place.script.empty()) continue;  // of the runtime itself
      if (!verdicts.baked.contains(report.module))
        reports[report.module].push_back(report.name + "\n" + report.detail + "\n" +
                                         report.place.script + ":" +
                                         std::to_string(report.place.line));
    }
    return reports;
  };
  compare(asked(in_order), asked(baked_first));
  for (int module : ignored) differing.erase(module);
  EvaluationOrder order(in_order, verdicts.baked);
  // First those whose own objects differ, and not only which of another module's they refer to.
  for (bool own : {true, false}) {
    for (int module : order.modules()) {
      if (!differing.contains(module)) continue;
      auto one = in_order.end.modules.find(module), two = baked_first.end.modules.find(module);
      bool same = one != in_order.end.modules.end() && two != baked_first.end.modules.end() &&
                  one->second.first == two->second.first;
      if (own == !same) out.modules.push_back(module);
    }
  }
  if (differing.contains(-1)) out.modules.push_back(-1);
  std::set<std::string> ignored_names(noise.surface.begin(), noise.surface.end());
  auto add = [&](const HeapState& one, const HeapState& other) {
    for (const SurfaceChange& change : one.surface) {
      bool found = std::any_of(
          other.surface.begin(), other.surface.end(), [&](const SurfaceChange& candidate) {
            return candidate.name == change.name && candidate.key == change.key &&
                   candidate.hash == change.hash;
          });
      if (!found && !ignored_names.contains(NameOf(change))) out.surface.push_back(NameOf(change));
    }
  };
  add(in_order.end, baked_first.end);
  add(baked_first.end, in_order.end);
  return out;
}

std::vector<int> CompareBaked(const Observation& one, const Observation& other) {
  std::vector<int> own, references;
  for (const auto& [module, hash] : one.baked.modules) {
    auto found = other.baked.modules.find(module);
    if (found == other.baked.modules.end() || found->second.first != hash.first)
      own.push_back(module);
    else if (found->second != hash)
      references.push_back(module);
  }
  return own.empty() ? references : own;
}

void RefuseForDifferences(const Differences& differences, const Observation& in_order,
                          const Verdicts& verdicts, const std::vector<ModuleFacts>& modules,
                          bool all, std::map<int, Deferral>& refused) {
  bool found = false;
  for (int module : differences.modules) {
    if (!verdicts.baked.contains(module)) continue;
    found |= Refuse(module, "is not the same if it is evaluated before others", refused);
    if (!all) break;
  }
  if (found) return;
  EvaluationOrder order(in_order, verdicts.baked);
  const bool is_of_modules =
      differences.surface.empty() &&
      std::ranges::none_of(differences.modules, [](int module) { return module < 0; });
  std::string what = !differences.surface.empty() ? differences.surface.front()
                     : differences.modules.front() < 0
                         ? "an object that a global object leads to"
                         : modules[size_t(differences.modules.front())].path;
  // First what the deferred modules that differ have loaded themselves, or others for them.
  const std::set<int> loaded =
      is_of_modules ? Reachable(Loads(in_order), differences.modules) : std::set<int>();
  for (bool only_loaded : {true, false}) {
    for (int module : verdicts.plan.order)
      if ((!only_loaded || loaded.contains(module)) && order.RunsDeferredBetween(-1, module))
        found |=
            Refuse(module, "may change " + what + " if it is evaluated before others", refused);
    if (found) return;
  }
  for (int module : verdicts.plan.order)
    Refuse(module, "may change " + what + " if it is evaluated before others", refused);
}

}  // namespace kiln
