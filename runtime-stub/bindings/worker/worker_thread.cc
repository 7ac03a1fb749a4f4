#include "runtime-stub/bindings/worker/worker_thread.h"

#include <signal.h>

#include <algorithm>

namespace kiln::runtime {

namespace {

std::atomic<uint64_t> g_last_id = 0;  // 0 is the main thread's

}  // namespace

WorkerThread::WorkerThread(Env& p, std::string n)
    : id(++g_last_id), name(std::move(n)), parent(p), payload(p.payload) {}

WorkerThread::~WorkerThread() { CHECK(!started_ && !env_); }

int WorkerThread::Start(std::function<void()> ended) {
  constexpr double kMegabyte = 1024 * 1024;
  if (limits[kStackSizeMb] > 0) {
    if (limits[kStackSizeMb] * kMegabyte < kStackReserve)
      limits[kStackSizeMb] = kStackReserve / kMegabyte;
    stack_size_ = size_t(std::min(limits[kStackSizeMb], 64.0 * 1024) * kMegabyte);
  } else {
    limits[kStackSizeMb] = double(stack_size_) / kMegabyte;
  }
  {
    std::lock_guard lock(mutex_);
    stopped_ = false;
  }
  ended_ = std::move(ended);
  uv_thread_options_t thread_options = {};
  thread_options.flags = UV_THREAD_HAS_STACK_SIZE;
  thread_options.stack_size = stack_size_;
  int rc = uv_thread_create_ex(
      &thread_, &thread_options,
      [](void* data) {
        auto* self = static_cast<WorkerThread*>(data);
        // The pages at the end of the stack that the system has, which rounds the size.
        self->stack_limit_ =
            reinterpret_cast<uintptr_t>(&data) - (self->stack_size_ - kStackReserve);
        self->Run();
        // The parent waits for this thread before its own Env ends.
        self->parent.PostFromAnyThread([self](Env&) {
          std::function<void()> ended = std::move(self->ended_);
          ended();  // deletes the thread's object
        });
      },
      this);
  if (rc != 0) {
    stopped_ = true;
    return rc;
  }
  started_ = true;
  parent.workers.push_back(this);
  return 0;
}

void WorkerThread::Join() {
  if (!started_) return;
  CHECK(uv_thread_join(&thread_) == 0);
  started_ = false;
  std::erase(parent.workers, this);
}

bool WorkerThread::is_stopped() const { return stopped_; }

void WorkerThread::Exit(int code, const char* error_code, const char* message) {
  std::lock_guard lock(mutex_);
  if (error_code) {
    error_code_ = error_code;
    error_message_ = message;
  }
  stopped_ = true;
  if (!env_) return;
  exit_code_ = code;
  env_->stopping = true;
  isolate_->TerminateExecution();
  if (env_->inspector) env_->inspector->Wake();
  env_->PostFromAnyThread([](Env& env) { uv_stop(env.loop); });
}

bool WorkerThread::WithEnv(const std::function<void(Env&)>& work) {
  std::lock_guard lock(mutex_);
  if (!env_ || stopped_) return false;
  work(*env_);
  return true;
}

bool WorkerThread::Interrupt(std::function<void(Env&)> work) {
  std::lock_guard lock(mutex_);
  if (!env_ || stopped_) return false;
  interrupts_.push_back(std::move(work));
  isolate_->RequestInterrupt(
      [](v8::Isolate* isolate, void* data) {
        static_cast<WorkerThread*>(data)->RunInterrupts(Env::From(isolate));
      },
      this);
  env_->PostFromAnyThread([this](Env& env) { RunInterrupts(env); });
  return true;
}

void WorkerThread::RunInterrupts(Env& env) {
  std::vector<std::function<void(Env&)>> due;
  {
    std::lock_guard lock(mutex_);
    due.swap(interrupts_);
  }
  for (auto& work : due) work(env);
}

bool WorkerThread::Publish(Env& env, v8::Isolate* isolate) {
  std::lock_guard lock(mutex_);
  if (stopped_) return false;
  env_ = &env;
  isolate_ = isolate;
  return true;
}

void WorkerThread::Withdraw() {
  std::vector<std::function<void(Env&)>> dropped;
  std::lock_guard lock(mutex_);
  stopped_ = true;
  env_ = nullptr;
  isolate_ = nullptr;
  dropped.swap(interrupts_);
}

void WorkerThread::Finish(int code) {
  std::lock_guard lock(mutex_);
  if (exit_code_ == 0 && !stopped_) exit_code_ = code;
}

}  // namespace kiln::runtime
