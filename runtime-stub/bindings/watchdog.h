// Watchdogs stop a script that runs too long or that the user interrupts.
//
// Watchdog is a scope with a timer thread. SigintWatchdog is a scope during which SIGINT terminates
// the running script instead of the process. SigintWatchdogHelper is the signal handler, one per
// process; vm and the REPL start and stop it.
#pragma once

#include <uv.h>
#include <v8.h>

#include <atomic>
#include <optional>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Terminates execution `timeout_ms` after construction, unless it is destroyed first. The process
// ends if no thread can be created. Termination is requested from the timer's thread; JavaScript
// then ends with an exception that it cannot catch (v8::Isolate::TerminateExecution()). To be
// created and ended on the isolate's thread.
class Watchdog {
 public:
  Watchdog(v8::Isolate* isolate, uint64_t timeout_ms);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  // Stops the timer and waits for its thread; returns whether it terminated execution. The caller
  // then cancels the termination. Further calls return the same.
  bool Finish();

 private:
  static void Run(void* self);
  v8::Isolate* isolate_;
  // In nanoseconds of uv_hrtime(). Not written after construction.
  uint64_t deadline_;
  uv_mutex_t mutex_;
  uv_cond_t changed_;
  uv_thread_t thread_;
  bool started_ = false;
  // Guarded by the mutex while the thread runs: the scope has ended; the time is over.
  bool done_ = false;
  bool timed_out_ = false;
};

// Is notified of SIGINT, on the helper's thread.
class SigintListener {
 public:
  virtual ~SigintListener() = default;
  // Returns true if the signal is handled and must not reach other listeners. Must not call the
  // helper, whose lock is held, and must be thread-safe.
  virtual bool OnSigint() = 0;
};

// A SIGINT handler with a thread that notifies the listeners, the last registered first.
// Thread-safe.
class SigintWatchdogHelper {
 public:
  static SigintWatchdogHelper& Get();
  // Installs the handler and starts the thread. Counted: the last Stop() ends both. False if the
  // thread cannot be created; Stop() must be called all the same.
  bool Start();
  // Returns whether a signal arrived that no listener handled. The last one removes all listeners,
  // restores the previous action for SIGINT, and waits for the thread: not from a listener.
  bool Stop();
  // The same, without stopping.
  bool HasPending();
  // `listener` is borrowed until Unregister(), which waits for a call in progress.
  void Register(SigintListener* listener);
  void Unregister(SigintListener* listener);

 private:
  SigintWatchdogHelper();
  static void Run(void* self);
  static void OnSignal(int signal);
  bool NotifyListeners();  // returns whether the thread must end

  uv_mutex_t mutex_;       // serializes Start() and Stop()
  uv_mutex_t list_mutex_;  // guards listeners_, pending_, stopping_
  uv_sem_t semaphore_;     // posted by the signal handler
  uv_thread_t thread_;
  int starts_ = 0;
  bool has_thread_ = false;
  bool stopping_ = false;
  bool pending_ = false;
  std::vector<SigintListener*> listeners_;
};

// A scope during which SIGINT terminates execution. On the isolate's thread.
class SigintWatchdog final : public SigintListener {
 public:
  explicit SigintWatchdog(v8::Isolate* isolate);
  ~SigintWatchdog() override { Finish(); }
  // Ends the scope; returns whether a signal terminated execution, also at a further call.
  bool Finish();

 private:
  bool OnSigint() override;
  v8::Isolate* isolate_;
  bool active_ = true;
  std::atomic<bool> received_{false};
};

// Calls run() once, with the limits of one evaluation of a script or module: `timeout_ms` in
// milliseconds (-1: none), and SIGINT if `break_on_sigint`. If a limit terminated execution, throws
// ERR_SCRIPT_EXECUTION_TIMEOUT or ERR_SCRIPT_EXECUTION_INTERRUPTED and returns true; nothing is
// thrown if the thread is stopping. Exceptions of run() itself are left pending.
template <class F>
bool RunLimited(Env& env, int64_t timeout_ms, bool break_on_sigint, F run);

// For RunLimited(): cancels the termination and throws the exception. False, without effect, if
// neither limit was exceeded.
bool ThrowLimit(Env& env, bool timed_out, bool interrupted, int64_t timeout_ms);

template <class F>
bool RunLimited(Env& env, int64_t timeout_ms, bool break_on_sigint, F run) {
  bool timed_out = false, interrupted = false;
  {
    std::optional<Watchdog> watchdog;
    std::optional<SigintWatchdog> sigint;
    if (timeout_ms != -1) watchdog.emplace(env.isolate, uint64_t(timeout_ms));
    if (break_on_sigint) sigint.emplace(env.isolate);
    run();
    if (sigint) interrupted = sigint->Finish();
    if (watchdog) timed_out = watchdog->Finish();
  }
  return ThrowLimit(env, timed_out, interrupted, timeout_ms);
}

}  // namespace kiln::runtime
