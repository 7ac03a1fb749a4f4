// Which modules of an app are baked: evaluated while it is built, so that the executable starts with
// them. A module is baked if nothing in its evaluation depends on the outside world or changes it,
// except for what guards cover, and if it uses no module of which that is not true (docs/baking.md).
// All other modules are evaluated at start, as without baking.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "baking/observation.h"
#include "baking/recipes.h"
#include "snapshot/take.h"

namespace kiln {

// What the user assumes of the environment at a start: the value of a variable, or nothing if it
// is absent.
using AssumedEnvironment = std::map<std::string, std::optional<std::string>>;

// What is known of a module before it is observed.
struct ModuleFacts {
  // A module that its text may load. They are in the order of the text.
  struct Reference {
    int module;
    bool later;            // maybe after its evaluation, by a function
    bool certain = false;  // its evaluation does
  };
  std::string path;  // virtual, with query and fragment
  bool own = true;   // not of an installed package
  bool is_commonjs = false;
  bool is_esm = false;
  bool at_start = false;           // the user wants it to be evaluated at start
  bool trusted = false;            // the user says that its reads are harmless
  bool named_at_run_time = false;  // code may load it by a computed name
  std::vector<Reference> references = {};
  // What its code may change of a module that it imports, maybe only in some environments, and which
  // modules may be loaded by it afterwards. Looks through `source`. May be null.
  struct Change {
    int module;
    std::set<int> loaded_later;
  };
  std::function<std::vector<Change>(std::string_view source)> changes = {};
  const AssumedEnvironment* assumed = nullptr;   // of all modules; borrowed
  std::string_view source = {};                  // as V8 compiles it; borrowed
  const std::vector<Recipe>* recipes = nullptr;  // of all modules; borrowed
};

// Why a module is evaluated at start.
struct Deferral {
  enum class Cause {
    kEntry,      // the entry always is
    kRead,       // `report`
    kAct,        // `report`
    kAwaits,     // top-level await
    kThrew,      // its evaluation ended with an error
    kNotInHeap,  // `text`: its state cannot be part of a snapshot
    kOrder,      // `text`: it makes a difference whether it is evaluated before others
    kAsked,      // `text`: the user wants it to be evaluated at start
    kLoads,      // it loads the deferred module `other`, and cannot wait for it
    kUses,       // it uses the exports of the deferred module `other`, at `report.place`
    kKeeps,      // it keeps the exports of the deferred module `other` elsewhere than in variables
  };
  Cause cause;
  Report report = {};
  int other = -1;
  std::string text = {};
  bool asks = false;  // of kOrder: its evaluation asks for something of the environment
};

struct Verdicts {
  std::map<int, Deferral> deferred;  // of the modules that were evaluated
  std::set<int> baked;
  std::set<int> waiting;  // baked ones that have loaded deferred ones, maybe indirectly
  // What is compared at start: the executable starts without baked modules if one does not hold.
  // Lines as snapshot/format/payload_format.h describes them.
  std::set<std::string> guards;
  std::map<std::string, std::set<int>> needed;  // the baked modules that a guard is for
  // Of the guards: those that do not decide about the whole start. If one does not hold, only the
  // modules in `local` are evaluated at start: those that need such a guard, and all baked ones that
  // load these, directly or not. ES modules cannot be evaluated again, so there is none among them.
  std::set<std::string> local_guards;
  std::set<int> local;
  // What baked modules read and no guard covers, because the user trusts them.
  std::map<int, std::vector<Report>> trusted;
  BakePlan plan;
};

// `refused` are modules that a trial has shown not to be bakeable, with the reason. With kNoLocalGuards
// in it, all guards decide about the whole start.
constexpr int kNoLocalGuards = -1;
Verdicts Judge(const Observation& observation, const std::vector<ModuleFacts>& modules,
               const std::map<int, Deferral>& refused);

// The plan of a start at which a local guard does not hold: without the modules in `local`.
BakePlan PlanWithoutLocal(const Observation& observation, const Verdicts& verdicts);

// The guards for an executable, lines as snapshot/format/payload_format.h describes them.
std::string LinesOfGuards(const Verdicts& verdicts);

// "NAME=VALUE" of each variable that is assumed to have a value: of each process that observes or
// bakes.
std::vector<std::string> EnvironmentOf(const std::vector<ModuleFacts>& modules);

// The guards that cover a report, so that the module need not be deferred: none if any answer is right.
// Nothing if the module must be deferred. Only for reads whose answer at build time is the usual
// one. REQUIRES: report.module >= 0.
std::optional<std::vector<std::string>> GuardsOf(const Report& report,
                                                 const std::vector<ModuleFacts>& modules);

}  // namespace kiln
