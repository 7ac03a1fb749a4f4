// A walk over uses from the entry, then a comparison of the order of evaluation with and without
// what was left out.
#include "bundler/unused_modules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bundler/lexer.h"
#include "support/file.h"
#include "support/glob.h"

namespace kiln {
namespace {

// Whether the text has nothing but import statements and export statements without declarations.
bool OnlyReExports(const std::string& code) {
  TokenList tokens = Tokenize(code);
  if (!tokens.balanced) return false;
  size_t at = 0;
  while (tokens.tokens[at].kind != TokenKind::kEnd) {
    const Token& token = tokens.tokens[at];
    if (token.kind == TokenKind::kString || tokens.Is(at, ";")) {  // a directive
      ++at;
      continue;
    }
    ExportedNames exported;
    std::optional<ImportStatement> statement;
    if (tokens.Is(at, "import")) {
      statement = ReadImport(tokens, at);
    } else if (tokens.Is(at, "export") && (tokens.Is(at + 1, "{") || tokens.Is(at + 1, "*"))) {
      statement = ReadExport(tokens, at, exported);
    } else {
      return false;
    }
    if (statement) {
      while (tokens.tokens[at].kind != TokenKind::kEnd && tokens.tokens[at].start < statement->end)
        ++at;
      continue;
    }
    if (!tokens.Is(at, "export") || !tokens.Is(at + 1, "{")) return false;
    while (tokens.tokens[at].kind != TokenKind::kEnd && !tokens.Is(at, "}")) ++at;
    if (tokens.tokens[at].kind != TokenKind::kEnd) ++at;
  }
  return true;
}

class UseFinder {
 public:
  explicit UseFinder(Graph& graph)
      : graph_(graph), modules_(graph.modules()), all_(modules_.size()), names_(modules_.size()) {
    use_.used.resize(modules_.size());
    use_.partial.resize(modules_.size());
    use_.promised.resize(modules_.size());
    follows_names_.resize(modules_.size());
    for (size_t i = 1; i < modules_.size(); ++i) {
      use_.promised[i] = IsPromised(modules_[i]);
      follows_names_[i] = use_.promised[i] && !modules_[i].scan.exports.unknown &&
                          OnlyReExports(modules_[i].code());
    }
  }

  ModuleUse Run() {
    UseAll(0);
    for (size_t i = 0; i < modules_.size(); ++i)
      if ((modules_[i].root || modules_[i].speculative) && !modules_[i].excluded) UseAll(i);
    FollowUses();
    KeepOrder();
    FindPartial();
    use_.at_start.resize(modules_.size());
    for (size_t i : EvaluationOrder(true).order) use_.at_start[i] = true;
    Report();
    return std::move(use_);
  }

 private:
  bool IsPromised(const Module& module) {
    return module.format == ModuleFormat::kEsm && !module.excluded && !module.root &&
           !module.speculative && !module.commonjs_variables && !module.scan.top_level_await &&
           module.scan.balanced && PromisesNoSideEffects(graph_.packages(), module.path);
  }

  // All names of the module are used, and what it consists of.
  void UseAll(size_t index) {
    if (all_[index]) return;
    all_[index] = use_.used[index] = true;
    pending_.push_back({index, {}});
  }

  void Use(size_t index, const std::string& name) {
    if (!follows_names_[index]) return UseAll(index);
    if (all_[index] || !names_[index].insert(name).second) return;
    pending_.push_back({index, name});
  }

  // The module is evaluated, though none of its names may be used.
  void Keep(size_t index) {
    if (!follows_names_[index]) return UseAll(index);
    Enter(index);
  }

  void FollowUses() {
    do {
      while (!pending_.empty()) {
        auto [index, name] = std::move(pending_.back());
        pending_.pop_back();
        if (all_[index]) {
          if (name.empty()) FollowAll(index);
        } else {
          Enter(index);
          FollowName(index, name);
        }
      }
      UseNamesThatAreLinked();
    } while (!pending_.empty());
  }

  // A module that only re-exports names a module that is used, and V8 looks for the name in it even
  // if nobody uses it. It finds the name of a statement that lists it; but `export *` of a module
  // that is left out has no names, so that module is used.
  void UseNamesThatAreLinked() {
    for (size_t i = 0; i < modules_.size(); ++i) {
      if (!use_.used[i] || all_[i]) continue;
      for (const ImportStatement& statement : modules_[i].scan.imports) {
        size_t target = TargetOf(modules_[i], modules_[i].Find(statement.specifier, false));
        if (!statement.exports || target == modules_.size() || !use_.used[target] || all_[target])
          continue;
        for (const ImportedName& name : statement.names)
          if (!Lists(modules_[target], name.name)) Use(target, name.name);
      }
    }
  }

