// internalBinding("inspector"): sessions of JavaScript, the port, and reports of the library to the debugger
// about asynchronous tasks. While a snapshot is built there is no inspector: functions that need one do
// nothing, and sessions throw.
#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/bindings/inspector/agent.h"
#include "runtime-stub/bindings/inspector/network.h"
#include "runtime-stub/bindings/inspector/remote_session.h"
#include "runtime-stub/env/permissions.h"

namespace kiln::runtime {
namespace {

using inspector::Agent;
using inspector::RemoteSession;

// ---------------------------------------------------------------------------- sessions

// A session whose messages go to a function of JavaScript. It lives until it disconnects.
class ScriptConnection : public Wrapped {
 public:
  ScriptConnection(Env& env, const Args& args) : Wrapped(env) {
    if (args[0]->IsFunction()) callback_.Reset(env.isolate, args[0].As<v8::Function>());
  }
  ~ScriptConnection() override { *alive_ = nullptr; }

  void Dispatch(const Args& args) {
    if (!args[0]->IsString()) return ThrowBadArgument(env(), 0);
    DispatchText(ToUtf8(env().isolate, args[0]));
  }
  void Disconnect(const Args&) {
    if (!std::exchange(connected_, false)) return;
    End();
    Unpin();
  }

 protected:
  void OnAttach() override {
    if (!connected_) return;
    Pin();
    Begin();
  }
  virtual void Begin() = 0;
  virtual void DispatchText(std::string text) = 0;
  void End() override = 0;

  void Receive(const std::string& message) {
    if (callback_.IsEmpty() || !connected_ || !env().can_call_into_js()) return;
    v8::HandleScope handles(env().isolate);
    v8::Context::Scope entered(env().context());
    v8::Local<v8::Object> self = object();
    v8::Local<v8::Value> argument = env().Str(message);
    (void)MakeCallback(env(), self, callback_.Get(env().isolate), {&argument, 1}, {0, 0});
  }

  bool connected_ = true;
  v8::Global<v8::Function> callback_;
  // For what outlives the object: null once it is deleted. Only this thread reads it.
  std::shared_ptr<ScriptConnection*> alive_ = std::make_shared<ScriptConnection*>(this);
};

class Connection final : public ScriptConnection {
 public:
  using ScriptConnection::ScriptConnection;
  ~Connection() override { End(); }
  const char* type_name() const override { return "Connection"; }

 private:
  void Begin() override {
    session_ = Agent::Of(env())->Connect([this](std::string message) { Receive(message); }, false);
  }
  void DispatchText(std::string text) override {
    if (connected_) Agent::Of(env())->Dispatch(session_, text);
  }
  void End() override {
    if (Agent* agent = Agent::Of(env())) agent->Disconnect(session_);
  }
  int session_ = 0;
};

class MainThreadConnection final : public ScriptConnection {
 public:
  using ScriptConnection::ScriptConnection;
  const char* type_name() const override { return "MainThreadConnection"; }

