// The client of V8's inspector, for one thread.
#include "runtime-stub/bindings/inspector/agent.h"

#include <cstdio>

#include "runtime-stub/bindings/file_url.h"
#include "runtime-stub/bindings/inspector/network.h"
#include "runtime-stub/bindings/inspector/node_domains.h"
#include "runtime-stub/bindings/inspector/scripts_of_snapshot.h"
#include "runtime-stub/bindings/inspector/start_signal.h"
#include "runtime-stub/bindings/worker/worker_thread.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/platform/start_v8.h"

namespace kiln::runtime::inspector {

// A timer of V8's inspector: samples of the heap, time limits of evaluations.
struct Agent::Timer {
  uv_timer_t handle;
  TimerCallback callback;
  void* data;
};

namespace {

constexpr int kContextGroup = 1;

// "node[17]", as debuggers show the process.
std::string ProcessName() {
  char title[256] = "";
  if (uv_get_process_title(title, sizeof title) != 0 || !*title)
    std::snprintf(title, sizeof title, "Node.js");
  return std::string(title) + "[" + std::to_string(uv_os_getpid()) + "]";
}

}  // namespace

Agent& Agent::OfMainThread(Env& env) {
  Env* main = &env;
  while (main->worker) main = &main->worker->parent;
  return *Of(*main);
}

Agent::Agent(Env& env)
    : env_(env), mailbox_(std::make_shared<Mailbox>(env, *this)), profilers_(*this) {
  inspector_ = v8_inspector::V8Inspector::create(env.isolate, this);
  std::string name = env.worker ? "Worker[" + std::to_string(env.thread_id) + "]" : ProcessName();
  AddContext(env.context(), name, "", true);
  if (env.payload)
    GiveScriptsTo(env.isolate, v8_inspector::V8ContextInfo::executionContextId(env.context()));
  if (!env.worker) workers_ = std::make_unique<WorkerTargets>();
  profilers_.StartByOptions();
}

Agent::~Agent() {
  mailbox_->Close();
  io_.reset();
  sessions_.clear();
  while (!timers_.empty()) cancelTimer(timers_.begin()->first);
  StopIdleNotes();
  if (env_.worker) OfMainThread(env_).mailbox()->Post(WorkerTargets::Retract(env_.thread_id));
}

// ---------------------------------------------------------------------------- sessions

int Agent::Connect(Send send, bool prevents_exit) {
  int id = next_session_++;
  auto session = std::make_unique<Session>(*this, *inspector_, std::move(send), prevents_exit);
  Session& made = *session;
  sessions_[id] = std::move(session);
  if (waiting_for_debugger_) made.node_runtime().SetWaiting(true);
  return id;
}

void Agent::Dispatch(int session, std::string_view message) {
  auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  found->second->Dispatch(message);
  Sweep();
}

void Agent::Disconnect(int session) {
  auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second->closed()) return;
  const bool retained = found->second->node_runtime().retains_context();
  found->second->Close();
  Sweep();
  if (retained) {
    bool others = false;
    ForEachSession([&](Session& other) { others |= other.node_runtime().retains_context(); });
    if (!others) inspector_->contextDestroyed(env_.context());
  }
  if (env_.worker) waiting_for_disconnect_ = false;
}

// Deletes sessions that were closed while they were on the stack.
void Agent::Sweep() {
  std::erase_if(sessions_, [](auto& one) { return one.second->closed() && !one.second->busy(); });
}

bool Agent::HasSessionThatPreventsExit() const {
  for (auto& [id, session] : sessions_)
    if (session->prevents_exit() && !session->closed()) return true;
  return false;
}

// ---------------------------------------------------------------------------- waiting

bool Agent::ShouldWait() const {
  if (env_.worker && env_.stopping && !ended_) return false;
  if (waiting_for_debugger_) return true;
  return (waiting_for_disconnect_ || paused_) && HasSessionThatPreventsExit();
}

void Agent::RunWhileWaiting() {
  if (in_wait_) return;
  in_wait_ = true;
  while (ShouldWait()) {
    mailbox_->Wait();
    Sweep();
  }
  in_wait_ = false;
}

void Agent::runMessageLoopOnPause(int) {
  paused_ = true;
  RunWhileWaiting();
}

void Agent::runIfWaitingForDebugger(int) {
  waiting_for_debugger_ = false;
  ForEachSession([](Session& session) { session.node_runtime().SetWaiting(false); });
}

void Agent::WaitForDebugger() {
  waiting_for_debugger_ = true;
  ForEachSession([](Session& session) { session.node_runtime().SetWaiting(true); });
  RunWhileWaiting();
}