  // Whether a statement without `export *` exports the name.
  static bool Lists(const Module& module, const std::string& name) {
    auto is_name = [&](const ImportedName& one) { return one.local == name; };
    if (std::ranges::find(module.scan.exports.others, name) != module.scan.exports.others.end() ||
        std::ranges::any_of(module.scan.exports.lists, is_name))
      return true;
    return std::ranges::any_of(module.scan.imports, [&](const ImportStatement& statement) {
      return statement.exports && (std::ranges::any_of(statement.names, is_name) ||
                                   statement.exported_namespace == name);
    });
  }

  // The target of the edge, if it is a module; else the number of modules.
  size_t TargetOf(const Module& module, const Edge* edge) const {
    if (!edge || edge->to != Edge::To::kModule || module.IsUndefinedRequire(*edge) ||
        modules_[edge->module].excluded)
      return modules_.size();
    return edge->module;
  }

  void FollowAll(size_t index) {
    const Module& module = modules_[index];
    for (const Edge& edge : module.edges) {
      size_t target = TargetOf(module, &edge);
      if (target == modules_.size()) continue;
      if (edge.kind == RefKind::kDynamicImport) {
        FollowImportCall(target);
      } else if (edge.kind != RefKind::kImport) {
        UseAll(target);
      } else {
        bool found = false;
        for (const ImportStatement& statement : module.scan.imports) {
          if (statement.specifier != edge.specifier) continue;
          found = true;
          FollowStatement(target, statement);
        }
        if (!found) UseAll(target);
      }
    }
    // An import() that has a specifier of a statement shares its edge.
    for (const ModuleRef& ref : module.scan.refs) {
      if (ref.kind != RefKind::kDynamicImport) continue;
      size_t target = TargetOf(module, module.Find(ref.specifier, false));
      if (target != modules_.size()) FollowImportCall(target);
    }
  }

  // A module that only re-exports gets a complete instance for import().
  void FollowImportCall(size_t target) {
    if (!follows_names_[target]) UseAll(target);
  }

  void FollowStatement(size_t target, const ImportStatement& statement) {
    if (statement.source_phase || !statement.type.empty() || statement.takes_namespace)
      return UseAll(target);
    if (!use_.promised[target]) return UseAll(target);
    for (const ImportedName& name : statement.names) Use(target, name.name);
  }

  // A module that only re-exports is used for the first time: what its statements do whatever names
  // are used.
  void Enter(size_t index) {
    if (use_.used[index]) return;
    use_.used[index] = true;
    const Module& module = modules_[index];
    for (const ImportStatement& statement : module.scan.imports) {
      size_t target = TargetOf(module, module.Find(statement.specifier, false));
      if (target == modules_.size()) continue;
      if (!statement.exports || !use_.promised[target] || !statement.type.empty())
        FollowStatement(target, statement);
      // V8 reports a name that does not exist, if the module is linked.
      for (const ImportedName& name : statement.names) {
        std::set<size_t> seen;
        if (statement.exports && !MayExport(target, name.name, seen)) UseAll(target);
      }
    }
  }

  void FollowName(size_t index, const std::string& name) {
    const Module& module = modules_[index];
    for (const ImportStatement& statement : module.scan.imports) {
      if (!statement.exports) continue;
      size_t target = TargetOf(module, module.Find(statement.specifier, false));
      if (target == modules_.size()) continue;
      for (const ImportedName& one : statement.names)
        if (one.local == name) Use(target, one.name);
      if (statement.exports_all) {
        // `export *` leaves out the default export. All modules that may have the name are used: if
        // two have it, it is not exported.
        std::set<size_t> seen;
        if (name != "default" && MayExport(target, name, seen)) Use(target, name);
      } else if (statement.takes_namespace && statement.exported_namespace == name) {
        UseAll(target);
      }
    }
  }

  bool MayExport(size_t index, const std::string& name, std::set<size_t>& seen) const {
    const Module& module = modules_[index];
    if (module.excluded || module.format != ModuleFormat::kEsm || module.scan.exports.unknown)
      return true;
    if (!seen.insert(index).second) return false;
    const ExportedNames& exports = module.scan.exports;
    auto is_name = [&](const ImportedName& one) { return one.local == name; };
    if (std::ranges::find(exports.others, name) != exports.others.end() ||
        std::ranges::any_of(exports.lists, is_name))
      return true;
    for (const ImportStatement& statement : module.scan.imports) {
      if (statement.exports && std::ranges::any_of(statement.names, is_name)) return true;
      if (!statement.exports_all) continue;
      const Edge* edge = module.Find(statement.specifier, false);
      if (!edge || edge->to != Edge::To::kModule || MayExport(edge->module, name, seen))
        return true;
    }
    return false;
  }

  struct Evaluation {
    std::vector<size_t> order;
    std::vector<size_t> parents;  // by index: the module that loads it first
  };

