// Records what an app asks of the outside world and does to it while its modules are evaluated in
// the snapshot builder. Every native function is marked (binding/effects.h): pure ones are called;
// reads are recorded and called; acts are recorded and not called. What JavaScript asks without a
// native function is reported by internal/kiln/observe. A report is attributed to the module whose
// evaluation has begun last and not ended; for ES modules in a cycle, to the first of the cycle.
//
// The record is text: a line per report, with fields separated by tabs, in which \t, \n and \\ are
// written with a backslash (baking/observation.h reads it):
//   read|act  name  detail  module  script  line  column     module -1: none of the app's
//   enter  module  0|1  its evaluation begins; the modules that it loads follow, until
//   body   module       1: it has no code that runs before this
//   leave  module  0|1  it ends; 1: it threw
//   requires  module  module      the first one loads or imports the second, while the module is evaluated
//                                 whose evaluation has begun last and not ended
//   awaits  module      it has a top-level await, or imports one that has
//   shape  module  1|2|3        its exports are a function, an object or an array, and no object that
//                               another module may have
// While modules of the plan are evaluated (internal/kiln/placeholders): the first one
//   uses|keeps|loads  module  module  script  line  column     uses the exports of the second one, keeps
//                               them elsewhere than in variables, or loads it when it must not
// Lines of internal/kiln/heap_graph and observe, after the app's modules were evaluated or, before a
// line "baked", after the baked ones were:
//   heap  module  hash  hash     of the objects that it has made, -1: of those that only the surface
//                                leads to; the second one is of their identities
//   lasting                      instead of "baked": the lines before it are about the baked modules
//                                that the plan does not name with "local"
//   surface  number  name  key  hash     what has changed of an object of the library
// While the app runs, the last one at the end:
//   changes  number              the module that is evaluated has changed an object of the surface
//                                that the plan names with "surface"
//   modifies  module  module     the evaluation of the first one has changed objects of the second,
//                                which the plan names with "watch"
//   ran  source  functions       a line of a profile (library/compiled_functions.h): functions that were called
//                                after all that was baked, and had not been compiled
//   acted  module  hash          of its acts and their arguments
#pragma once

#include <v8.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime-stub/binding/call_observer.h"
#include "runtime-stub/binding/effects.h"
#include "runtime-stub/env/env.h"
#include "runtime-stub/snapshot_builder/microtask_count.h"

namespace kiln::runtime {

class Observer final : public CallObserver {
 public:
  explicit Observer(Env& env) : env_(env) {}

  // The functions that internal/kiln/observe calls, in an object.
  v8::Local<v8::Object> Functions();
  // False if V8's objects have an unknown layout. Runs waiting microtasks.
  bool FindMicrotasks() { return microtasks_.Find(env_.isolate, env_.context()); }
  // Whether the app began to run.
  bool begun() const { return active_; }
  // From now on it records which functions are called: the code of all is discarded, so that V8 compiles
  // them again. No JavaScript may be running.
  void RecordCalls();
  // Ends the recording and returns the record.
  std::string Finish();

  v8::Local<v8::Value> Wrap(std::string_view owner, std::string_view name,
                            v8::FunctionCallback call) override;
  v8::FunctionCallback ObservedCall() override { return Call; }
  void OnEnv(EnvAccess access, std::string_view key) override;
  void OnLazyProperty(v8::Local<v8::Object> object, v8::Local<v8::Name> key) override;

 private:
  // A native function of a table. Data of its template.
  struct Function {
    Observer* observer;
    std::string name;  // "fs.open"
    Mark mark;
    v8::FunctionCallback call;
  };
  // Where a report comes from: the innermost place in the app's code. `script` is empty if none of
  // it is on the stack.
  struct Place {
    std::string script;
    int line = 0;
    int column = 0;
    bool direct = false;  // it asks itself, and no code of Node's library for it
    bool operator==(const Place&) const = default;
  };

