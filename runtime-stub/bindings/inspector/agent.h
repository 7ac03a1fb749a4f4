// The inspector of a thread: what V8's inspector asks of the runtime, the sessions, and pauses. Functions
// are for the thread unless they say otherwise.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime-stub/bindings/inspector/io_thread.h"
#include "runtime-stub/bindings/inspector/mailbox.h"
#include "runtime-stub/bindings/inspector/profilers.h"
#include "runtime-stub/bindings/inspector/session.h"
#include "runtime-stub/bindings/inspector/worker_targets.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime::inspector {

class Agent final : public InspectorHooks, public v8_inspector::V8InspectorClient {
 public:
  explicit Agent(Env& env);
  ~Agent() override;

  // The agent of a thread; null if it has none, as while a snapshot is built.
  static Agent* Of(Env& env) { return static_cast<Agent*>(env.inspector.get()); }
  // That of the main thread. Any thread that is a worker of it, or it itself.
  static Agent& OfMainThread(Env& env);

  Env& env() { return env_; }
  // Constant, so any thread that knows that the agent exists may ask.
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  // Of the main thread.
  WorkerTargets& workers() { return *workers_; }
  Profilers& profilers() { return profilers_; }

  // ---- Sessions, by number. Unknown numbers have no effect.
  int Connect(Send send, bool prevents_exit);
  void Dispatch(int session, std::string_view message);
  void Disconnect(int session);
  // There is a session, or the port is open.
  bool is_active() const { return io_ || !sessions_.empty(); }
  bool HasSessionThatPreventsExit() const;

  // ---- The port. Open() is true if it is open afterwards; what failed was printed.
  bool Open(std::optional<int> port, std::optional<std::string> host);
  std::string Url() const { return io_ ? io_->Url() : ""; }
  void WaitForDebugger();
  bool is_waiting_for_debugger() const { return waiting_for_debugger_; }

  // JavaScript has registered the functions that switch hooks on and off.
  void AsyncHooksRegistered();
  v8_inspector::V8Inspector& v8() { return *inspector_; }
  bool in_console_call = false;
  // Calls `visit(Session&)` for each session.
  void ForEachSession(auto visit) {
    for (auto& [id, session] : sessions_)
      if (!session->closed()) visit(*session);
  }
  // Switches network tracking on and off (inspector_network_tracking.js).
  void ToggleNetworkTracking(bool on);
  void NetworkTrackingRegistered();

  // ---- InspectorHooks
  void ContextCreated(v8::Local<v8::Context> context, std::string_view name,
                      std::string_view origin) override;
  void BeforeMainScript() override;
  void UncaughtException(v8::Local<v8::Value> error, v8::Local<v8::Message> message) override;
  void PauseOnNextStatement(std::string_view reason) override;
  void AtExit() override;
  void Close() override;
  void Wake() override { mailbox_->Wake(); }

 private:
  // ---- V8InspectorClient
  void runMessageLoopOnPause(int) override;
  void quitMessageLoopOnPause() override { paused_ = false; }
  void runIfWaitingForDebugger(int) override;
  void maxAsyncCallStackDepthChanged(int depth) override;
  v8::Local<v8::Context> ensureDefaultContextInGroup(int) override { return env_.context(); }
  void installAdditionalCommandLineAPI(v8::Local<v8::Context> context,
                                       v8::Local<v8::Object> object) override;
  void startRepeatingTimer(double seconds, TimerCallback callback, void* data) override;
  void cancelTimer(void* data) override;
  double currentTimeMS() override;
  std::unique_ptr<v8_inspector::StringBuffer> resourceNameToUrl(
      const v8_inspector::StringView& name) override;

  void AddContext(v8::Local<v8::Context> context, std::string_view name, std::string_view origin,
                  bool is_default);
  bool ShouldWait() const;
  void RunWhileWaiting();
  void Sweep();
  void CallSwitch(v8::Local<v8::Function> function);
  void WaitForDisconnect();
  void NotifyCluster();

  void StartIdleNotes();
  void StopIdleNotes();

  struct Timer;
  struct IdleNotes;
  Env& env_;
  std::shared_ptr<Mailbox> mailbox_;
  std::unique_ptr<WorkerTargets> workers_;
  std::unique_ptr<v8_inspector::V8Inspector> inspector_;
  std::map<void*, Timer*> timers_;
  IdleNotes* idle_notes_ = nullptr;
  std::map<int, std::unique_ptr<Session>> sessions_;
  int next_session_ = 1;
  std::unique_ptr<IoThread> io_;
  Profilers profilers_;
  // Why the thread waits; several can be true.
  bool paused_ = false;
  bool waiting_for_debugger_ = false;
  bool waiting_for_disconnect_ = false;
  bool in_wait_ = false;              // RunWhileWaiting() is on the stack
  bool ended_ = false;                // AtExit() was called
  std::optional<bool> wanted_hooks_;  // a change before JavaScript has registered the functions
  bool network_tracking_ = false;
  bool wants_network_tracking_ = false;
};

}  // namespace kiln::runtime::inspector
