#include "baking/explain.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace kiln {
namespace {

using Cause = Deferral::Cause;

constexpr size_t kNamedModules = 3;  // in a line of the text
constexpr std::string_view kArgument = "argv ";

std::string Plural(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// Whether the module is deferred because of another one.
bool IsInherited(const Deferral& deferral) {
  return deferral.cause == Cause::kLoads || deferral.cause == Cause::kUses ||
         deferral.cause == Cause::kKeeps;
}

bool IsRoot(const Deferral& deferral) {
  return !IsInherited(deferral) && deferral.cause != Cause::kEntry;
}

const char* NameOf(Cause cause) {
  switch (cause) {
    case Cause::kEntry:
      return "entry";
    case Cause::kRead:
      return "read";
    case Cause::kAct:
      return "act";
    case Cause::kAwaits:
      return "awaits";
    case Cause::kThrew:
      return "threw";
    case Cause::kLoads:
      return "loads";
    case Cause::kUses:
      return "uses";
    case Cause::kKeeps:
      return "keeps";
    default:
      return "state";
  }
}

// What JavaScript or a native function does, in words: "fs.open /etc/passwd".
std::string TextOf(const Report& report) {
  return report.detail.empty() ? report.name : report.name + " " + report.detail;
}

std::string TextOf(const Deferral& deferral) {
  switch (deferral.cause) {
    case Cause::kEntry:
      return "is the entry";
    case Cause::kRead:
      return "reads " + TextOf(deferral.report);
    case Cause::kAct:
      return (deferral.report.name.starts_with("promise") ? "makes a " : "calls ") +
             TextOf(deferral.report);
    case Cause::kAwaits:
      return "has a top-level await, or imports a module that has";
    case Cause::kThrew:
      return "ends with an error";
    default:
      return deferral.text.substr(0, deferral.text.find('\n'));
  }
}

std::string TextOfGuard(const std::string& guard) {
  std::string rest = guard.substr(std::min<size_t>(guard.find(' ') + 1, guard.size()));
  if (guard.starts_with("tty ")) {
    const char* names[] = {"stdin", "stdout", "stderr"};
    if (rest.size() == 1 && rest[0] >= '0' && rest[0] <= '2')
      return std::string(names[rest[0] - '0']) + " is no terminal";
  }
  if (guard.starts_with("env ")) {
    size_t equals = rest.find('=');
    if (equals == std::string::npos) return rest + " is not set";
    return rest.substr(0, equals) + " is \"" + rest.substr(equals + 1) + "\"";
  }
  if (size_t equals = rest.find('='); guard.starts_with("env-not ") && equals != std::string::npos)
    return rest.substr(0, equals) + " is not \"" + rest.substr(equals + 1) + "\"";
  if (guard.starts_with("env-prefix "))
    return "no variable's name begins with " + rest + " (in small or capital letters)";
  return guard;
}

class Explainer {
 public:
  Explainer(const BakedApp& app, const std::vector<ModuleFacts>& modules, const PlaceOf& place_of)
      : app_(app), modules_(modules), place_of_(place_of) {
    FindChains();
    for (const auto& [module, deferral] : app.verdicts.deferred)
      if (IsInherited(deferral)) also_deferred_[RootOf(module)]++;
  }

  std::string PathOf(int module) const {
    return place_of_({.file = modules_[size_t(module)].path}).file;
  }

  // The deferred modules with reasons of their own, by the length of their chains.
  std::vector<int> Roots() const {
    std::vector<int> roots;
    for (const auto& [module, deferral] : app_.verdicts.deferred)
      if (IsRoot(deferral) && IsEvaluated(module)) roots.push_back(module);
    std::stable_sort(roots.begin(), roots.end(),
                     [this](int a, int b) { return ChainOf(a).size() < ChainOf(b).size(); });
    return roots;
  }

  // From the entry to the module, each loading the next; only the module if nothing is known.
  std::vector<int> ChainOf(int module) const {
    std::vector<int> chain = {module};
    for (auto at = loader_.find(module); at != loader_.end() && at->second >= 0;
         at = loader_.find(at->second))
      chain.push_back(at->second);
    std::reverse(chain.begin(), chain.end());
    return chain;
  }

  int AlsoDeferred(int root) const {
    auto found = also_deferred_.find(root);
    return found == also_deferred_.end() ? 0 : found->second;
  }

  Location PlaceIn(int module, const Report& report) const {
    const ScriptPlace& place = report.place;
    if (place.script.empty()) return place_of_({.file = modules_[size_t(module)].path});
    return place_of_({.file = place.script, .line = place.line, .column = place.column});
  }

  // "src/a.js:7 reads process.env PORT", or "… in src/b.js:7" if the code is another module's.
  std::string SentenceOn(int module, const Report& report, const std::string& what) const {
    Location place = PlaceIn(module, report);
    std::string path = PathOf(module);
    std::string where = place.line ? ":" + std::to_string(place.line) : "";
    std::string line = path + (place.file == path ? where : "") + " " + what;
    return place.file == path ? line : line + " in " + place.file + where;
  }

  // A module that `using` defers may be one that no start evaluates.
  bool IsEvaluated(int module) const { return module == 0 || loader_.contains(module); }

 private:
  // Breadth first, from the entry: the first loader found is on a shortest chain.
  void FindChains() {
    std::multimap<int, int> loads;
    for (auto [from, to] : app_.loads) loads.emplace(from, to);
    loader_.emplace(0, -1);
    std::vector<int> queue = {0};
    for (size_t i = 0; i < queue.size(); ++i) {
      auto [begin, end] = loads.equal_range(queue[i]);
      for (auto it = begin; it != end; ++it)
        if (loader_.emplace(it->second, queue[i]).second) queue.push_back(it->second);
    }
  }

  int RootOf(int module) const {
    for (size_t steps = 0; steps <= modules_.size(); ++steps) {
      auto found = app_.verdicts.deferred.find(module);
      if (found == app_.verdicts.deferred.end() || !IsInherited(found->second)) break;
      module = found->second.other;
    }
    return module;
  }

  const BakedApp& app_;
  const std::vector<ModuleFacts>& modules_;
  const PlaceOf& place_of_;
  std::map<int, int> loader_;         // of a module, on the shortest chain from the entry
  std::map<int, int> also_deferred_;  // how many modules are deferred because of a root
};

Json JsonOf(const Location& place) {
  Json location = Json::Object();
  location.Set("file", place.file).Set("line", place.line).Set("column", place.column);
  return location;
}

std::string Joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

// "a, b, c and 2 more"
std::string SomeOf(const std::set<int>& list, const Explainer& explainer) {
  std::vector<std::string> names;
  for (int module : list) {
    if (names.size() == kNamedModules) break;
    names.push_back(explainer.PathOf(module));
  }
  std::string text = Joined(names, ", ");
  if (list.size() > names.size())
    text += " and " + std::to_string(list.size() - names.size()) + " more";
  return text;
}

// The local guards or the others in words, with the modules that need them. Modules that look for one
// argument mostly look for several.
std::vector<std::pair<std::string, std::set<int>>> TextsOfGuards(const Verdicts& verdicts,
                                                                 bool local) {
  std::vector<std::pair<std::string, std::set<int>>> texts;
  std::map<std::set<int>, std::vector<std::string>> arguments;
  for (const std::string& guard : verdicts.guards) {
    if (verdicts.local_guards.contains(guard) != local) continue;
    auto found = verdicts.needed.find(guard);
    std::set<int> needed = found == verdicts.needed.end() ? std::set<int>() : found->second;
    if (guard.starts_with(kArgument))
      arguments[needed].push_back(guard.substr(kArgument.size()));
    else
      texts.emplace_back(TextOfGuard(guard), std::move(needed));
  }
  for (const auto& [needed, list] : arguments)
    texts.emplace_back(list.size() == 1 ? list[0] + " is not among the arguments"
                                        : "none of these arguments is given: " + Joined(list, " "),
                       needed);
  return texts;
}

// The modules that a start evaluates.
size_t EvaluatedCount(const BakedApp& app) {
  size_t count = app.verdicts.baked.size();
  for (const auto& [module, deferral] : app.verdicts.deferred)
    if (module == 0 || app.evaluated.contains(module)) count++;
  return count;
}

size_t BakedCount(const BakedApp& app) { return app.snapshot ? app.verdicts.baked.size() : 0; }

}  // namespace

std::string SummaryOf(const BakedApp& app) {
  return std::to_string(BakedCount(app)) + " of " + Plural(EvaluatedCount(app), "module") +
         " baked";
}

std::vector<std::string> Explain(const BakedApp& app, const std::vector<ModuleFacts>& modules,
                                 const PlaceOf& place_of) {
  Explainer explainer(app, modules, place_of);
  std::vector<std::string> lines;
  size_t evaluated = EvaluatedCount(app);
  lines.push_back(SummaryOf(app) + " (" +
                  std::to_string(evaluated == 0 ? 0 : BakedCount(app) * 100 / evaluated) + " %)");
  if (!app.given_up.empty()) lines.push_back("nothing is baked: " + app.given_up);
  auto add_guards = [&](const std::string& title, bool local) {
    auto texts = TextsOfGuards(app.verdicts, local);
    if (!app.snapshot || texts.empty()) return;
    lines.push_back(title);
    for (const auto& [text, needed] : texts)
      lines.push_back("  " + text + (needed.empty() ? "" : ": " + SomeOf(needed, explainer)));
  };
  add_guards("baked modules are used at a start where", false);
  add_guards(Plural(app.verdicts.local.size(), "module") +
                 " of them, which need these guards or load such modules, only where",
             true);
  if (app.snapshot && !app.verdicts.trusted.empty()) {
    lines.push_back("baked although they read, because of --bake:");
    for (const auto& [module, reports] : app.verdicts.trusted)
      for (const Report& report : reports)
        lines.push_back("  " + explainer.SentenceOn(module, report, "reads " + TextOf(report)));
  }
  std::vector<int> roots = explainer.Roots();
  if (!roots.empty()) lines.push_back("evaluated at start:");
  for (int root : roots) {
    const Deferral& deferral = app.verdicts.deferred.at(root);
    lines.push_back("  " + explainer.SentenceOn(root, deferral.report, TextOf(deferral)));
    std::vector<std::string> chain;
    for (int module : explainer.ChainOf(root)) chain.push_back(explainer.PathOf(module));
    if (chain.size() > 1) lines.push_back("    loaded by " + Joined(chain, " > "));
    if (int count = explainer.AlsoDeferred(root))
      lines.push_back("    and therefore " + Plural(size_t(count), "module") + " that load" +
                      (count == 1 ? "s" : "") + " it");
  }
  bool first = true;
  for (const auto& [module, deferral] : app.verdicts.deferred) {
    if (deferral.cause != Cause::kUses && deferral.cause != Cause::kKeeps) continue;
    if (std::exchange(first, false))
      lines.push_back(
          "evaluated at start because they use these modules while they are evaluated:");
    const std::string what = deferral.cause == Cause::kUses ? "uses " : "keeps ";
    lines.push_back("  " + explainer.SentenceOn(module, deferral.report,
                                                what + explainer.PathOf(deferral.other)));
  }
  return lines;
}

std::vector<Json> ExplainAsJson(const BakedApp& app, const std::vector<ModuleFacts>& modules,
                                const PlaceOf& place_of) {
  Explainer explainer(app, modules, place_of);
  std::vector<Json> lines;
  auto line = [] { return std::move(Json::Object().Set("type", "bake")); };
  Json summary = line();
  summary.Set("baked", BakedCount(app)).Set("modules", EvaluatedCount(app));
  summary.Set("bytes", app.snapshot ? app.snapshot->blob.size() : 0);
  if (!app.given_up.empty()) summary.Set("givenUp", app.given_up);
  lines.push_back(std::move(summary));
  if (app.snapshot) {
    for (const std::string& guard : app.verdicts.guards) {
      Json needed = Json::Array();
      if (auto found = app.verdicts.needed.find(guard); found != app.verdicts.needed.end())
        for (int module : found->second) needed.Push(explainer.PathOf(module));
      lines.push_back(line());
      lines.back().Set("guard", guard).Set("needed", std::move(needed));
      if (app.verdicts.local_guards.contains(guard)) lines.back().Set("local", true);
    }
    for (int module : app.verdicts.baked) {
      lines.push_back(line());
      lines.back().Set("module", explainer.PathOf(module)).Set("state", "baked");
      auto found = app.verdicts.trusted.find(module);
      if (found == app.verdicts.trusted.end()) continue;
      Json reads = Json::Array();
      for (const Report& report : found->second) {
        reads.Push(std::move(Json::Object().Set("text", "reads " + TextOf(report))));
        if (Location place = explainer.PlaceIn(module, report); place.line)
          reads.items().back().Set("location", JsonOf(place));
      }
      lines.back().Set("trusted", std::move(reads));
    }
  }
  for (const auto& [module, deferral] : app.verdicts.deferred) {
    if (!explainer.IsEvaluated(module)) continue;
    Json out = line();
    out.Set("module", explainer.PathOf(module)).Set("state", "deferred");
    out.Set("cause", NameOf(deferral.cause));
    if (IsInherited(deferral)) {
      out.Set("loads", explainer.PathOf(deferral.other));
    } else {
      out.Set("text", TextOf(deferral));
      out.Set("alsoDeferred", explainer.AlsoDeferred(module));
    }
    if (Location place = explainer.PlaceIn(module, deferral.report);
        deferral.cause != Cause::kEntry && place.line)
      out.Set("location", JsonOf(place));
    Json chain = Json::Array();
    for (int step : explainer.ChainOf(module)) chain.Push(explainer.PathOf(step));
    out.Set("chain", std::move(chain));
    lines.push_back(std::move(out));
  }
  return lines;
}

}  // namespace kiln