void Agent::BeforeMainScript() {
  const RunOptions& options = *env_.options;
  StartIdleNotes();
  // A debugger may already start the thread when it has just learnt of it.
  waiting_for_debugger_ = options.GetBool("--inspect-brk") || options.GetBool("--inspect-wait") ||
                          options.GetBool("--inspect-brk-node");
  if (env_.worker) {
    if (OfMainThread(env_).workers().WaitOnStart()) {
      env_.worker->options.Mutable(FindOption("--inspect-brk"))->boolean = true;
      waiting_for_debugger_ = true;
    }
    OfMainThread(env_).mailbox()->Post(
        WorkerTargets::Announce(*env_.worker, mailbox_, waiting_for_debugger_));
  } else if (options.GetBool("--inspect")) {
    if (!Open({}, {})) waiting_for_debugger_ = false;
  } else if (AttachBySignal(options, env_.payload)) {
    StartOnSignal(*this);
  }
  RunWhileWaiting();
  if (options.GetBool("--inspect-brk-node")) PauseOnNextStatement("Break at bootstrap");
}

void Agent::UncaughtException(v8::Local<v8::Value> error, v8::Local<v8::Message> message) {
  if (!io_) return;
  v8::Isolate* isolate = env_.isolate;
  v8::Local<v8::Context> context = env_.context();
  int script = message->GetScriptOrigin().ScriptId();
  v8::Local<v8::StackTrace> stack = message->GetStackTrace();
  if (!stack.IsEmpty() && stack->GetFrameCount() > 0 &&
      script == stack->GetFrame(isolate, 0)->GetScriptId())
    script = 0;
  auto text = [&](v8::Local<v8::Value> value) {
    return TextBuffer(kiln::runtime::ToUtf8(isolate, value));
  };
  inspector_->exceptionThrown(context, MessageView("Uncaught"), error,
                              text(message->Get())->string(),
                              text(message->GetScriptResourceName())->string(),
                              unsigned(message->GetLineNumber(context).FromMaybe(0)),
                              unsigned(message->GetStartColumn(context).FromMaybe(0)),
                              inspector_->createStackTrace(stack), script);
}

void Agent::AtExit() {
  if (ended_) return;
  v8::HandleScope handles(env_.isolate);
  v8::Context::Scope entered(env_.context());
  profilers_.End();
  ended_ = true;
  if (is_active()) WaitForDisconnect();
}

void Agent::WaitForDisconnect() {
  if (HasSessionThatPreventsExit() && !env_.worker) {
    std::fprintf(stderr, "Waiting for the debugger to disconnect...\n");
    std::fflush(stderr);
  }
  bool retained = false;
  ForEachSession([&](Session& session) { retained |= session.node_runtime().BeforeDisconnect(); });
  waiting_for_disconnect_ = true;
  if (!retained)
    inspector_->contextDestroyed(env_.context());
  else if (env_.worker)
    RunWhileWaiting();
  if (!io_) return;
  io_->StopAccepting();
  RunWhileWaiting();
}

// ---------------------------------------------------------------------------- the port

bool Agent::Open(std::optional<int> port, std::optional<std::string> host) {
  if (io_) return true;
  if (!Allows(env_, Permission::kInspector, "StartIoThread")) return false;
  HostPort place = env_.options->GetHostPort("--inspect-port");
  if (port) place.port = *port;
  if (host) place.host = *host;
  const std::string script = env_.options->argv.size() > 1 ? env_.options->argv[1] : "";
  io_ = IoThread::Start(mailbox_, {.host = place.host,
                                   .port = place.port,
                                   .script = script,
                                   .process_name = ProcessName(),
                                   .publish = env_.options->GetString("--inspect-publish-uid")});
  if (!io_) return false;
  env_.debug_port = io_->port();
  NotifyCluster();
  return true;
}

void Agent::Close() { io_.reset(); }

// The cluster module opens the ports of the workers, too.
void Agent::NotifyCluster() {
  v8::HandleScope handles(env_.isolate);
  v8::Local<v8::Context> context = env_.context();
  v8::Context::Scope entered(context);
  v8::Local<v8::Value> emit = env_.Get(env_.process(), "emit");
  if (!emit->IsFunction() || !env_.can_call_into_js()) return;
  v8::Local<v8::Object> message = v8::Object::New(env_.isolate);
  env_.Set(message, "cmd", env_.Name("NODE_DEBUG_ENABLED"));
  v8::Local<v8::Value> args[] = {env_.Name("internalMessage"), message};
  (void)emit.As<v8::Function>()->Call(context, env_.process(), 2, args);
}

// ---------------------------------------------------------------------------- contexts

void Agent::AddContext(v8::Local<v8::Context> context, std::string_view name,
                       std::string_view origin, bool is_default) {
  auto name_text = TextBuffer(name), origin_text = TextBuffer(origin);
  v8_inspector::V8ContextInfo info(context, kContextGroup, name_text->string());
  info.origin = origin_text->string();
  info.auxData = MessageView(is_default ? "{\"isDefault\":true}" : "{\"isDefault\":false}");
  inspector_->contextCreated(info);
}

void Agent::ContextCreated(v8::Local<v8::Context> context, std::string_view name,
                           std::string_view origin) {
  AddContext(context, name, origin, false);
}

std::unique_ptr<v8_inspector::StringBuffer> Agent::resourceNameToUrl(
    const v8_inspector::StringView& name) {
  std::string path = ToUtf8(name);
  if (path.empty() || path[0] != '/') return nullptr;
  return TextBuffer(PathToFileUrl(path));
}

