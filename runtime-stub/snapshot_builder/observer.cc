#include "runtime-stub/snapshot_builder/observer.h"

#include <algorithm>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/convert.h"
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/exceptions/uncaught.h"
#include "runtime-stub/library/compiled_functions.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/environment.h"
#include "runtime-stub/snapshot_builder/time_limit.h"

namespace kiln::runtime {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// How many frames are looked at for the module that is being evaluated.
constexpr int kFrames = 256;
// What stacks say of the function that lets V8 evaluate ES modules, as in Node.
constexpr std::string_view kEvaluator = "node:internal/modules/esm/module_job";

Observer* g_observer;  // of the process, for V8's promise hook

std::string Escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\t')
      out += "\\t";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\\')
      out += "\\\\";
    else
      out += c;
  }
  return out;
}

// Whether a function of fs gets an object for an embedded file in place of a descriptor, and works at
// once (bindings/fs/embedded_file.cc).
bool IsOnEmbeddedFile(std::string_view function, const Info& args) {
  if (function != "fs.read" && function != "fs.fstat" && function != "fs.close") return false;
  if (args.Length() == 0 || !args[0]->IsObject()) return false;
  v8::Local<v8::Value> last = args[args.Length() - 1];
  return args.Length() == 1 || last->IsArrayBufferView() || !IsAsynchronous(last);
}

uint64_t Mix(uint64_t hash, std::string_view text) {
  for (char c : text) hash = (hash ^ uint8_t(c)) * 0x100000001b3;
  return (hash ^ text.size()) * 0x100000001b3;
}

// Of what can be compared between two runs.
uint64_t HashArguments(v8::Isolate* isolate, const Info& args) {
  uint64_t hash = 1;
  for (int i = 0; i < args.Length(); i++) {
    v8::Local<v8::Value> value = args[i];
    if (value->IsString() || value->IsNumber() || value->IsBoolean()) {
      hash = Mix(hash, ToUtf8(isolate, value));
    } else if (value->IsArrayBufferView()) {
      auto view = value.As<v8::ArrayBufferView>();
      std::string bytes(view->ByteLength(), '\0');
      view->CopyContents(bytes.data(), bytes.size());
      hash = Mix(hash, bytes);
    } else {
      hash = Mix(hash, value->IsFunction() ? "function" : "other");
    }
  }
  return hash;
}

bool IsOfApp(std::string_view name) { return !name.empty() && !name.starts_with("node:"); }

}  // namespace

v8::Local<v8::Value> Observer::Wrap(std::string_view owner, std::string_view name,
                                    v8::FunctionCallback call) {
  Mark mark = FindMark(owner, name).value_or(Mark{Effect::kAct});
  functions_.push_back(
      std::make_unique<Function>(Function{.observer = this,
                                          .name = std::string(owner) + "." + std::string(name),
                                          .mark = mark,
                                          .call = call}));
  return v8::External::New(env_.isolate, functions_.back().get());
}

void Observer::Call(const Info& args) {
  auto* function = static_cast<Function*>(args.Data().As<v8::External>()->Value());
  Observer& self = *function->observer;
  if (self.OnCall(*function, args)) function->call(args);
}

bool Observer::IsAct(const Function& function, const Info& args) {
  const Mark& mark = function.mark;
  return mark.effect == Effect::kAct ||
         (mark.async_argument >= 0 && mark.async_argument < args.Length() &&
          IsAsynchronous(args[mark.async_argument]));
}

bool Observer::Performs(const Function& function, const Info& args) const {
  if (function.name == "task_queue.enqueueMicrotask" ||
      (silent_ && function.name == "task_queue.runMicrotasks"))
    return true;
  // The object is made, but has no C++ object. V8 has left `undefined` in its fields.
  if (args.IsConstructCall())
    for (int i = 0; i < args.This()->InternalFieldCount(); i++)
      args.This()->SetAlignedPointerInInternalField(i, nullptr);
  return false;
}

