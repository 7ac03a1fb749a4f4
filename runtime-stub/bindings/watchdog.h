// Watchdogs: what stops a script that runs too long, or that the user interrupts.
//
// Watchdog is a scope with a timer thread. SigintWatchdog is a scope during which SIGINT
// ends the running script instead of the process. SigintWatchdogHelper is their one
// process-wide signal handler; vm and the REPL start and stop it.
#pragma once

#include <uv.h>
#include <v8.h>

#include <atomic>
#include <optional>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Terminates execution `timeout_ms` after construction, unless it is destroyed first.
class Watchdog {
 public:
  Watchdog(v8::Isolate* isolate, uint64_t timeout_ms);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  // Stops the clock; true when execution was terminated.
  bool Finish();

 private:
  static void Run(void* self);
  v8::Isolate* isolate_;
  uint64_t deadline_;  // uv_hrtime
  uv_mutex_t mutex_;
  uv_cond_t changed_;
  uv_thread_t thread_;
  bool started_ = false;
  bool done_ = false;
  bool timed_out_ = false;
};

// Something that wants to know of SIGINT. Called on the helper's thread.
class SigintListener {
 public:
  virtual ~SigintListener() = default;
  // True when nobody else shall see the signal.
  virtual bool OnSigint() = 0;
};

class SigintWatchdogHelper {
 public:
  static SigintWatchdogHelper& Get();
  bool Start();  // counted
  bool Stop();   // true when a signal came that no listener took
  bool HasPending();
  void Register(SigintListener* listener);
  void Unregister(SigintListener* listener);

 private:
  SigintWatchdogHelper();
  static void Run(void* self);
  static void OnSignal(int signal);
  bool Inform();

  uv_mutex_t mutex_;       // start and stop
  uv_mutex_t list_mutex_;  // listeners_, pending_, stopping_
  uv_sem_t semaphore_;     // posted by the signal handler
  uv_thread_t thread_;
  int starts_ = 0;
  bool has_thread_ = false;
  bool stopping_ = false;
  bool pending_ = false;
  std::vector<SigintListener*> listeners_;
};

// Terminates execution on SIGINT.
class SigintWatchdog final : public SigintListener {
 public:
  explicit SigintWatchdog(v8::Isolate* isolate);
  ~SigintWatchdog() override { Finish(); }
  // True when a signal terminated execution.
  bool Finish();

 private:
  bool OnSigint() override;
  v8::Isolate* isolate_;
  bool active_ = true;
  std::atomic<bool> received_{false};
};

// The limits of one run of a script or module. `run` is called once; when a limit struck,
// the termination becomes ERR_SCRIPT_EXECUTION_TIMEOUT or _INTERRUPTED, which is pending
// when this answers true.
template <class F>
bool RunLimited(Env& env, int64_t timeout_ms, bool break_on_sigint, F run);

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
