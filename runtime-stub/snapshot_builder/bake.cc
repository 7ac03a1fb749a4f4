// The work is done in JavaScript (internal/kiln/bake, internal/kiln/observe).
#include "runtime-stub/snapshot_builder/bake.h"

#include <fstream>
#include <sstream>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/convert.h"
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/exceptions/uncaught.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/snapshot_builder/heap_graph.h"
#include "runtime-stub/snapshot_builder/object_hashes.h"
#include "runtime-stub/snapshot_builder/observer.h"
#include "runtime-stub/thread/boot.h"

namespace kiln::runtime {

namespace {

v8::Local<v8::Array> Numbers(Env& env, const std::vector<int>& list) {
  v8::LocalVector<v8::Value> values(env.isolate);
  for (int number : list) values.push_back(v8::Integer::New(env.isolate, number));
  return v8::Array::New(env.isolate, values.data(), values.size());
}

v8::Local<v8::Array> OtherLines(Env& env, const BakePlan& plan) {
  v8::LocalVector<v8::Value> lines(env.isolate);
  for (const BakePlan::Line& line : plan.other_lines) {
    v8::LocalVector<v8::Value> values(env.isolate);
    values.push_back(env.Str(line.key));
    for (int number : line.numbers) values.push_back(v8::Integer::New(env.isolate, number));
    lines.push_back(v8::Array::New(env.isolate, values.data(), values.size()));
  }
  return v8::Array::New(env.isolate, lines.data(), lines.size());
}

v8::MaybeLocal<v8::Value> CallFunction(Env& env, const char* module, const char* name,
                                       std::vector<v8::Local<v8::Value>> args) {
  v8::Local<v8::Value> exports;
  if (!RequireBuiltin(env, module).ToLocal(&exports)) return {};
  return env.Get(exports.As<v8::Object>(), name)
      .As<v8::Function>()
      ->Call(env.context(), env.Undefined(), int(args.size()), args.data());
}

std::string Failure(int module, std::string reason) {
  std::string line;
  for (char c : reason) line += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
  return "failed\t" + std::to_string(module) + "\t" + line + "\n";
}

// The module that has made a native object, by the stack of its creation.
int ModuleOf(Env& env, const std::string& stack) {
  v8::Local<v8::Value> number;
  if (CallFunction(env, "internal/kiln/bake", "moduleOfStack", {env.Str(stack)}).ToLocal(&number) &&
      number->IsInt32())
    return number.As<v8::Int32>()->Value();
  return -1;
}

}  // namespace

std::optional<BakePlan> ReadBakePlan(const char* path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  BakePlan plan;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    BakePlan::Line read;
    words >> read.key;
    for (int number; words >> number;) read.numbers.push_back(number);
    if (!words.eof() || read.numbers.empty() || read.numbers.size() > 2) return std::nullopt;
    if (read.key == "order")
      plan.order.push_back(read.numbers[0]);
    else if (read.key == "baked")
      plan.baked.push_back(read.numbers[0]);
    else
      plan.other_lines.push_back(std::move(read));
  }
  return plan;
}

std::string Bake(Env& env, const BakePlan& plan) {
  if (plan.order.empty()) return {};
  v8::HandleScope scope(env.isolate);
  InstallIsolateCallbacks(env);                    // import.meta
  env.isolate->RemoveMessageListeners(OnMessage);  // would be in the heap
  v8::TryCatch caught(env.isolate);
  v8::Local<v8::Value> problem;
  HeapGraph graph(env);
  v8::Local<v8::Object> functions = v8::Object::New(env.isolate);
  if (!graph.AddFunctions(functions)) return Failure(-1, "V8's closures have an unknown layout");
  // A recipe may let a module keep a time. Two builds must not differ by it.
  constexpr double kTime = 1e12;  // as in internal/kiln/observe
  ThePlatform().StopClock(kTime);
  bool ended = CallFunction(env, "internal/kiln/bake", "bake",
                            {Numbers(env, plan.order), Numbers(env, plan.baked),
                             OtherLines(env, plan), functions})
                   .ToLocal(&problem);
  ThePlatform().StopClock({});
  if (!ended) return Failure(-1, ToUtf8(env.isolate, caught.Exception()));
  if (problem->IsArray()) {
    auto array = problem.As<v8::Array>();
    auto number = array->Get(env.context(), 0).ToLocalChecked();
    auto text = array->Get(env.context(), 1).ToLocalChecked();
    return Failure(number.As<v8::Int32>()->Value(), ToUtf8(env.isolate, text));
  }
  return {};
}

