// Watchdogs, and internalBinding("watchdog"): TraceSigintWatchdog, which prints the current stack
// on SIGINT (--trace-sigint) and then lets the signal end the process.
#include "runtime-stub/bindings/watchdog.h"

#include <signal.h>

#include <algorithm>
#include <string>

#include "runtime-stub/binding/handle.h"

namespace kiln::runtime {

// ------------------------------------------------------------------ Watchdog

Watchdog::Watchdog(v8::Isolate* isolate, uint64_t timeout_ms)
    : isolate_(isolate), deadline_(uv_hrtime() + timeout_ms * 1000000) {
  uv_mutex_init(&mutex_);
  uv_cond_init(&changed_);
  started_ = uv_thread_create(&thread_, Run, this) == 0;
  CHECK(started_);
}

Watchdog::~Watchdog() {
  Finish();
  uv_cond_destroy(&changed_);
  uv_mutex_destroy(&mutex_);
}

bool Watchdog::Finish() {
  if (!started_) return timed_out_;
  uv_mutex_lock(&mutex_);
  done_ = true;
  uv_cond_signal(&changed_);
  uv_mutex_unlock(&mutex_);
  uv_thread_join(&thread_);
  started_ = false;
  return timed_out_;
}

void Watchdog::Run(void* pointer) {
  auto& self = *static_cast<Watchdog*>(pointer);
  uv_mutex_lock(&self.mutex_);
  while (!self.done_) {
    uint64_t now = uv_hrtime();
    if (now >= self.deadline_) {
      self.timed_out_ = true;
      self.isolate_->TerminateExecution();
      break;
    }
    uv_cond_timedwait(&self.changed_, &self.mutex_, self.deadline_ - now);
  }
  uv_mutex_unlock(&self.mutex_);
}

bool ThrowLimit(Env& env, bool timed_out, bool interrupted, int64_t timeout_ms) {
  if (!timed_out && !interrupted) return false;
  if (env.stopping) return true;
  // An inner evaluation may be terminated by the limit of an outer one, so only the scope whose own
  // limit was exceeded converts the termination to an exception.
  env.isolate->CancelTerminateExecution();
  if (timed_out)
    Error::Plain("ERR_SCRIPT_EXECUTION_TIMEOUT",
                 "Script execution timed out after " + std::to_string(timeout_ms) + "ms")
        .Throw(env);
  else
    Error::Plain("ERR_SCRIPT_EXECUTION_INTERRUPTED", "Script execution was interrupted by `SIGINT`")
        .Throw(env);
  return true;
}

// ------------------------------------------------------------------ SIGINT

namespace {

uv_sem_t* g_semaphore = nullptr;  // for the signal handler; set once
struct sigaction g_previous;      // the previous action for SIGINT

}  // namespace

SigintWatchdogHelper& SigintWatchdogHelper::Get() {
  static SigintWatchdogHelper* helper = new SigintWatchdogHelper;
  return *helper;
}

SigintWatchdogHelper::SigintWatchdogHelper() {
  uv_mutex_init(&mutex_);
  uv_mutex_init(&list_mutex_);
  CHECK(uv_sem_init(&semaphore_, 0) == 0);
  g_semaphore = &semaphore_;
}

void SigintWatchdogHelper::OnSignal(int) {
  uv_sem_post(g_semaphore);  // sem_post may be called from a signal handler
}

bool SigintWatchdogHelper::Start() {
  uv_mutex_lock(&mutex_);
  bool ok = true;
  if (starts_++ == 0) {
    stopping_ = pending_ = false;
    // The thread must not receive signals: it inherits a mask that blocks all.
    sigset_t all, saved;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &saved);
    ok = uv_thread_create(&thread_, Run, this) == 0;
    pthread_sigmask(SIG_SETMASK, &saved, nullptr);
    has_thread_ = ok;
    if (ok) {
      struct sigaction action = {};
      action.sa_handler = OnSignal;
      sigfillset(&action.sa_mask);
      sigaction(SIGINT, &action, &g_previous);
    }
  }
  uv_mutex_unlock(&mutex_);
  return ok;
}

bool SigintWatchdogHelper::Stop() {
  uv_mutex_lock(&mutex_);
  uv_mutex_lock(&list_mutex_);
  bool had_pending = pending_;
  bool last = starts_ > 0 && --starts_ == 0;
  if (!last) {
    pending_ = false;
    uv_mutex_unlock(&list_mutex_);
    uv_mutex_unlock(&mutex_);
    return had_pending;
  }
  stopping_ = true;
  listeners_.clear();
  uv_mutex_unlock(&list_mutex_);
  if (has_thread_) {
    uv_sem_post(&semaphore_);
    uv_thread_join(&thread_);
    has_thread_ = false;
    sigaction(SIGINT, &g_previous, nullptr);
  }
  uv_mutex_lock(&list_mutex_);
  had_pending = pending_;
  pending_ = false;
  uv_mutex_unlock(&list_mutex_);
  uv_mutex_unlock(&mutex_);
  return had_pending;
}

bool SigintWatchdogHelper::HasPending() {
  uv_mutex_lock(&list_mutex_);
  bool pending = pending_;
  uv_mutex_unlock(&list_mutex_);
  return pending;
}

