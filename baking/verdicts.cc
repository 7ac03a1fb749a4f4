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

// Adds all that load a deferred module, and what loads these.
void SpreadToLoaders(const Observation& observation, std::map<int, Deferral>& deferred) {
  std::multimap<int, int> loaders;
  for (auto [from, to] : observation.requires_)
    if (from >= 0 && to >= 0) loaders.emplace(to, from);
  std::vector<int> queue;
  for (const auto& [module, deferral] : deferred) queue.push_back(module);
  while (!queue.empty()) {
    int module = queue.back();
    queue.pop_back();
    auto [begin, end] = loaders.equal_range(module);
    for (auto it = begin; it != end; ++it)
      if (deferred.emplace(it->second, Deferral{.cause = Cause::kLoads, .other = module}).second)
        queue.push_back(it->second);
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
    else if (!report.act && modules[size_t(report.module)].trusted)
      out.trusted[report.module].push_back(report);
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
  SpreadToLoaders(observation, out.deferred);
  for (int module : evaluated)
    if (module >= 0 && !out.deferred.contains(module)) out.baked.insert(module);
  for (const auto& [module, guard] : guards)
    if (out.baked.contains(module)) out.guards.insert(guard), out.needed[guard].insert(module);
  std::erase_if(out.trusted, [&](const auto& entry) { return !out.baked.contains(entry.first); });
  CollectOrder(observation.evaluations, out.baked, out.plan.order);
  out.plan.environment = EnvironmentOf(modules);
  out.plan.baked.assign(out.baked.begin(), out.baked.end());
  return out;
}

}  // namespace kiln