  static void Call(const v8::FunctionCallbackInfo<v8::Value>& args);
  // A promise without reactions is an object as any other. What is put off by one is an act: a
  // reaction, or that somebody has to handle its rejection.
  static void OnPromise(v8::PromiseHookType type, v8::Local<v8::Promise> promise,
                        v8::Local<v8::Value> parent);
  static void OnReject(v8::PromiseRejectMessage message);
  // Reports that microtasks were added since the last call, as acts of the module that is being
  // evaluated.
  void CheckMicrotasks();
  // The text of a stack is made when it is first read. It names the callers, and so who has loaded
  // the module. A function of the app gets an array whose uses are reported.
  static v8::MaybeLocal<v8::Value> OnStack(v8::Local<v8::Context> context,
                                           v8::Local<v8::Value> error, v8::Local<v8::Array> sites);
  static bool IsAct(const Function& function, const v8::FunctionCallbackInfo<v8::Value>& args);
  // Whether an act is performed: it is if it only puts off the app's own code. What ticks have put off runs
  // when the record is complete, because it may depend on the time. Prepares an object whose constructor
  // is not performed.
  bool Performs(const Function& function, const v8::FunctionCallbackInfo<v8::Value>& args) const;
  // After the record is complete: lets the app call more, for the profile: what ticks and immediates have put
  // off, and a request to its servers.
  void RunFurther();
  void RunImmediates();
  // Whether the function may be called.
  bool OnCall(const Function& function, const v8::FunctionCallbackInfo<v8::Value>& args);
  void Note(bool act, std::string_view name, std::string_view detail);
  // `module`: if it is not the one that is being evaluated.
  void NoteAt(const Place& place, bool act, std::string_view name, std::string_view detail,
              std::optional<int> module = {});
  // Calls an export of internal/kiln/observe.
  v8::MaybeLocal<v8::Value> CallObserve(const char* name, std::vector<v8::Local<v8::Value>> args);
  // Whether Error.prepareStackTrace is a function of the app.
  bool PreparesStacks(v8::Local<v8::Context> context);
  Place Here() const;
  int NumberOf(const std::string& script);
  // The module whose code runs. Those of a cycle are evaluated by V8 together.
  int Evaluating();

  void Begin();
  void Enter(int module, bool loads_first);
  bool Leave(int module, bool threw);

  template <void (Observer::*F)(const v8::FunctionCallbackInfo<v8::Value>&)>
  void AddFunction(v8::Local<v8::Object> object, const char* name);
  void NoteFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void BeginFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void EnterFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void LeaveFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void RequiresFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void AwaitsFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void CycleFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void RecordCompiled();
  void BakesFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void PauseFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void LazyFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void CollectFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void PlaceFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void WriteFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  void WatchFromScript(const v8::FunctionCallbackInfo<v8::Value>& args);
  bool IsWatched(v8::Local<v8::Value> value) const;

  Env& env_;
  bool active_ = false;
  MicrotaskCount microtasks_;
  int64_t waiting_ = 0;         // microtasks at the last check
  Place promise_place_;         // of what was done last with a promise
  bool watches_async_ = false;  // the app has enabled a hook, which gets all new promises
  bool reporting_ = false;      // a report is being made: what it calls itself is no report
  std::string record_;
  std::set<std::string> seen_;   // reports that were recorded
  std::vector<int> evaluating_;  // modules, the innermost last
  std::vector<size_t> cycles_;   // sizes of evaluating_ when the modules of a cycle are evaluated
  // Properties whose value is loaded on first use: object, key, …
  std::vector<v8::Global<v8::Value>> lazy_;
  std::map<int, uint64_t> act_hashes_;  // of the acts of a module, with arguments, in order
  uint64_t arguments_ = 0;              // hash of those of the act that is being noted
  std::set<int> acted_;                 // modules that have acted, or have loaded one that has
  std::vector<v8::Global<v8::Value>> watched_;      // proxies that native code would look through
  std::set<std::string, std::less<>> changed_env_;  // variables that the app has changed
  std::optional<Place> enumerates_env_;             // of the last enumeration of the environment
  bool records_calls_ = false;
  bool silent_ = false;   // acts are still not performed, but nothing is recorded
  std::string compiled_;  // a profile of what had code when that began
  bool baking_ = false;   // modules of the plan are being evaluated
  std::vector<std::unique_ptr<Function>> functions_;
  std::unordered_map<std::string, int> numbers_;  // by name of script; -1 for unknown ones
};

}  // namespace kiln::runtime