void SigintWatchdogHelper::Register(SigintListener* listener) {
  uv_mutex_lock(&list_mutex_);
  listeners_.push_back(listener);
  uv_mutex_unlock(&list_mutex_);
}

void SigintWatchdogHelper::Unregister(SigintListener* listener) {
  uv_mutex_lock(&list_mutex_);
  std::erase(listeners_, listener);
  uv_mutex_unlock(&list_mutex_);
}

void SigintWatchdogHelper::Run(void* pointer) {
  auto& self = *static_cast<SigintWatchdogHelper*>(pointer);
  do {
    uv_sem_wait(&self.semaphore_);
  } while (!self.NotifyListeners());
}

// Notifies the listeners, the last registered first. Returns whether the thread must end.
bool SigintWatchdogHelper::NotifyListeners() {
  uv_mutex_lock(&list_mutex_);
  bool stopping = stopping_;
  if (!stopping) {
    if (listeners_.empty()) pending_ = true;
    for (auto it = listeners_.rbegin(); it != listeners_.rend(); ++it)
      if ((*it)->OnSigint()) break;
  }
  uv_mutex_unlock(&list_mutex_);
  return stopping;
}

SigintWatchdog::SigintWatchdog(v8::Isolate* isolate) : isolate_(isolate) {
  SigintWatchdogHelper::Get().Register(this);
  SigintWatchdogHelper::Get().Start();
}

bool SigintWatchdog::Finish() {
  if (active_) {
    active_ = false;
    SigintWatchdogHelper::Get().Unregister(this);
    SigintWatchdogHelper::Get().Stop();
  }
  return received_;
}

bool SigintWatchdog::OnSigint() {
  received_ = true;
  isolate_->TerminateExecution();
  return true;
}

// ------------------------------------------------------------------ TraceSigintWatchdog

namespace {

void PrintStack(v8::Isolate* isolate) {
  v8::HandleScope scope(isolate);
  auto trace = v8::StackTrace::CurrentStackTrace(isolate, 10, v8::StackTrace::kDetailed);
  for (int i = 0; i < trace->GetFrameCount(); i++) {
    v8::Local<v8::StackFrame> frame = trace->GetFrame(isolate, i);
    v8::String::Utf8Value function(isolate, frame->GetFunctionName());
    v8::String::Utf8Value script(isolate, frame->GetScriptName());
    std::string place = std::string(*script ? *script : "") + ":" +
                        std::to_string(frame->GetLineNumber()) + ":" +
                        std::to_string(frame->GetColumn());
    if (frame->IsEval()) {
      std::fprintf(stderr, "    at [eval] (%s)\n", place.c_str());
      break;
    }
    if (*function && function.length() > 0)
      std::fprintf(stderr, "    at %s (%s)\n", *function, place.c_str());
    else
      std::fprintf(stderr, "    at %s\n", place.c_str());
  }
  std::fprintf(stderr, "\n");
}

class TraceSigintWatchdog final : public HandleWrap, public SigintListener {
 public:
  TraceSigintWatchdog(Env& env, const Args&)
      : HandleWrap(env, Provider::kSIGINTWATCHDOG, reinterpret_cast<uv_handle_t*>(&async_)) {
    CHECK(uv_async_init(env.loop, &async_, [](uv_async_t* async) {
            auto* self = static_cast<TraceSigintWatchdog*>(static_cast<HandleWrap*>(async->data));
            self->Report(false);
          }) == 0);
    async_.data = static_cast<HandleWrap*>(this);
    uv_unref(uv_handle());
  }

  void Start() {
    signalled_ = false;
    SigintWatchdogHelper::Get().Register(this);
    SigintWatchdogHelper::Get().Start();
  }

  void Stop() {
    SigintWatchdogHelper::Get().Unregister(this);
    SigintWatchdogHelper::Get().Stop();
  }

 private:
  // On the helper's thread. The main thread may be running JavaScript or waiting in the loop:
  // request both, and the first that runs reports.
  bool OnSigint() override {
    signalled_ = true;
    uv_async_send(&async_);
    env().isolate->RequestInterrupt(
        [](v8::Isolate*, void* self) { static_cast<TraceSigintWatchdog*>(self)->Report(true); },
        this);
    return false;
  }

  void Report(bool running) {
    if (!signalled_.exchange(false)) return;
    std::fprintf(stderr, "KEYBOARD_INTERRUPT: Script execution was interrupted by `SIGINT`\n");
    if (running) PrintStack(env().isolate);
    std::fflush(stderr);
    Stop();
    raise(SIGINT);
  }

  uv_async_t async_;
  std::atomic<bool> signalled_{false};
};

constexpr Entry kMethods[] = {
    Method<&TraceSigintWatchdog::Start>("start"),
    Method<&TraceSigintWatchdog::Stop>("stop"),
};
const ClassEntry kTraceSigintWatchdogClass = {.name = "TraceSigintWatchdog",
                                              .construct = Construct<TraceSigintWatchdog>,
                                              .parent = &kHandleWrapClass,
                                              .methods = kMethods};
const ClassEntry* const kClasses[] = {&kTraceSigintWatchdogClass};

}  // namespace

extern const Binding kWatchdogBinding;
const Binding kWatchdogBinding = {.name = "watchdog", .classes = kClasses};

}  // namespace kiln::runtime
