// What the app's modules did while they were evaluated in an observed process: the record that
// `--kiln-observe` writes (runtime-stub/snapshot_builder/observer.h has its format).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/result.h"

namespace kiln {

// A place in the app's code: the name of the script, a virtual path or its URL, and the line and
// column, from 1. An empty name: no code of the app was running.
struct ScriptPlace {
  std::string script;
  int line = 0;
  int column = 0;
};

// A module asked something of the outside world (a read), or did something to it (an act).
struct Report {
  bool act = false;
  std::string name;    // a native function, "fs.open", or what JavaScript asks: "Date.now()"
  std::string detail;  // a path, the name of a variable; may be empty
  int module = -1;     // that was being evaluated; -1 for none
  ScriptPlace place;   // of the code that asked
  size_t step = 0;     // how many of Observation::steps were before it
};

// The evaluation of a module, with those of the modules that it loaded first, in order.
struct Evaluation {
  int module = -1;
  bool threw = false;  // or it did not end
  std::vector<Evaluation> loaded;
};

// What has changed of an object of JavaScript's or Node's own: a property, or a variable of a module
// of Node's library.
struct SurfaceChange {
  int number = 0;    // of the object, the same in runs with the same order
  std::string name;  // "globalThis.Array.prototype"
  std::string key;
  std::string hash;  // of its value

  bool operator==(const SurfaceChange&) const = default;
};

// The objects in the heap that the app's modules have made or changed.
struct HeapState {
  // By the module that has made them; -1 for those that only the surface leads to. The first hash
  // is that of the objects, the second one that of their identities.
  std::map<int, std::pair<std::string, std::string>> modules;
  std::vector<SurfaceChange> surface;
};

// What happens to an evaluation. Code of a CommonJS module runs from the beginning, that of an ES
// module after all that it imports was evaluated.
struct Step {
  enum class Kind { kBegins, kRuns, kEnds };
  int module = -1;
  Kind kind = Kind::kBegins;
};

// A baked module has used another one's exports while that was not evaluated, or cannot wait for it
// for another reason.
struct Touch {
  enum class Kind { kUses, kKeeps, kLoads };  // it keeps the exports where they cannot be set later
  Kind kind = Kind::kUses;
  int module = -1;
  int other = -1;
  ScriptPlace place;
};

struct Observation {
  std::vector<Report> reports;                 // in order, without repetitions
  std::vector<Evaluation> evaluations;         // of modules that no other one loaded
  std::vector<std::pair<int, int>> requires_;  // the first loads or imports the second
  // The second one is loaded while the first one is evaluated, by whatever code. -1: while none is.
  std::set<std::pair<int, int>> loads;
  std::vector<int> awaits;  // have a top-level await, or import one that has
  std::vector<Step> steps;  // the evaluations, flat
  // Of modules whose exports can be replaced by a placeholder: 1 for a function, 2 for an object, 3
  // for an array.
  std::map<int, int> shapes;
  std::vector<Touch> touches;  // while the modules of the plan were evaluated
  HeapState baked;             // after the modules of the plan were evaluated
  HeapState lasting;           // the same of those that BakePlan::local does not name
  HeapState end;               // after all were
  // Functions that were called after all that was baked, and had not been compiled before: a profile
  // (runtime-stub/library/compiled_functions.h).
  std::string ran;
  std::map<int, std::string> acts;  // hashes of all acts, with arguments, by module
  // The module has changed the object of the surface with the number, which the run was to watch.
  std::vector<std::pair<int, int>> changes;
  // The first one has changed objects of the second one, which the run was to watch. -1: those that
  // only the surface leads to.
  std::vector<std::pair<int, int>> modifies;
};

// An Error for a record that is cut short or has an unknown line. All numbers of modules are less
// than `module_count`, or -1 where no module is meant.
Result<Observation> ParseObservation(std::string_view record, int module_count);

}  // namespace kiln