void Agent::installAdditionalCommandLineAPI(v8::Local<v8::Context> context,
                                            v8::Local<v8::Object> object) {
  v8::Local<v8::Function> install = env_.GetFunction(Slot::kConsoleExtension);
  v8::Local<v8::Value> argument = object;
  if (!install.IsEmpty()) (void)install->Call(context, object, 1, &argument);
}

// ---------------------------------------------------------------------------- hooks

void Agent::PauseOnNextStatement(std::string_view reason) {
  auto text = TextBuffer(reason);
  ForEachSession([&](Session& session) {
    session.v8().schedulePauseOnNextStatement(text->string(), text->string());
  });
}

void Agent::CallSwitch(v8::Local<v8::Function> function) {
  if (!env_.can_call_into_js()) return;
  v8::TryCatch caught(env_.isolate);
  (void)function->Call(env_.context(), env_.Undefined(), 0, nullptr);
}

void Agent::maxAsyncCallStackDepthChanged(int depth) {
  if (waiting_for_disconnect_) return;
  v8::HandleScope handles(env_.isolate);
  v8::Local<v8::Function> function =
      env_.GetFunction(depth == 0 ? Slot::kInspectorDisable : Slot::kInspectorEnable);
  if (!function.IsEmpty()) return CallSwitch(function);
  wanted_hooks_ = depth != 0;
}

void Agent::AsyncHooksRegistered() {
  if (std::optional<bool> wanted = std::exchange(wanted_hooks_, {}); wanted && *wanted)
    CallSwitch(env_.GetFunction(Slot::kInspectorEnable));
}

void Agent::ToggleNetworkTracking(bool on) {
  wants_network_tracking_ = on;
  if (on == network_tracking_) return;
  v8::HandleScope handles(env_.isolate);
  v8::Local<v8::Function> function =
      env_.GetFunction(on ? Slot::kNetworkEnable : Slot::kNetworkDisable);
  if (function.IsEmpty() || (!on && HasSessionThatPreventsExit())) return;
  network_tracking_ = on;
  CallSwitch(function);
}

void Agent::NetworkTrackingRegistered() {
  if (wants_network_tracking_) ToggleNetworkTracking(true);
}

// ---------------------------------------------------------------------------- time

// CPU profiles contain when the loop waits.
struct Agent::IdleNotes {
  uv_prepare_t before;
  uv_check_t after;
  int open = 2;
};

void Agent::StartIdleNotes() {
  idle_notes_ = new IdleNotes;
  CHECK(uv_prepare_init(env_.loop, &idle_notes_->before) == 0);
  CHECK(uv_check_init(env_.loop, &idle_notes_->after) == 0);
  idle_notes_->before.data = idle_notes_->after.data = env_.isolate;
  uv_prepare_start(&idle_notes_->before, [](uv_prepare_t* handle) {
    static_cast<v8::Isolate*>(handle->data)->SetIdle(true);
  });
  uv_check_start(&idle_notes_->after, [](uv_check_t* handle) {
    static_cast<v8::Isolate*>(handle->data)->SetIdle(false);
  });
  uv_unref(reinterpret_cast<uv_handle_t*>(&idle_notes_->before));
  uv_unref(reinterpret_cast<uv_handle_t*>(&idle_notes_->after));
}

void Agent::StopIdleNotes() {
  IdleNotes* notes = std::exchange(idle_notes_, nullptr);
  if (!notes) return;
  notes->before.data = notes->after.data = notes;
  auto closed = [](uv_handle_t* handle) {
    auto* both = static_cast<IdleNotes*>(handle->data);
    if (--both->open == 0) delete both;
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&notes->before), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&notes->after), closed);
}

void Agent::startRepeatingTimer(double seconds, TimerCallback callback, void* data) {
  auto* timer = new Timer{{}, callback, data};
  timers_[data] = timer;
  CHECK(uv_timer_init(env_.loop, &timer->handle) == 0);
  timer->handle.data = timer;
  uv_unref(reinterpret_cast<uv_handle_t*>(&timer->handle));
  auto interval = uint64_t(seconds * 1000);
  uv_timer_start(
      &timer->handle,
      [](uv_timer_t* handle) {
        auto* fired = static_cast<Timer*>(handle->data);
        fired->callback(fired->data);
      },
      interval, interval);
}

void Agent::cancelTimer(void* data) {
  auto found = timers_.find(data);
  if (found == timers_.end()) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&found->second->handle),
           [](uv_handle_t* handle) { delete static_cast<Timer*>(handle->data); });
  timers_.erase(found);
}

double Agent::currentTimeMS() { return ThePlatform().CurrentClockTimeMillis(); }

}  // namespace kiln::runtime::inspector

namespace kiln::runtime {

std::unique_ptr<InspectorHooks> MakeInspector(Env& env) {
  return std::make_unique<inspector::Agent>(env);
}

}  // namespace kiln::runtime
