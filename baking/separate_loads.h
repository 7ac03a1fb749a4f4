// Which baked modules a start may load without others. All baked modules are in the snapshot, and so is
// what they have changed of one another. If deferred code loads a module, and in this environment nothing
// has loaded the one that has changed it, the change is seen too early.
//
// One environment was observed. Until deferred code asks or does something there, all are the same. From
// then on it is considered that any code of a deferred module loads what it names, at any time, and that
// functions of baked modules are called; but what a module certainly loads is loaded in its order, or the
// module ends, and with it those that have certainly loaded it.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "baking/differences.h"
#include "baking/observation.h"
#include "baking/verdicts.h"

namespace kiln {

class SeparateLoads {
 public:
  // `baked`: those of `verdicts`, or WithoutLocal(verdicts).
  SeparateLoads(const Observation& observation, const std::vector<ModuleFacts>& modules,
                const std::set<int>& baked, const Verdicts& verdicts);

  // Whether deferred code may see the baked module `loaded` when not all of the baked modules `others`
  // were loaded.
  bool MayLoadWithout(int loaded, const std::vector<int>& others) const;
  // The same for several modules.
  std::set<int> MayLoadWithout(const std::set<int>& loaded, const std::vector<int>& others) const;

 private:
  // Of a start: it advances when code of a deferred module runs.
  using Time = int;
  static constexpr Time kNever = std::numeric_limits<Time>::max();
  using Bits = std::vector<uint64_t>;  // by index in roots_

  void FindTimes();
  void FindLoaders();
  void FindAlwaysLoaded(const Verdicts& verdicts);
  // Whether the evaluation loads the same modules at each start, and no deferred code runs meanwhile.
  bool LoadsTheSame(int module) const;
  // Whether it was loaded in its place. A name that is not used is linked to an empty module.
  bool IsCertain(const ModuleFacts::Reference& reference) const;
  // The module may be loaded by deferred code, or by a function of a baked module, from `now` on.
  void MayBeLoaded(int module, Time now);
  // The module is loaded now, and all that its load certainly loads.
  void IsLoaded(int module, Time& now);
  // By index in roots_: those that may be loaded when not all of the modules were.
  Bits RootsWithout(const std::vector<int>& modules) const;
  bool IsLoadedByOneOf(int module, const Bits& roots) const;

  const Observation& observation_;
  const std::vector<ModuleFacts>& modules_;
  const std::set<int>& baked_;
  const std::set<int>& waiting_;
  const EvaluationOrder order_;
  std::map<int, std::vector<int>> loads_;  // of the evaluations of baked modules: baked ones
  // By module: when it is first loaded by code that is not being baked, at the earliest; when it was loaded
  // in any case, at the latest; and from when on its functions may be called.
  std::vector<Time> loaded_from_, loaded_until_, known_from_;
  std::vector<bool> is_started_;  // deferred ones: IsLoaded was called
  std::vector<int> roots_;        // baked modules with a time in loaded_from_
  std::vector<Bits> loaded_by_;   // by module: the roots whose load loads it, too
  // Each start loads it before environments differ; or it is not baked.
  std::vector<bool> is_always_loaded_;
};

}  // namespace kiln