std::string KeptNativeObject(Env& env) {
  env.isolate->LowMemoryNotification();
  for (Wrapped* wrapped = env.first_wrapped; wrapped; wrapped = wrapped->next_wrapped())
    if (wrapped->attached())
      return Failure(ModuleOf(env, wrapped->created_at()),
                     std::string("keeps a native object: ") + wrapped->type_name());
  return {};
}

ObservedApp::ObservedApp(Env& env) : env_(env) {}
ObservedApp::~ObservedApp() = default;

bool ObservedApp::Prepare() {
  auto* observer = static_cast<Observer*>(env_.observer);
  v8::HandleScope scope(env_.isolate);
  v8::Local<v8::Object> functions = observer->Functions();
  graph_ = std::make_unique<HeapGraph>(env_);
  v8::Local<v8::Object> walk = v8::Object::New(env_.isolate);
  const bool known = graph_->AddFunctions(functions) && observer->FindMicrotasks();
  hashes_ = std::make_unique<ObjectHashes>(env_, graph_->context_offset());
  if (!known || !hashes_->AddFunctions(walk)) {
    std::fputs("kiln: V8's objects have an unknown layout. This is a fault of Kiln.\n", stderr);
    return false;
  }
  env_.Set(functions, "walk", walk);
  InstallIsolateCallbacks(env_);
  // An error that nothing catches, of a callback that runs after the modules, does not end the process:
  // it may come from what was not performed.
  env_.isolate->RemoveMessageListeners(OnMessage);
  v8::TryCatch caught(env_.isolate);
  if (!CallFunction(env_, "internal/kiln/observe", "prepare", {functions}).IsEmpty()) return true;
  PrintException(env_, caught);
  return false;
}

void ObservedApp::Precompile(const std::vector<int>& modules) {
  v8::HandleScope scope(env_.isolate);
  v8::TryCatch caught(env_.isolate);
  (void)CallFunction(env_, "internal/kiln/observe", "precompile", {Numbers(env_, modules)});
}

std::optional<std::string> ObservedApp::Run(const BakePlan& plan) {
  auto* observer = static_cast<Observer*>(env_.observer);
  v8::HandleScope scope(env_.isolate);
  {
    CallbackScope callback(env_, v8::Object::New(env_.isolate), {1, 0}, {}, true);
    v8::TryCatch caught(env_.isolate);
    constexpr int kRun = 1, kRunRecorded = 2;
    v8::Local<v8::Value> result;
    int next = 0;
    if (CallFunction(env_, "internal/kiln/observe", "start",
                     {Numbers(env_, plan.order), Numbers(env_, plan.baked), OtherLines(env_, plan)})
            .ToLocal(&result))
      next = result.As<v8::Int32>()->Value();
    else if (!observer->begun())
      PrintException(env_, caught);
    if (next == kRunRecorded) observer->RecordCalls();
    // An error of the app is no fault: it may come from what was not performed.
    if (next >= kRun) (void)CallFunction(env_, "internal/kiln/observe", "runApp", {});
  }
  v8::TryCatch caught(env_.isolate);
  if (CallFunction(env_, "internal/kiln/observe", "finish", {}).IsEmpty()) {
    PrintException(env_, caught);
    return std::nullopt;
  }
  return observer->Finish();
}

}  // namespace kiln::runtime