bool Observer::OnCall(const Function& function, const Info& args) {
  if (!active_ || reporting_) return true;
  if (silent_) return !IsAct(function, args) || Performs(function, args);
  const Mark& mark = function.mark;
  if (IsOnEmbeddedFile(function.name, args)) return true;
  const bool is_act = IsAct(function, args);
  if (!is_act && mark.effect == Effect::kPure) {
    for (int i = 0; i < args.Length(); i++)
      if (IsWatched(args[i])) Note(false, function.name, "of a property of process");
    return true;
  }
  std::string detail;
  int path_argument = std::max<int>(mark.path_argument, 0);
  if (args.Length() > path_argument && args[path_argument]->IsString())
    detail = ToUtf8(env_.isolate, args[path_argument]);
  else if (args.Length() > 0 && args[0]->IsInt32())
    detail = std::to_string(args[0].As<v8::Int32>()->Value());
  if (is_act) {
    // It is not performed, so V8 will not call the hooks that it would set.
    if (function.name == "async_wrap.setPromiseHooks") watches_async_ = true;
    arguments_ = HashArguments(env_.isolate, args);
    Note(true, function.name, detail);
    arguments_ = 0;
    return Performs(function, args);
  }
  if (mark.effect == Effect::kEmbeddedRead && embedded::Owns(detail)) return true;
  Note(false, function.name, detail);
  return true;
}

// Changes are made, so that the app reads them. What it then reads is no property of a start.
void Observer::OnEnv(EnvAccess access, std::string_view key) {
  if (!active_ || reporting_) return;
  switch (access) {
    case EnvAccess::kAll:
      enumerates_env_ = Here();
      return Note(false, changed_env_.empty() ? "process.env, all keys" : "changed process.env",
                  {});
    case EnvAccess::kQuery:
      // V8 asks for each of the keys that it has enumerated.
      if (enumerates_env_ && ReadUntrusted(std::string(key)) && Here() == *enumerates_env_) return;
      [[fallthrough]];
    case EnvAccess::kGet:
      return Note(false, changed_env_.contains(key) ? "changed process.env" : "process.env", key);
    case EnvAccess::kDelete:
      // Without such a variable it has no effect.
      if (!ReadUntrusted(std::string(key)) && !changed_env_.contains(key))
        return Note(false, "delete process.env", key);
      break;
    case EnvAccess::kSet:
      break;
  }
  changed_env_.emplace(key);
  Note(true, "process.env =", key);
}

void Observer::OnLazyProperty(v8::Local<v8::Object> object, v8::Local<v8::Name> key) {
  lazy_.emplace_back(env_.isolate, object);
  lazy_.emplace_back(env_.isolate, key);
}

void Observer::OnPromise(v8::PromiseHookType type, v8::Local<v8::Promise>,
                         v8::Local<v8::Value> parent) {
  Observer& self = *g_observer;
  if (!self.active_ || self.reporting_) return;
  self.CheckMicrotasks();
  if (type != v8::PromiseHookType::kInit && type != v8::PromiseHookType::kResolve) return;
  self.promise_place_ = self.Here();
  if (type != v8::PromiseHookType::kInit || self.promise_place_.script.empty()) return;
  // V8 makes a promise for each reaction, also for that of `await`.
  if (parent->IsPromise())
    self.NoteAt(self.promise_place_, true, "promise reaction", {});
  else if (self.watches_async_)
    self.NoteAt(self.promise_place_, true, "promise that a hook gets", {});
}

void Observer::OnReject(v8::PromiseRejectMessage message) {
  Observer& self = *g_observer;
  if (self.active_ && !self.reporting_) {
    Place place = self.Here();
    const bool settled_again = message.GetEvent() == v8::kPromiseRejectAfterResolved ||
                               message.GetEvent() == v8::kPromiseResolveAfterResolved;
    const char* name =
        settled_again ? "promise settlement that is the second one" : "promise rejection";
    if (!place.script.empty()) self.NoteAt(place, true, name, {});
  }
  OnPromiseReject(message);
}