  // The modules that a start loads, in the order in which they are evaluated; without those that are
  // left out if `leave_out`.
  Evaluation EvaluationOrder(bool leave_out) const {
    Evaluation out;
    out.parents.resize(modules_.size());
    std::vector<bool> seen(modules_.size());
    std::vector<std::pair<size_t, size_t>> stack = {{0, 0}};  // module, its next edge
    seen[0] = true;
    while (!stack.empty()) {
      auto& [index, next] = stack.back();
      const Module& module = modules_[index];
      if (next == module.edges.size()) {
        out.order.push_back(index);
        stack.pop_back();
        continue;
      }
      const Edge& edge = module.edges[next++];
      size_t target = edge.at_start ? TargetOf(module, &edge) : modules_.size();
      if (target == modules_.size() || seen[target]) continue;
      if (leave_out && use_.LeavesOut(index, edge)) continue;
      seen[target] = true;
      out.parents[target] = index;
      stack.push_back({target, 0});
    }
    return out;
  }

  // The modules whose evaluation a program may notice, in its order.
  std::vector<size_t> Noticeable(const Evaluation& evaluation) const {
    std::vector<size_t> out;
    for (size_t i : evaluation.order)
      if (use_.used[i] && !use_.promised[i] && modules_[i].format != ModuleFormat::kJson)
        out.push_back(i);
    return out;
  }

  // A module that is not used may be the first to import one that makes no promise, which would be
  // evaluated later without it. Then it is kept.
  void KeepOrder() {
    for (size_t tries = 0; tries < modules_.size(); ++tries) {
      Evaluation all = EvaluationOrder(false);
      std::vector<size_t> wanted = Noticeable(all), now = Noticeable(EvaluationOrder(true));
      if (wanted == now) return;
      size_t at = 0;
      while (at < now.size() && wanted[at] == now[at]) ++at;
      size_t keep = modules_.size();
      for (size_t i = wanted[at]; i != 0; i = all.parents[i])
        if (!use_.used[i]) keep = i;
      if (keep == modules_.size()) break;
      Keep(keep);
      FollowUses();
    }
    // The order cannot be kept, for example because of cycles.
    for (size_t i = 0; i < modules_.size(); ++i)
      if (!modules_[i].excluded) UseAll(i);
    FollowUses();
  }

  void FindPartial() {
    for (bool grew = true; grew;) {
      grew = false;
      for (size_t i = 0; i < modules_.size(); ++i) {
        if (!use_.used[i] || all_[i] || use_.partial[i]) continue;
        for (const ImportStatement& statement : modules_[i].scan.imports) {
          const Edge* edge = modules_[i].Find(statement.specifier, false);
          if (!statement.exports || TargetOf(modules_[i], edge) == modules_.size()) continue;
          if (use_.used[edge->module] && !use_.partial[edge->module]) continue;
          use_.partial[i] = grew = true;
          break;
        }
      }
    }
  }

  void Report() {
    std::map<std::string, std::pair<size_t, size_t>>
        counts;  // of unused ones, and what they import
    for (size_t i : EvaluationOrder(false).order) {
      if (use_.at_start[i] || modules_[i].format == ModuleFormat::kJson) continue;
      const PackageJson* package = graph_.packages().At(modules_[i].package);
      std::string name = package && !package->name.empty() ? package->name : "the app";
      auto& count = counts[name];
      ++(use_.promised[i] && !use_.used[i] ? count.first : count.second);
    }
    auto modules = [](size_t count) {
      return std::to_string(count) + (count == 1 ? " module" : " modules");
    };
    for (const auto& [name, count] : counts) {
      if (count.first > 0)
        graph_.report().push_back("left out of the start: " + modules(count.first) + " of " + name +
                                  " that are not used and have no side effects");
      if (count.second > 0)
        graph_.report().push_back("left out of the start: " + modules(count.second) + " of " +
                                  name + " that only such modules import");
    }
  }

  Graph& graph_;
  const std::deque<Module>& modules_;
  ModuleUse use_;
  std::vector<bool> all_;            // all names are used
  std::vector<bool> follows_names_;  // what it imports depends on which of its names are used
  std::vector<std::set<std::string>> names_;
  std::vector<std::pair<size_t, std::string>> pending_;
};

}  // namespace

bool PromisesNoSideEffects(Packages& packages, const std::string& path) {
  const PackageJson* package = packages.ScopeOf(path);
  if (!package) return false;
  const Json& effects = package->json["sideEffects"];
  if (effects.is_bool()) return !effects.AsBool();
  if (!effects.is_array()) return false;
  std::string relative = path.substr(package->directory.size() + 1);
  // * matches the dot of hidden files for some bundlers only.
  if (relative.starts_with('.') || relative.find("/.") != std::string::npos) return false;
  for (const Json& item : effects.items()) {
    if (!item.is_string()) return false;
    std::string pattern = item.AsString();
    if (pattern.starts_with('!') || pattern.find_first_of("\\[(") != std::string::npos ||
        pattern.find("..") != std::string::npos)
      return false;
    if (pattern.find('/') == std::string::npos) pattern = "**/" + pattern;
    while (pattern.starts_with('/')) pattern.erase(0, 1);
    if (GlobMatches(pattern, relative)) return false;
  }
  return true;
}

ModuleUse FindUse(Graph& graph) { return UseFinder(graph).Run(); }

}  // namespace kiln
