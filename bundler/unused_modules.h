// Finds ES modules that nothing uses, in packages that promise that evaluating their modules has no
// side effects ("sideEffects" in package.json, as esbuild and webpack read it).
//
// An app that imports one function of a package would otherwise load all that the package's index
// module re-exports. A module is left out only if no name that it exports is used. Names are
// followed only through modules that consist of nothing but import and export statements: such a
// module has no variables of its own, so the runtime can make a second, complete instance of it for
// code that sees all of its exports (import() of a computed name, for example), and no program can
// distinguish the two. All other modules use everything that their statements name.
#pragma once

#include <string>
#include <vector>

#include "bundler/graph.h"

namespace kiln {

// For each module of the graph, by its index.
struct ModuleUse {
  // Whether a module that may be loaded uses it. Modules that only computed names can mean and that
  // no rule reaches are not used, and import what they name as it is.
  std::vector<bool> used;
  // Of used modules: statements of it that re-export name a module that is not used, or a partial
  // one, so it lacks exports.
  std::vector<bool> partial;
  // Whether each start loads it (Graph::LoadedAtStart, without modules that are not used).
  std::vector<bool> at_start;
  // May be left out: ES modules with the promise.
  std::vector<bool> promised;

  // Whether import statements of module `from` that have this edge are linked to an empty module.
  bool LeavesOut(size_t from, const Edge& edge) const {
    return used[from] && edge.to == Edge::To::kModule && edge.kind == RefKind::kImport &&
           !used[edge.module] && promised[edge.module];
  }
};

// Adds lines to the graph's report: how many modules of which package are left out. The modules that
// make no promise are evaluated in the order in which they would be without this. REQUIRES:
// graph.Crawl has succeeded with LinkForm::kModules.
ModuleUse FindUse(Graph& graph);

// Whether the package.json next to `path` or nearest above it promises that the module there has no
// side effects: "sideEffects" is false, or a list of patterns that do not match. Patterns are
// relative to package.json; one without a slash matches in every folder. A pattern with a meaning
// that bundlers do not agree on matches everything.
bool PromisesNoSideEffects(Packages& packages, const std::string& path);

}  // namespace kiln