void Observer::CheckMicrotasks() {
  const int64_t waiting = microtasks_.Get();
  const bool more = waiting > waiting_;
  waiting_ = waiting;
  // Those of the loaders themselves are none of the app's.
  if (more && active_ && !reporting_ && !promise_place_.script.empty())
    NoteAt(promise_place_, true, "promise reaction", {});
}

v8::MaybeLocal<v8::Value> Observer::OnStack(v8::Local<v8::Context> context,
                                            v8::Local<v8::Value> error,
                                            v8::Local<v8::Array> sites) {
  Observer& self = *g_observer;
  if (!self.active_ || self.reporting_) return OnPrepareStackTrace(context, error, sites);
  self.reporting_ = true;
  v8::Local<v8::Value> watched;
  const int module = self.evaluating_.empty() ? -1 : self.evaluating_.back();
  bool known = self.CallObserve("watchSites", {sites, v8::Integer::New(self.env_.isolate, module)})
                   .ToLocal(&watched);
  const bool prepares = known && self.PreparesStacks(context);
  self.reporting_ = false;
  // `undefined`: all frames are those of the module that is being evaluated, and of what it has called.
  if (known && watched->IsUndefined()) return OnPrepareStackTrace(context, error, sites);
  if (!prepares) {
    self.Note(false, "stack", {});
    return OnPrepareStackTrace(context, error, sites);
  }
  v8::Local<v8::Value> args[] = {context->Global(), error, watched};
  return self.env_.GetFunction(Slot::kPrepareStackTrace)
      ->Call(context, self.env_.Undefined(), 3, args);
}

bool Observer::PreparesStacks(v8::Local<v8::Context> context) {
  v8::Local<v8::Value> error, prepare;
  if (!context->Global()->Get(context, env_.Name("Error")).ToLocal(&error) || !error->IsObject() ||
      !error.As<v8::Object>()->Get(context, env_.Name("prepareStackTrace")).ToLocal(&prepare) ||
      !prepare->IsFunction())
    return false;
  v8::Local<v8::Value> name = prepare.As<v8::Function>()->GetScriptOrigin().ResourceName();
  return !name.IsEmpty() && name->IsString() && IsOfApp(ToUtf8(env_.isolate, name));
}

v8::MaybeLocal<v8::Value> Observer::CallObserve(const char* name,
                                                std::vector<v8::Local<v8::Value>> args) {
  v8::Local<v8::Value> exports;
  if (!RequireBuiltin(env_, "internal/kiln/observe").ToLocal(&exports)) return {};
  return env_.Get(exports.As<v8::Object>(), name)
      .As<v8::Function>()
      ->Call(env_.context(), env_.Undefined(), int(args.size()), args.data());
}

Observer::Place Observer::Here() const {
  v8::Isolate* isolate = env_.isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::StackTrace> stack = v8::StackTrace::CurrentStackTrace(
      isolate, kFrames, v8::StackTrace::StackTraceOptions(v8::StackTrace::kDetailed));
  Place place;
  for (int i = 0; i < stack->GetFrameCount(); i++) {
    v8::Local<v8::StackFrame> frame = stack->GetFrame(isolate, uint32_t(i));
    v8::Local<v8::String> text = frame->GetScriptName();
    if (text.IsEmpty()) continue;
    std::string name = ToUtf8(isolate, text);
    if (!IsOfApp(name)) continue;
    place.line = frame->GetLineNumber();
    place.column = frame->GetColumn();
    place.direct = i == 0;
    place.script = std::move(name);
    break;
  }
  return place;
}

int Observer::NumberOf(const std::string& script) {
  if (script.empty()) return -1;
  if (auto known = numbers_.find(script); known != numbers_.end()) return known->second;
  int number = -1;
  v8::Local<v8::Value> result;
  if (CallObserve("idOfScript", {env_.Str(script)}).ToLocal(&result) && result->IsInt32())
    number = result.As<v8::Int32>()->Value();
  return numbers_[script] = number;
}

