#include "baking/verdicts.h"

#include <algorithm>
#include <array>

#include "baking/differences.h"

namespace kiln {
namespace {

using Cause = Deferral::Cause;

template <size_t N>
bool IsOneOf(std::string_view name, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// The parts of a name between underscores.
std::vector<std::string_view> WordsOf(std::string_view name) {
  std::vector<std::string_view> words;
  while (true) {
    size_t end = name.find('_');
    words.push_back(name.substr(0, end));
    if (end == name.npos) return words;
    name.remove_prefix(end + 1);
  }
}

// Variables that most processes have, or whose value is set for this program or this machine: it is not
// known before the start. A variable that only one package knows is rarely set, whatever its name.
bool Configures(std::string_view name) {
  constexpr std::array<std::string_view, 29> kNames = {
      "HOME",   "USER",   "USERNAME", "USERPROFILE", "LOGNAME", "PATH",    "PWD",      "OLDPWD",
      "TMPDIR", "TEMP",   "TMP",      "LANG",        "TERM",    "SHELL",   "HOSTNAME", "LANGUAGE",
      "TZ",     "EDITOR", "VISUAL",   "PAGER",       "MAIL",    "DISPLAY", "SHLVL",    "COLUMNS",
      "LINES",  "ENV",    "SERVER",   "DATABASE",    "INIT_CWD"};
  if (IsOneOf(name, kNames)) return true;
  constexpr std::array<std::string_view, 7> kPrefixes = {"LC_",  "XDG_", "AWS_", "DB_",
                                                         "npm_", "SSH_", "TERM_"};
  if (std::any_of(kPrefixes.begin(), kPrefixes.end(),
                  [&](std::string_view prefix) { return name.starts_with(prefix); }))
    return true;
  if (name.starts_with("PG") && name.find('_') == name.npos) return true;  // PGUSER, PGHOST, …
  constexpr std::array<std::string_view, 16> kWords = {
      "URL",  "URI", "TOKEN",    "SECRET",   "PASSWORD", "PASS", "KEY",    "PORT",
      "HOST", "DSN", "ENDPOINT", "USERNAME", "ADDRESS",  "USER", "APIKEY", "CREDENTIALS"};
  std::vector<std::string_view> words = WordsOf(name);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return IsOneOf(word, kWords); });
}

// Variables by which users change what programs print; they are rarely set.
bool IsSwitch(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames = {"NODE_ENV", "CI", "COLORTERM"};
  return IsOneOf(name, kNames) || name.find("DEBUG") != name.npos ||
         name.find("COLOR") != name.npos;
}

std::optional<std::string> GuardOfVariable(const std::string& name, const ModuleFacts& module) {
  if (name.find_first_of("\n=") != std::string::npos || name.empty()) return {};
  if (module.assumed) {
    if (auto known = module.assumed->find(name); known != module.assumed->end())
      return "env " + name + (known->second ? "=" + *known->second : "");
  }
  if (Configures(name) || (module.own && !IsSwitch(name))) return {};
  return "env " + name;
}

// "0" for a read of process.stdin.isTTY or of isatty(0), and so on.
std::string_view DescriptorOf(const Report& report) {
  if (report.name == "tty_wrap.isTTY" && report.detail.size() == 1 && report.detail[0] <= '2')
    return report.detail;
  return report.name == "process.stdin.isTTY"    ? "0"
         : report.name == "process.stdout.isTTY" ? "1"
         : report.name == "process.stderr.isTTY" ? "2"
                                                 : "";
}

// The module whose code is at a place; null for none. `script` is a virtual path or a file URL.
const ModuleFacts* ModuleOfScript(std::string_view script,
                                  const std::vector<ModuleFacts>& modules) {
  if (script.starts_with("file://")) script.remove_prefix(7);
  for (const ModuleFacts& module : modules)
    if (module.path == script) return &module;
  return nullptr;
}

// Null if there is none.
const Recipe* RecipeFor(const Report& report, const std::vector<ModuleFacts>& modules) {
  const ModuleFacts* code = ModuleOfScript(report.place.script, modules);
  return code && code->recipes ? FindRecipe(*code->recipes, report, code->source) : nullptr;
}

// What a guard cannot say.
bool IsUsable(const Recipe& recipe, const Report& report) {
  return !recipe.read.ends_with(" *") || report.detail.find_first_of("\n=") == std::string::npos;
}

// Not compared at start: the module's variables get the value then, when it is loaded.
constexpr std::string_view kLate = "late ";

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

// The baked modules that a start does not evaluate again although the app has changed what a guard
// is about: ES modules, and what they load. (internal/kiln/commonjs does so with others.)
std::set<int> EvaluatedForGood(const Observation& observation, const std::set<int>& baked,
                               const std::vector<ModuleFacts>& modules) {
  std::multimap<int, int> loads;
  for (auto [from, to] : observation.requires_) loads.emplace(from, to);
  std::vector<int> queue;
  for (int module : baked)
    if (modules[size_t(module)].is_esm) queue.push_back(module);
  std::set<int> found(queue.begin(), queue.end());
  while (!queue.empty()) {
    auto [begin, end] = loads.equal_range(queue.back());
    queue.pop_back();
    for (auto it = begin; it != end; ++it)
      if (baked.contains(it->second) && found.insert(it->second).second)
        queue.push_back(it->second);
  }
  return found;
}

// The baked module with which another one is loaded at start: the outermost one around its evaluation.
void CollectOutermost(const std::vector<Evaluation>& evaluations, const std::set<int>& baked,
                      int around, std::map<int, int>& outermost) {
  for (const Evaluation& evaluation : evaluations) {
    int inner = !baked.contains(evaluation.module) ? -1 : around >= 0 ? around : evaluation.module;
    if (inner >= 0) outermost.emplace(evaluation.module, inner);
    CollectOutermost(evaluation.loaded, baked, inner, outermost);
  }
}

void CollectBaked(const std::set<int>& evaluated, const std::map<int, Deferral>& deferred,
                  std::set<int>& baked) {
  baked.clear();
  for (int module : evaluated)
    if (module >= 0 && !deferred.contains(module)) baked.insert(module);
}

// Deferred code may change the environment or the arguments before a module reads them.
void DeferWhatReadsChanged(const Observation& observation, const std::vector<ModuleFacts>& modules,
                           const std::multimap<int, std::string>& guards,
                           const std::set<int>& evaluated, Verdicts& out) {
  while (true) {
    EvaluationOrder order(observation, out.baked);
    const std::set<int> for_good = EvaluatedForGood(observation, out.baked, modules);
    std::map<int, int> outermost;
    CollectOutermost(observation.evaluations, out.baked, -1, outermost);
    bool found = false;
    for (const auto& [module, guard] : guards) {
      if (guard.starts_with("tty ") || !out.baked.contains(module)) continue;
      auto with = outermost.find(module);
      int since = for_good.contains(module) || with == outermost.end() ? -1 : with->second;
      // A module that is evaluated again because of what it has loaded reads before that, too.
      const bool may_be_wrong =
          (since != module && order.RunsDeferredBetween(since, module)) ||
          (out.waiting.contains(module) && order.RunsDeferredBetween(module, module));
      if (!may_be_wrong) continue;
      out.waiting.erase(module);
      found |= out.deferred
                   .emplace(module, Deferral{.cause = Cause::kOrder,
                                             .text = "depends on \"" + guard +
                                                     "\", which modules before it may change",
                                             .asks = true})
                   .second;
    }
    if (!found) return;
    Spread(observation, modules, out.deferred, out.waiting);
    CollectBaked(evaluated, out.deferred, out.baked);
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

// The guards that need not decide about the whole start, and the modules that they decide about.
void FindLocalGuards(const Observation& observation, const std::vector<ModuleFacts>& modules,
                     Verdicts& out) {
  std::multimap<int, int> loaders;
  for (auto [from, to] : observation.requires_)
    if (out.baked.contains(from) && out.baked.contains(to)) loaders.emplace(to, from);
  for (const auto& [guard, needed] : out.needed) {
    std::set<int> concerned = needed;
    std::vector<int> queue(needed.begin(), needed.end());
    while (!queue.empty()) {
      auto [begin, end] = loaders.equal_range(queue.back());
      queue.pop_back();
      for (auto it = begin; it != end; ++it)
        if (concerned.insert(it->second).second) queue.push_back(it->second);
    }
    if (!std::all_of(concerned.begin(), concerned.end(),
                     [&](int module) { return modules[size_t(module)].is_commonjs; }))
      continue;
    out.local_guards.insert(guard);
    out.local.merge(concerned);
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

std::optional<std::vector<std::string>> GuardsOf(const Report& report,
                                                 const std::vector<ModuleFacts>& modules) {
  if (report.act) return {};
  if (const Recipe* recipe = RecipeFor(report, modules); recipe && IsUsable(*recipe, report))
    return GuardsOfRecipe(*recipe, report);
  const ModuleFacts& module = modules[size_t(report.module)];
  if (report.name == "process.env" || report.name == "delete process.env") {
    if (auto guard = GuardOfVariable(report.detail, module)) return {{*guard}};
  }
  // The observed process reports flags only if they were looked for and are not among the arguments.
  if (report.name == "process.argv" && report.detail.starts_with('-'))
    return {{"argv " + report.detail}};
  if (std::string_view descriptor = DescriptorOf(report); !descriptor.empty())
    return {{"tty " + std::string(descriptor)}};
  return {};
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
  const bool no_local_guards = out.deferred.erase(kNoLocalGuards) > 0;
  out.deferred.emplace(0, Deferral{.cause = Cause::kEntry});
  std::multimap<int, std::string> guards;
  for (const Report& report : observation.reports) {
    if (report.module < 0) continue;
    if (const Recipe* recipe = RecipeFor(report, modules);
        recipe && recipe->answer == Recipe::Answer::kLate)
      guards.emplace(report.module, std::string(kLate) + std::to_string(recipe->late));
    if (auto needed = GuardsOf(report, modules))
      for (const std::string& guard : *needed) guards.emplace(report.module, guard);
    else if (!report.act && modules[size_t(report.module)].trusted)
      out.trusted[report.module].push_back(report);
    else
      out.deferred.emplace(report.module,
                           Deferral{report.act ? Cause::kAct : Cause::kRead, report});
  }
  for (size_t i = 0; i < modules.size(); ++i)
    if (modules[i].at_start)
      out.deferred.emplace(int(i), Deferral{.cause = Cause::kAsked, .text = "matches --defer"});
  for (int module : observation.awaits)
    if (module >= 0) out.deferred.emplace(module, Deferral{.cause = Cause::kAwaits});
  std::set<int> evaluated;
  CollectEvaluated(observation.evaluations, out.deferred, evaluated);
  Spread(observation, modules, out.deferred, out.waiting);
  CollectBaked(evaluated, out.deferred, out.baked);
  DeferWhatReadsChanged(observation, modules, guards, evaluated, out);
  for (const auto& [module, guard] : guards) {
    if (!out.baked.contains(module)) continue;
    if (guard.starts_with(kLate)) {
      out.plan.late.emplace_back(module, guard.back() - '0');
      continue;
    }
    out.guards.insert(guard);
    out.needed[guard].insert(module);
  }
  if (!no_local_guards) FindLocalGuards(observation, modules, out);
  std::erase_if(out.trusted, [&](const auto& entry) { return !out.baked.contains(entry.first); });
  CollectOrder(observation.evaluations, out.baked, out.plan.order);
  if (!out.waiting.empty()) {
    out.plan.shapes.assign(observation.shapes.begin(), observation.shapes.end());
    CollectBelow(observation.evaluations, out.plan.below);
  }
  out.plan.environment = EnvironmentOf(modules);
  out.plan.baked.assign(out.baked.begin(), out.baked.end());
  out.plan.local.assign(out.local.begin(), out.local.end());
  return out;
}

BakePlan PlanWithoutLocal(const Observation& observation, const Verdicts& verdicts) {
  BakePlan plan = verdicts.plan;
  std::set<int> baked = verdicts.baked;
  for (int module : verdicts.local) baked.erase(module);
  plan.order.clear();
  CollectOrder(observation.evaluations, baked, plan.order);
  plan.baked.assign(baked.begin(), baked.end());
  plan.local.clear();
  return plan;
}

std::string LinesOfGuards(const Verdicts& verdicts) {
  std::string lines;
  for (const std::string& guard : verdicts.guards)
    lines += (verdicts.local_guards.contains(guard) ? "local " : "") + guard + "\n";
  for (int module : verdicts.local) lines += "module " + std::to_string(module) + "\n";
  return lines;
}

}  // namespace kiln
