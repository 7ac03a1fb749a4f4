// Modules of the app that are evaluated while the snapshot is taken, and the observation by which the
// compiler decides which (docs/baking.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

class HeapGraph;
class ObjectHashes;

// Numbers of modules. `order`: those that modules load which are evaluated at start, in the order in
// which these load them. `baked`: these and all that they load. `other_lines`: what internal/kiln/bake
// and observe read (snapshot/take.h): a key and one or two numbers.
struct BakePlan {
  struct Line {
    std::string key;
    std::vector<int> numbers;
  };
  std::vector<int> order;
  std::vector<int> baked;
  std::vector<Line> other_lines;
};

// Reads lines "order N", "baked N" and others of a key and one or two numbers. Nothing if the file
// cannot be read or has another line.
std::optional<BakePlan> ReadBakePlan(const char* path);

// Evaluates the modules of the plan. REQUIRES: the library is booted and the app prepared. If they
// cannot be part of the heap, returns a line "failed", the number of the module or -1, and the
// reason, separated by tabs (snapshot_builder/observer.h). Otherwise an empty text.
std::string Bake(Env& env, const BakePlan& plan);

// Such a line if a native object is alive, after a garbage collection, and the module by whose stack
// it was made. Otherwise an empty text.
std::string KeptNativeObject(Env& env);

// An app that is observed. REQUIRES: the library was booted with an observer.
class ObservedApp {
 public:
  explicit ObservedApp(Env& env);
  ~ObservedApp();
  // What comes before the app begins, in all runs. Returns false after a fault of Kiln, which is printed.
  bool Prepare();
  // Compiles CommonJS modules, by number, that following runs evaluate.
  void Precompile(const std::vector<int>& modules);
  // Bakes the modules of the plan and then runs the app as at its start, until its modules are evaluated; its
  // acts are not performed. Returns the record of env.observer; nothing after a fault of Kiln, which is printed.
  // REQUIRES: called once, after Prepare().
  std::optional<std::string> Run(const BakePlan& plan);

 private:
  Env& env_;
  std::unique_ptr<HeapGraph> graph_;
  std::unique_ptr<ObjectHashes> hashes_;
};

}  // namespace kiln::runtime