// Which module of a cycle was entered depends on who imports it first, so the others' reads would not be the
// same ones in another order. The frame that V8 has called is that of a module's body.
int Observer::Evaluating() {
  if (cycles_.empty() || cycles_.back() != evaluating_.size()) return evaluating_.back();
  v8::Isolate* isolate = env_.isolate;
  v8::Local<v8::StackTrace> stack = v8::StackTrace::CurrentStackTrace(
      isolate, kFrames, v8::StackTrace::StackTraceOptions(v8::StackTrace::kDetailed));
  std::string body;
  for (int i = 0; i < stack->GetFrameCount(); i++) {
    v8::Local<v8::StackFrame> frame = stack->GetFrame(isolate, uint32_t(i));
    v8::Local<v8::String> text = frame->GetScriptName();
    if (text.IsEmpty()) continue;
    std::string name = ToUtf8(isolate, text);
    if (IsOfApp(name)) {
      body = std::move(name);
    } else if (name == kEvaluator) {
      const int module = NumberOf(body);
      return module >= 0 ? module : evaluating_.back();
    }
  }
  return evaluating_.back();
}

void Observer::Note(bool act, std::string_view name, std::string_view detail) {
  NoteAt(Here(), act, name, detail);
}

void Observer::NoteAt(const Place& place, bool act, std::string_view name, std::string_view detail,
                      std::optional<int> of) {
  if (silent_) return;
  v8::HandleScope scope(env_.isolate);
  reporting_ = true;
  // Modules that are being baked are not entered. What runs between the evaluations of the app is no part
  // of any: it goes on after an await of the entry, or of another module whose await is reported, or
  // somebody has left a reaction or the like behind, which was reported when it was made.
  int module = of                     ? *of
               : !evaluating_.empty() ? Evaluating()
               : baking_              ? NumberOf(place.script)
                                      : -1;
  reporting_ = false;
  if (act) {
    acted_.insert(module);
    if (!of && !evaluating_.empty()) acted_.insert(evaluating_.back());
    uint64_t& hash = act_hashes_[module];
    hash = Mix(hash, std::string(name) + "\n" + std::string(detail) + std::to_string(arguments_));
  }
  std::string line = std::string(act ? "act" : "read") + "\t" + Escape(name) + "\t" +
                     Escape(detail) + "\t" + std::to_string(module) + "\t" + Escape(place.script) +
                     "\t" + std::to_string(place.line) + "\t" + std::to_string(place.column) + "\n";
  if (seen_.insert(line).second) record_ += line;
}

void Observer::Begin() {
  g_observer = this;
  active_ = true;
  waiting_ = microtasks_.Get();
  env_.isolate->SetPromiseHook(OnPromise);
  env_.isolate->SetPromiseRejectCallback(OnReject);
  env_.isolate->SetPrepareStackTraceCallback(OnStack);
}

void Observer::Enter(int module, bool loads_first) {
  CheckMicrotasks();
  evaluating_.push_back(module);
  record_ += "enter\t" + std::to_string(module) + (loads_first ? "\t1\n" : "\t0\n");
}

bool Observer::Leave(int module, bool threw) {
  CheckMicrotasks();
  record_ += "leave\t" + std::to_string(module) + "\t" + (threw ? "1" : "0") + "\n";
  if (!evaluating_.empty()) evaluating_.pop_back();
  const bool acted = acted_.contains(module);
  if (acted && !evaluating_.empty()) acted_.insert(evaluating_.back());
  return acted;
}

void Observer::RunFurther() {
  if (!records_calls_) return;
  silent_ = true;
  v8::TryCatch caught(env_.isolate);
  v8::Local<v8::Value> exports;
  if (!RequireBuiltin(env_, "internal/kiln/sample_request").ToLocal(&exports)) return;
  const size_t complete = record_.size();
  // What is not performed may make a loop endless. The record must not be lost for that.
  TimeLimit limit(env_.isolate, std::chrono::seconds(3));
  for (const char* name : {"wait", "ask"}) {
    auto function = env_.Get(exports.As<v8::Object>(), name).As<v8::Function>();
    (void)MakeCallback(env_, env_.process(), function, {});
    RunImmediates();
  }
  record_.resize(complete);  // JavaScript reports modules that are loaded meanwhile
}

