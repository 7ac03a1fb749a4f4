#include "baking/separate_loads.h"

#include <algorithm>
#include <utility>

namespace kiln {

SeparateLoads::SeparateLoads(const Observation& observation,
                             const std::vector<ModuleFacts>& modules, const std::set<int>& baked,
                             const Verdicts& verdicts)
    : observation_(observation),
      modules_(modules),
      baked_(baked),
      waiting_(verdicts.waiting),
      order_(observation, baked),
      loaded_from_(modules.size(), kNever),
      loaded_until_(modules.size(), kNever),
      known_from_(modules.size(), kNever),
      is_started_(modules.size()),
      loaded_by_(modules.size()),
      is_always_loaded_(modules.size(), true) {
  for (auto [from, to] : observation_.loads)
    if (baked_.contains(from) && baked_.contains(to)) loads_[from].push_back(to);
  FindTimes();
  FindLoaders();
  FindAlwaysLoaded(verdicts);
}

// The deferred ones of a waiting module run between the others that it loads.
bool SeparateLoads::LoadsTheSame(int module) const {
  return baked_.contains(module) && !waiting_.contains(module);
}

void SeparateLoads::MayBeLoaded(int root, Time now) {
  Time& from = loaded_from_[size_t(root)];
  from = std::min(from, now);
  std::vector<int> queue = {root};
  while (!queue.empty()) {
    const int module = queue.back();
    queue.pop_back();
    if (known_from_[size_t(module)] <= now) continue;
    known_from_[size_t(module)] = now;
    const bool same = LoadsTheSame(module);
    for (const ModuleFacts::Reference& reference : modules_[size_t(module)].references) {
      if (same && !reference.later) continue;
      Time& other = loaded_from_[size_t(reference.module)];
      other = std::min(other, now);
      queue.push_back(reference.module);
    }
    auto loads = loads_.find(module);
    if (loads == loads_.end()) continue;
    for (int loaded : loads->second) {
      if (!same) loaded_from_[size_t(loaded)] = std::min(loaded_from_[size_t(loaded)], now);
      queue.push_back(loaded);
    }
  }
}

void SeparateLoads::IsLoaded(int module, Time& now) {
  if (LoadsTheSame(module)) {
    MayBeLoaded(module, now);
    std::vector<int> queue = {module};
    while (!queue.empty()) {
      Time& until = loaded_until_[size_t(queue.back())];
      auto loads = loads_.find(queue.back());
      queue.pop_back();
      if (until != kNever) continue;
      until = now;
      if (loads != loads_.end())
        queue.insert(queue.end(), loads->second.begin(), loads->second.end());
    }
    return;
  }
  if (is_started_[size_t(module)]) return;
  is_started_[size_t(module)] = true;
  // The code of an ES module runs after all that it imports.
  const ModuleFacts& facts = modules_[size_t(module)];
  if (!facts.is_esm) ++now;
  for (const ModuleFacts::Reference& reference : facts.references)
    if (reference.later) MayBeLoaded(reference.module, now);
  for (const ModuleFacts::Reference& reference : facts.references) {
    if (IsCertain(reference)) {
      IsLoaded(reference.module, now);
      if (!facts.is_esm) ++now;
    } else if (!facts.is_esm) {
      MayBeLoaded(reference.module, now);
    }
  }
  if (!facts.is_esm) return;
  ++now;
  for (const ModuleFacts::Reference& reference : facts.references)
    if (!IsCertain(reference)) MayBeLoaded(reference.module, now);
}

bool SeparateLoads::IsCertain(const ModuleFacts::Reference& reference) const {
  return reference.certain && order_.Evaluates(reference.module);
}

void SeparateLoads::FindTimes() {
  for (size_t i = 0; i < modules_.size(); ++i)
    if (modules_[i].named_at_run_time) MayBeLoaded(int(i), 0);
  // What was loaded although no text names it.
  std::set<std::pair<int, int>> named;
  std::set<int> named_by_any;
  for (size_t from = 0; from < modules_.size(); ++from)
    for (const ModuleFacts::Reference& reference : modules_[from].references) {
      if (!LoadsTheSame(int(from)) || reference.later) named.emplace(from, reference.module);
      named_by_any.insert(reference.module);
    }
  auto add = [&](int from, int to) {
    if (to == 0 || named.contains({from, to}) || (from < 0 && named_by_any.contains(to))) return;
    MayBeLoaded(to, 0);
  };
  for (auto [from, to] : observation_.loads)
    if (from < 0 || !LoadsTheSame(from)) add(from, to);
  for (auto [from, to] : observation_.requires_)
    if (!observation_.loads.contains({from, to})) add(from, to);
  Time now = 0;
  IsLoaded(0, now);
}

void SeparateLoads::FindLoaders() {
  for (int module : baked_)
    if (loaded_from_[size_t(module)] != kNever) roots_.push_back(module);
  for (size_t number = 0; number < roots_.size(); ++number) {
    std::vector<int> queue = {roots_[number]};
    while (!queue.empty()) {
      const int module = queue.back();
      queue.pop_back();
      Bits& bits = loaded_by_[size_t(module)];
      bits.resize(roots_.size() / 64 + 1);
      const uint64_t bit = uint64_t{1} << (number % 64);
      if (bits[number / 64] & bit) continue;
      bits[number / 64] |= bit;
      if (auto found = loads_.find(module); found != loads_.end())
        queue.insert(queue.end(), found->second.begin(), found->second.end());
    }
  }
}

void SeparateLoads::FindAlwaysLoaded(const Verdicts& verdicts) {
  auto is_guarded = [&](const std::string& guard) {
    return verdicts.guards.contains(guard) && !verdicts.local_guards.contains(guard);
  };
  // Where environments begin to differ: the first read of deferred code that no guard covers, or its first
  // act, which may fail.
  size_t differs = observation_.steps.size();
  for (const Report& report : observation_.reports) {
    if (baked_.contains(report.module)) continue;
    if (report.module < 0 && report.place.script.empty()) continue;  // of the runtime itself
    if (report.module >= 0) {
      auto guards = GuardsOf(report, modules_);
      if (guards && std::ranges::all_of(*guards, is_guarded)) continue;
    }
    differs = std::min(differs, report.step);
  }
  for (int module : baked_) is_always_loaded_[size_t(module)] = order_.EndsBefore(module, differs);
}

SeparateLoads::Bits SeparateLoads::RootsWithout(const std::vector<int>& modules) const {
  Bits roots(roots_.size() / 64 + 1);
  for (int module : modules) {
    if (is_always_loaded_[size_t(module)]) continue;
    const Bits& bits = loaded_by_[size_t(module)];
    for (size_t i = 0; i < roots_.size(); ++i) {
      const uint64_t bit = uint64_t{1} << (i % 64);
      if (!bits.empty() && (bits[i / 64] & bit)) continue;
      if (loaded_from_[size_t(roots_[i])] < loaded_until_[size_t(module)]) roots[i / 64] |= bit;
    }
  }
  return roots;
}

bool SeparateLoads::IsLoadedByOneOf(int module, const Bits& roots) const {
  const Bits& bits = loaded_by_[size_t(module)];
  for (size_t i = 0; i < bits.size(); ++i)
    if (bits[i] & roots[i]) return true;
  return false;
}

bool SeparateLoads::MayLoadWithout(int loaded, const std::vector<int>& others) const {
  return IsLoadedByOneOf(loaded, RootsWithout(others));
}

std::set<int> SeparateLoads::MayLoadWithout(const std::set<int>& loaded,
                                            const std::vector<int>& others) const {
  const Bits roots = RootsWithout(others);
  std::set<int> found;
  for (int module : loaded)
    if (IsLoadedByOneOf(module, roots)) found.insert(module);
  return found;
}

}  // namespace kiln