 private:
  void Begin() override {
    auto own = Agent::Of(env())->mailbox();
    session_ = std::make_unique<RemoteSession>(
        Agent::OfMainThread(env()).mailbox(),
        [own, alive = alive_](std::string message) {
          own->Post([alive, message = std::move(message)](Agent&) {
            if (*alive) static_cast<MainThreadConnection*>(*alive)->Receive(message);
          });
        },
        true);
  }
  void DispatchText(std::string text) override {
    if (session_) session_->Dispatch(std::move(text));
  }
  void End() override { session_.reset(); }
  std::unique_ptr<RemoteSession> session_;
};

template <class C>
void ConstructConnection(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  if (!args[0]->IsFunction()) return ThrowBadArgument(env, 0);
  if (!Agent::Of(env))
    return Error::Plain("ERR_INSPECTOR_NOT_AVAILABLE",
                        "Inspector is not available while the app is built")
        .Throw(env);
  if (Refuses(env, Permission::kInspector, "Connect")) return;
  (new C(env, args))->Attach(args.This());
}

constexpr Entry kConnectionMethods[] = {
    Method<&ScriptConnection::Dispatch>("dispatch"),
    Method<&ScriptConnection::Disconnect>("disconnect"),
};
const ClassEntry kConnectionClass = {.name = "Connection",
                                     .construct = ConstructConnection<Connection>,
                                     .methods = kConnectionMethods};
const ClassEntry kMainThreadConnectionClass = {
    .name = "MainThreadConnection",
    .construct = ConstructConnection<MainThreadConnection>,
    .methods = kConnectionMethods};
const ClassEntry* const kClasses[] = {&kConnectionClass, &kMainThreadConnectionClass};

// ---------------------------------------------------------------------------- console

std::vector<v8::Local<v8::Value>> ArgumentsFrom(const Args& args, int first) {
  std::vector<v8::Local<v8::Value>> rest;
  for (int i = first; i < args.Length(); i++) rest.push_back(args[i]);
  return rest;
}

// (method of V8's console, method of Node's, ...arguments): calls the first for debuggers, if there are
// any, and then the second.
void ConsoleCall(Env& env, const Args& args) {
  for (int i : {0, 1})
    if (!args[i]->IsFunction()) return ThrowBadArgument(env, i);
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  auto rest = ArgumentsFrom(args, 2);
  Agent* agent = Agent::Of(env);
  if (agent && agent->is_active() && !agent->in_console_call) {
    agent->in_console_call = true;
    v8::MaybeLocal<v8::Value> result =
        args[0].As<v8::Function>()->Call(context, args.This(), int(rest.size()), rest.data());
    agent->in_console_call = false;
    if (result.IsEmpty()) return;
  }
  (void)args[1].As<v8::Function>()->Call(context, args.This(), int(rest.size()), rest.data());
}

void SetConsoleExtensionInstaller(Env& env, v8::Local<v8::Function> f) {
  env.Set(Slot::kConsoleExtension, f);
}

// (function, this, ...arguments)
void CallAndPauseOnStart(Env& env, const Args& args) {
  if (!args[0]->IsFunction()) return ThrowBadArgument(env, 0);
  auto rest = ArgumentsFrom(args, 2);
  if (Agent* agent = Agent::Of(env)) agent->PauseOnNextStatement("Break on start");
  v8::Local<v8::Value> result;
  if (args[0]
          .As<v8::Function>()
          ->Call(env.context(), args[1], int(rest.size()), rest.data())
          .ToLocal(&result))
    args.GetReturnValue().Set(result);
}

// ---------------------------------------------------------------------------- the port

// ([port], [host])
void Open(Env& env, const Args& args) {
  std::optional<int> port;
  std::optional<std::string> host;
  if (args[0]->IsUint32()) {
    uint32_t value = args[0].As<v8::Uint32>()->Value();
    if (value > UINT16_MAX) return ThrowBadArgument(env, 0);
    port = int(value);
  }
  if (args[1]->IsString()) host = ToUtf8(env.isolate, args[1]);
  if (Refuses(env, Permission::kInspector, "StartIoThread")) return;
  if (Agent* agent = Agent::Of(env)) agent->Open(port, std::move(host));
}

void Url(Env& env, const Args& args) {
  Agent* agent = Agent::Of(env);
  if (std::string url = agent ? agent->Url() : ""; !url.empty())
    args.GetReturnValue().Set(env.Str(url));
}

bool IsEnabled(Env& env) {
  Agent* agent = Agent::Of(env);
  return agent && agent->is_active();
}

bool WaitForDebugger(Env& env) {
  if (!IsEnabled(env)) return false;
  Agent::Of(env)->WaitForDebugger();
  return IsEnabled(env);
}

// ---------------------------------------------------------------------------- tasks

// V8 expects something that is aligned as an address.
void* TaskOf(double async_id) { return reinterpret_cast<void*>(int64_t(async_id) << 1); }

void AsyncTaskScheduled(Env& env, std::string name, double async_id, bool recurring) {
  if (Agent* agent = Agent::Of(env))
    agent->v8().asyncTaskScheduled(inspector::TextBuffer(name)->string(), TaskOf(async_id),
                                   recurring);
}

template <void (v8_inspector::V8Inspector::*F)(void*)>
void AsyncTask(Env& env, double async_id) {
  if (Agent* agent = Agent::Of(env)) (agent->v8().*F)(TaskOf(async_id));
}

void RegisterAsyncHook(Env& env, v8::Local<v8::Function> enable, v8::Local<v8::Function> disable) {
  env.Set(Slot::kInspectorEnable, enable);
  env.Set(Slot::kInspectorDisable, disable);
  if (Agent* agent = Agent::Of(env)) agent->AsyncHooksRegistered();
}

void SetupNetworkTracking(Env& env, v8::Local<v8::Function> enable,
                          v8::Local<v8::Function> disable) {
  env.Set(Slot::kNetworkEnable, enable);
  env.Set(Slot::kNetworkDisable, disable);
  if (Agent* agent = Agent::Of(env)) agent->NetworkTrackingRegistered();
}

using V8Inspector = v8_inspector::V8Inspector;

constexpr Entry kFunctions[] = {
    Method<ConsoleCall>("consoleCall"),
    Method<SetConsoleExtensionInstaller>("setConsoleExtensionInstaller"),
    Method<CallAndPauseOnStart>("callAndPauseOnStart"),
    Method<Open>("open"),
    MethodNoSideEffect<Url>("url"),
    Method<WaitForDebugger>("waitForDebugger"),
    Method<AsyncTaskScheduled>("asyncTaskScheduled"),
    Method<AsyncTask<&V8Inspector::asyncTaskCanceled>>("asyncTaskCanceled"),
    Method<AsyncTask<&V8Inspector::asyncTaskStarted>>("asyncTaskStarted"),
    Method<AsyncTask<&V8Inspector::asyncTaskFinished>>("asyncTaskFinished"),
    Method<RegisterAsyncHook>("registerAsyncHook"),
    MethodNoSideEffect<IsEnabled>("isEnabled"),
    Method<inspector::EmitProtocolEvent>("emitProtocolEvent"),
    Method<SetupNetworkTracking>("setupNetworkTracking"),
    Method<inspector::PutNetworkResource>("putNetworkResource"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "console", env.Get(env.context()->GetExtrasBindingObject(), "console"));
}

}  // namespace

extern const Binding kInspectorBinding;
const Binding kInspectorBinding = {
    .name = "inspector", .functions = kFunctions, .classes = kClasses, .init = Init};

// ---------------------------------------------------------------------------- profiler

namespace {

void SetCoverageDirectory(Env& env, v8::Local<v8::String> path) {
  env.Set(Slot::kCoverageDirectory, path);
}

void SetSourceMapCacheGetter(Env& env, v8::Local<v8::Function> f) {
  env.Set(Slot::kSourceMapCacheGetter, f);
}

template <void (inspector::Profilers::*F)()>
void Coverage(Env& env) {
  if (Agent* agent = Agent::Of(env)) (agent->profilers().*F)();
}

using inspector::Profilers;

constexpr Entry kProfilerFunctions[] = {
    Method<SetCoverageDirectory>("setCoverageDirectory"),
    Method<SetSourceMapCacheGetter>("setSourceMapCacheGetter"),
    Method<Coverage<&Profilers::StartCoverage>>("startCoverage"),
    Method<Coverage<&Profilers::TakeCoverage>>("takeCoverage"),
    Method<Coverage<&Profilers::StopCoverage>>("stopCoverage"),
    Method<Coverage<&Profilers::EndCoverage>>("endCoverage"),
};

}  // namespace

extern const Binding kProfilerBinding;
const Binding kProfilerBinding = {.name = "profiler", .functions = kProfilerFunctions};

}  // namespace kiln::runtime