// Timers, and what the system would answer, do not come.
void Observer::RunImmediates() {
  constexpr int kMostRounds = 100;
  v8::Local<v8::Function> process = env_.GetFunction(Slot::kProcessImmediate);
  for (int i = 0; i < kMostRounds && env_.immediate_info[0] != 0 && !process.IsEmpty(); ++i) {
    v8::TryCatch caught(env_.isolate);
    (void)MakeCallback(env_, env_.process(), process, {});
  }
}

std::string Observer::Finish() {
  CheckMicrotasks();
  RunFurther();
  active_ = false;
  env_.isolate->SetPromiseHook(nullptr);
  RecordCompiled();
  for (auto [module, hash] : act_hashes_)
    record_ += "acted\t" + std::to_string(module) + "\t" + std::to_string(hash) + "\n";
  return std::move(record_);
}

// ---------------------------------------------------------------- called from JavaScript

void Observer::NoteFromScript(const Info& args) {
  if (!active_ || reporting_) return;
  std::string kind = ToUtf8(env_.isolate, args[0]);
  if (args.Length() > 3) {  // of a module, wherever it was evaluated
    NoteAt(Here(), kind == "act", ToUtf8(env_.isolate, args[1]), ToUtf8(env_.isolate, args[2]),
           args[3].As<v8::Int32>()->Value());
    return;
  }
  if (kind == "read by the app" && !Here().direct) return;
  Note(kind == "act", ToUtf8(env_.isolate, args[1]), ToUtf8(env_.isolate, args[2]));
}

void Observer::BeginFromScript(const Info&) { Begin(); }

void Observer::EnterFromScript(const Info& args) {
  Enter(args[0].As<v8::Int32>()->Value(), args[1]->IsTrue());
}

// Returns whether the module's error is to be ignored.
void Observer::LeaveFromScript(const Info& args) {
  bool threw = args.Length() > 1 && !args[1]->IsUndefined();
  args.GetReturnValue().Set(Leave(args[0].As<v8::Int32>()->Value(), threw));
}

void Observer::RequiresFromScript(const Info& args) {
  std::string line = "requires\t" + std::to_string(args[0].As<v8::Int32>()->Value()) + "\t" +
                     std::to_string(args[1].As<v8::Int32>()->Value()) + "\n";
  // Once for each module during whose evaluation it happens.
  const int during = evaluating_.empty() ? -1 : evaluating_.back();
  if (seen_.insert(line + std::to_string(during)).second) record_ += line;
}

void Observer::CycleFromScript(const Info& args) {
  if (args[0]->IsTrue())
    cycles_.push_back(evaluating_.size());
  else
    cycles_.pop_back();
}

void Observer::AwaitsFromScript(const Info& args) {
  std::string line = "awaits\t" + std::to_string(args[0].As<v8::Int32>()->Value()) + "\n";
  if (seen_.insert(line).second) record_ += line;
}

void Observer::BakesFromScript(const Info& args) { baking_ = args[0]->IsTrue(); }

void Observer::RecordCalls() {
  DiscardAllCode(env_.isolate, true);
  compiled_ = CompiledFunctions(env_.isolate);  // functions whose code is never discarded
  records_calls_ = true;
}

// What starts call, as far as this run shows. Code of the builder itself is not called then.
void Observer::RecordCompiled() {
  if (!records_calls_) return;
  constexpr std::string_view kKiln = "library internal/kiln/";
  constexpr std::string_view kOfBuilder[] = {"observe\t", "heap_graph\t", "bake\t",
                                             "placeholders\t", "sample_request\t"};
  const std::string functions = CompiledSince(env_.isolate, compiled_);
  for (std::string_view rest = functions; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n') + 1);
    rest.remove_prefix(line.size());
    if (line.starts_with(kKiln) && std::ranges::any_of(kOfBuilder, [&](std::string_view name) {
          return line.substr(kKiln.size()).starts_with(name);
        }))
      continue;
    record_ += "ran\t";
    record_ += line;
  }
}

