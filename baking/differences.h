// Whether anyone can tell that the baked modules are evaluated before the deferred ones. In the app's
// own order a deferred module may change what a baked one reads, and a baked one what a deferred
// one reads. Two observed runs are compared: one in the app's order, and one that bakes first
// (docs/baking.md, "The order of evaluation").
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "baking/observation.h"
#include "baking/verdicts.h"

namespace kiln {

// Which modules run between which in the app's order.
class EvaluationOrder {
 public:
  EvaluationOrder(const Observation& observation, const std::set<int>& baked);

  bool Evaluates(int module) const { return spans_.contains(module); }
  // Whether the evaluation of the first one begins before that of the second.
  bool IsBefore(int module, int other) const;
  // Whether code of a deferred module runs after the evaluation of `from` began, -1: since the
  // start, and before that of `to` ends.
  bool RunsDeferredBetween(int from, int to) const;
  // Whether the evaluation ends before the step with that index.
  bool EndsBefore(int module, size_t step) const;
  // Whether the first one is evaluated during the evaluation of the second, or is the second.
  bool IsIn(int module, int other) const;
  // All evaluated modules.
  const std::vector<int>& modules() const { return modules_; }

 private:
  struct Span {
    size_t enter = 0, leave = 0;  // indices of steps
  };
  std::vector<int> modules_;
  std::map<int, Span> spans_;
  // By index of a step: how many of the parts before it, between two steps, are of deferred code.
  std::vector<int> deferred_parts_;
};

// The baked modules without the local ones.
std::set<int> WithoutLocal(const Verdicts& verdicts);

// What the evaluations of the baked modules in `modules` may change of other modules' objects so that
// deferred ones see it too early: pairs for ObservedRun::watch. Only those are listed which a deferred
// module could have read before the change, and all that a waiting module may change: it would not
// have changed them if a module that it loads throws at start. What is still being evaluated can be
// read only by deferred modules that load it, and a module that loads such a one is deferred. -1: what only the
// surface leads to, if the app changes that. And those that
// a start may load without the module that changes them (separate_loads.h). `own`: only what the module's
// own code changes is watched.
std::vector<std::pair<int, int>> ModulesToWatch(const Observation& observation,
                                                const Verdicts& verdicts,
                                                const std::vector<ModuleFacts>& modules, bool own,
                                                const std::vector<int>& changing);

// The baked modules that the evaluation of a baked module loads, with itself.
std::vector<int> LoadedWith(const Observation& observation, int module);

// Of a watching run: refuses baked modules that change the surface or other modules' objects when
// a deferred one may have read them already, or may read them without the change. If only one that a local guard defers may have, there
// are no local guards (kNoLocalGuards). `names` are of the objects of the surface, by number.
// Returns whether one was refused.
bool RefuseWhatChangesTooEarly(const Observation& watched, const Verdicts& verdicts,
                               const std::map<int, std::string>& names,
                               const std::vector<ModuleFacts>& modules,
                               std::map<int, Deferral>& refused);

// Whether the other baked modules would be the same if the local ones were not: `with` are their objects
// in a run that bakes all, `without` in one that does not bake the local ones.
bool AreSameWithoutLocal(const HeapState& with, const HeapState& without);

// For people.
std::string NameOf(const SurfaceChange& change);

// What differs between two runs.
struct Differences {
  std::vector<int> modules;          // in the order of evaluation
  std::vector<std::string> surface;  // "globalThis.foo"
  bool any() const { return !modules.empty() || !surface.empty(); }
};
// Of the states at the end, and of what deferred modules did. `noise` is what differs without a reason
// between two runs in the same order.
Differences CompareRuns(const Observation& in_order, const Observation& baked_first,
                        const Verdicts& verdicts, const Differences& noise);
// The same of the states after the baked modules were evaluated.
std::vector<int> CompareBaked(const Observation& one, const Observation& other);

// Refuses what may be the reason for the differences: the first baked module that differs, or all that
// do; otherwise, if a deferred module or the surface differs, the baked modules that are evaluated after a deferred
// one has run.
void RefuseForDifferences(const Differences& differences, const Observation& in_order,
                          const Verdicts& verdicts, const std::vector<ModuleFacts>& modules,
                          bool all, std::map<int, Deferral>& refused);

}  // namespace kiln
