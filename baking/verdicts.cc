#include "baking/verdicts.h"

#include <algorithm>
#include <array>

namespace kiln {
namespace {

using Cause = Deferral::Cause;

// Variables that configure a program, or that nearly every process has: their value is not known
// before the start.
bool Configures(std::string_view name) {
  constexpr std::array kNames = {"HOME",  "USER",     "LOGNAME", "PATH",    "PWD",  "TMPDIR",
                                 "TEMP",  "TMP",      "PORT",    "HOST",    "LANG", "TERM",
                                 "SHELL", "HOSTNAME", "TZ",      "LANGUAGE"};
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  constexpr std::array kParts = {"URL", "URI",  "TOKEN", "SECRET", "PASSWORD", "KEY",
                                 "LC_", "PORT", "HOST",  "XDG_",   "PG",       "AWS_",
                                 "DB_", "USER", "_DIR",  "PATH",   "HOME"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return name.find(part) != name.npos; });
}

// Variables by which users change what programs print; they are rarely set.
bool IsSwitch(std::string_view name) {
  constexpr std::array kNames = {"NODE_ENV", "CI", "COLORTERM", "NO_COLOR", "FORCE_COLOR"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         name.find("DEBUG") != name.npos || name.find("COLOR") != name.npos;
}

using Loads = std::multimap<int, int>;

// Modules of a cycle have the same number, others have different ones (Tarjan's algorithm).
class Cycles {
 public:
  explicit Cycles(const Loads& loads) : loads_(loads) {
    for (const auto& [from, to] : loads)
      if (!index_.contains(from)) Visit(from);
  }
  bool Contains(int module, int other) const {
    auto one = cycle_.find(module), two = cycle_.find(other);
    return one != cycle_.end() && two != cycle_.end() && one->second == two->second;
  }

 private:
  void Visit(int module) {
    int index = int(index_.size());
    index_[module] = low_[module] = index;
    open_.push_back(module);
    auto [begin, end] = loads_.equal_range(module);
    for (auto it = begin; it != end; ++it) {
      if (!index_.contains(it->second)) {
        Visit(it->second);
        low_[module] = std::min(low_[module], low_[it->second]);
      } else if (!cycle_.contains(it->second)) {
        low_[module] = std::min(low_[module], index_[it->second]);
      }
    }
    if (low_[module] != index) return;
    int member;
    do {
      member = open_.back();
      open_.pop_back();
      cycle_[member] = index;
    } while (member != module);
  }

  const Loads& loads_;
  std::map<int, int> index_, low_, cycle_;
  std::vector<int> open_;
};

// Whether a module that loads a deferred one can be baked as long as it does not use that.
class Waits {
 public:
  Waits(const Observation& observation, const std::vector<ModuleFacts>& modules, const Loads& loads)
      : observation_(observation), modules_(modules), cycles_(loads) {
    // Who has loaded them would not look at start as if it were being evaluated.
    for (const Report& report : observation.reports)
      if (report.name == "module.parent" || report.name == "require.cache")
        look_at_loaders_.insert(report.module);
    // Otherwise V8 does not evaluate all that the entry imports one after the other.
    awaits_ = std::any_of(observation.awaits.begin(), observation.awaits.end(),
                          [](int module) { return module != 0; });
  }
  bool For(int loader, int module, bool is_deferred) const {
    if (loader == 0) return false;
    const ModuleFacts& from = modules_[size_t(loader)];
    const ModuleFacts& to = modules_[size_t(module)];
    if (!(from.is_commonjs && to.is_commonjs) && !(from.is_esm && to.is_esm && !awaits_))
      return false;
    return !is_deferred ||
           (observation_.shapes.contains(module) && !look_at_loaders_.contains(module) &&
            !cycles_.Contains(loader, module));
  }

 private:
  const Observation& observation_;
  const std::vector<ModuleFacts>& modules_;
  Cycles cycles_;
  std::set<int> look_at_loaders_;
  bool awaits_ = false;
};

// Adds all that load a deferred module and cannot wait for it, and what loads these. `waiting` gets
// those that can.
void Spread(const Observation& observation, const std::vector<ModuleFacts>& modules,
            std::map<int, Deferral>& deferred, std::set<int>& waiting) {
  Loads loads, loaders;
  for (auto [from, to] : observation.requires_) {
    if (from < 0 || to < 0) continue;
    loads.emplace(from, to);
    loaders.emplace(to, from);
  }
  Waits waits(observation, modules, loads);
  std::vector<int> queue;
  for (const auto& [module, deferral] : deferred) queue.push_back(module);
  while (!queue.empty()) {
    int module = queue.back();
    queue.pop_back();
    auto [begin, end] = loaders.equal_range(module);
    for (auto it = begin; it != end; ++it) {
      int loader = it->second;
      if (deferred.contains(loader)) continue;
      if (waits.For(loader, module, deferred.contains(module))) {
        if (waiting.insert(loader).second) queue.push_back(loader);
        continue;
      }
      deferred.emplace(loader, Deferral{.cause = Cause::kLoads, .other = module});
      waiting.erase(loader);
      queue.push_back(loader);
    }
  }
}

void CollectEvaluated(const std::vector<Evaluation>& evaluations, std::map<int, Deferral>& deferred,
                      std::set<int>& evaluated) {
  for (const Evaluation& evaluation : evaluations) {
    evaluated.insert(evaluation.module);
    if (evaluation.threw) deferred.emplace(evaluation.module, Deferral{.cause = Cause::kThrew});
    CollectEvaluated(evaluation.loaded, deferred, evaluated);
  }
}

// The baked modules that deferred ones load, in order.
void CollectOrder(const std::vector<Evaluation>& evaluations, const std::set<int>& baked,
                  std::vector<int>& order) {
  for (const Evaluation& evaluation : evaluations) {
    if (!baked.contains(evaluation.module))
      CollectOrder(evaluation.loaded, baked, order);
    else if (std::find(order.begin(), order.end(), evaluation.module) == order.end())
      order.push_back(evaluation.module);
  }
}

// What each module loads first.
void CollectBelow(const std::vector<Evaluation>& evaluations,
                  std::vector<std::pair<int, int>>& below) {
  for (const Evaluation& evaluation : evaluations) {
    for (const Evaluation& loaded : evaluation.loaded)
      below.emplace_back(evaluation.module, loaded.module);
    CollectBelow(evaluation.loaded, below);
  }
}

}  // namespace

bool GuardOf(const Report& report, const ModuleFacts& module, std::string* guard) {
  if (report.act) return false;
  if (report.name == "process.env" && report.detail.find_first_of("\n=") == std::string::npos) {
    if (module.assumed) {
      if (auto known = module.assumed->find(report.detail); known != module.assumed->end()) {
        *guard = "env " + report.detail + (known->second ? "=" + *known->second : "");
        return true;
      }
    }
    if (Configures(report.detail) || (module.own && !IsSwitch(report.detail))) return false;
    *guard = "env " + report.detail;
    return true;
  }
  if (report.name == "tty_wrap.isTTY" && report.detail.size() == 1 && report.detail[0] <= '2') {
    *guard = "tty " + report.detail;
    return true;
  }
  return false;
}

std::vector<std::string> EnvironmentOf(const std::vector<ModuleFacts>& modules) {
  std::vector<std::string> out;
  if (modules.empty() || !modules[0].assumed) return out;
  for (const auto& [name, value] : *modules[0].assumed)
    if (value) out.push_back(name + "=" + *value);
  return out;
}

Verdicts Judge(const Observation& observation, const std::vector<ModuleFacts>& modules,
               const std::map<int, Deferral>& refused) {
  Verdicts out;
  out.deferred = refused;
  out.deferred.emplace(0, Deferral{.cause = Cause::kEntry});
  std::multimap<int, std::string> guards;
  for (const Report& report : observation.reports) {
    if (report.module < 0) continue;
    std::string guard;
    if (GuardOf(report, modules[size_t(report.module)], &guard))
      guards.emplace(report.module, guard);
    else
      out.deferred.emplace(report.module,
                           Deferral{report.act ? Cause::kAct : Cause::kRead, report});
  }
  for (size_t i = 0; i < modules.size(); ++i) {
    if (modules[i].at_start)
      out.deferred.emplace(int(i), Deferral{.cause = Cause::kAsked, .text = "matches --defer"});
    if (modules[i].has_using)
      out.deferred.emplace(
          int(i), Deferral{.cause = Cause::kNotInHeap, .text = "has a `using` declaration"});
  }
  for (int module : observation.awaits)
    if (module >= 0) out.deferred.emplace(module, Deferral{.cause = Cause::kAwaits});
  std::set<int> evaluated;
  CollectEvaluated(observation.evaluations, out.deferred, evaluated);
  Spread(observation, modules, out.deferred, out.waiting);
  for (int module : evaluated)
    if (module >= 0 && !out.deferred.contains(module)) out.baked.insert(module);
  for (const auto& [module, guard] : guards)
    if (out.baked.contains(module)) out.guards.insert(guard), out.needed[guard].insert(module);
  CollectOrder(observation.evaluations, out.baked, out.plan.order);
  if (!out.waiting.empty()) {
    out.plan.shapes.assign(observation.shapes.begin(), observation.shapes.end());
    CollectBelow(observation.evaluations, out.plan.below);
  }
  out.plan.environment = EnvironmentOf(modules);
  out.plan.baked.assign(out.baked.begin(), out.baked.end());
  return out;
}

}  // namespace kiln