void Observer::PauseFromScript(const Info& args) { reporting_ = args[0]->IsTrue(); }

// With an argument, returns [object, key, …] of the properties whose value is loaded on first use, without so many
// elements of the array, which the caller has; with arguments (object, key), whether it has not been loaded.
void Observer::LazyFromScript(const Info& args) {
  if (args.Length() == 2) {
    bool is_callback = args[0]
                           .As<v8::Object>()
                           ->HasRealNamedCallbackProperty(env_.context(), args[1].As<v8::Name>())
                           .FromMaybe(false);
    args.GetReturnValue().Set(is_callback);
    return;
  }
  v8::LocalVector<v8::Value> values(env_.isolate);
  for (size_t i = args[0].As<v8::Uint32>()->Value(); i < lazy_.size(); ++i)
    values.push_back(lazy_[i].Get(env_.isolate));
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values.data(), values.size()));
}

// Collects the garbage, so that a WeakRef shows what is left.
void Observer::CollectFromScript(const Info&) {
  env_.isolate->ClearKeptObjects();
  env_.isolate->LowMemoryNotification();
}

// [script, line, column] of the innermost place in the app's code.
void Observer::PlaceFromScript(const Info& args) {
  Place place = Here();
  v8::Local<v8::Value> values[] = {env_.Str(place.script),
                                   v8::Integer::New(env_.isolate, place.line),
                                   v8::Integer::New(env_.isolate, place.column)};
  args.GetReturnValue().Set(v8::Array::New(env_.isolate, values, 3));
}

void Observer::WriteFromScript(const Info& args) { record_ += ToUtf8(env_.isolate, args[0]); }

void Observer::WatchFromScript(const Info& args) {
  for (int i = 0; i < args.Length(); i++) watched_.emplace_back(env_.isolate, args[i]);
}

bool Observer::IsWatched(v8::Local<v8::Value> value) const {
  return value->IsProxy() && std::any_of(watched_.begin(), watched_.end(),
                                         [&](const auto& watched) { return watched == value; });
}

template <void (Observer::*F)(const Info&)>
void Observer::AddFunction(v8::Local<v8::Object> object, const char* name) {
  auto call = [](const Info& args) {
    auto* self = static_cast<Observer*>(args.Data().As<v8::External>()->Value());
    (self->*F)(args);
  };
  v8::Local<v8::Function> function =
      v8::Function::New(env_.context(), call, v8::External::New(env_.isolate, this))
          .ToLocalChecked();
  env_.Set(object, name, function);
}

v8::Local<v8::Object> Observer::Functions() {
  v8::Local<v8::Object> object = v8::Object::New(env_.isolate);
  AddFunction<&Observer::NoteFromScript>(object, "note");
  AddFunction<&Observer::BeginFromScript>(object, "begin");
  AddFunction<&Observer::EnterFromScript>(object, "enter");
  AddFunction<&Observer::LeaveFromScript>(object, "leave");
  AddFunction<&Observer::RequiresFromScript>(object, "requires");
  AddFunction<&Observer::AwaitsFromScript>(object, "awaits");
  AddFunction<&Observer::CycleFromScript>(object, "cycle");
  AddFunction<&Observer::LazyFromScript>(object, "lazy");
  AddFunction<&Observer::PauseFromScript>(object, "pause");
  AddFunction<&Observer::BakesFromScript>(object, "bakes");
  AddFunction<&Observer::CollectFromScript>(object, "collect");
  AddFunction<&Observer::PlaceFromScript>(object, "place");
  AddFunction<&Observer::WriteFromScript>(object, "write");
  AddFunction<&Observer::WatchFromScript>(object, "watch");
  return object;
}

}  // namespace kiln::runtime
