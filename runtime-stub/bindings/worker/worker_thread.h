// A worker thread, as its parent and the thread itself see it: what the thread starts with, and how it
// ends. The thread's own work is in thread/worker_thread.cc, the JavaScript class in worker.cc.
#pragma once

#include <uv.h>
#include <v8.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runtime-stub/bindings/messaging/port.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/env.h"
#include "runtime-stub/env/variables.h"

namespace kiln::runtime {

// The order is that of the array that Node's library passes.
enum ResourceLimit {
  kMaxYoungGenerationSizeMb,
  kMaxOldGenerationSizeMb,
  kCodeRangeSizeMb,
  kStackSizeMb,
  kTotalResourceLimitCount
};

// Owned by the parent's Worker object, and by the thread until it has ended. Functions are for any
// thread unless they say otherwise.
class WorkerThread {
 public:
  WorkerThread(Env& parent, std::string name);
  ~WorkerThread();
  WorkerThread(const WorkerThread&) = delete;

  // ---- Set by the parent before Start(); the thread reads them, and fills in the limits that are not
  // positive.
  const uint64_t id;
  const std::string name;
  RunOptions options;
  std::shared_ptr<Variables> variables;
  std::shared_ptr<const Permissions> permissions;  // a copy of the parent's; may be null
  std::string url;                                 // of the script; empty for code
  bool is_internal = false;  // runs loader hooks (internal/modules/esm/worker)
  bool track_unmanaged_fds = true;
  double limits[kTotalResourceLimitCount] = {-1, -1, -1, -1};
  std::unique_ptr<PortData> child_port;  // the thread's end of the channel to the parent
  Env& parent;
  const Payload* const payload;

  // The time of uv_hrtime() at which the loop started; -1 before.
  std::atomic<double> loop_start = -1;

  // ---- The parent's side; on its thread.

  // Starts the thread. `ended` runs on the parent's thread when Run() has returned, before Join().
  // Returns 0 or a libuv code.
  int Start(std::function<void()> ended);
  // Waits for the end of the thread.
  void Join();

  // ---- Any thread

  // Ends the thread, whatever it does. `error_code` is the code of the error that the parent's Worker
  // object emits, with its message; null: none. Of several calls the last counts.
  void Exit(int code, const char* error_code = nullptr, const char* message = nullptr);
  bool is_stopped() const;
  // Calls `work` with the thread's Env: with the mutex held, so that the thread cannot end meanwhile.
  // False, without a call, if there is no Env (any more).
  bool WithEnv(const std::function<void(Env&)>& work);
  // Runs `work` on the worker's thread, at an interrupt or from its loop, whichever is first. False if
  // the thread has ended; if it ends before it came to the work, that is destroyed.
  bool Interrupt(std::function<void(Env&)> work);

  // ---- The result, after Join()
  int exit_code() const { return exit_code_; }
  const std::string& error_code() const { return error_code_; }
  const std::string& error_message() const { return error_message_; }

  // ---- The thread's side; on the thread, except Run().

  // From start to end of the thread (thread/worker_thread.cc).
  void Run();
  // The Env exists: Exit() reaches it. False if the thread shall end already.
  bool Publish(Env& env, v8::Isolate* isolate);
  // The Env is about to end: Exit() does not reach it any more.
  void Withdraw();
  // The loop has become empty. Exit() has precedence.
  void Finish(int code);
  void RunInterrupts(Env& env);
  // The lowest address that JavaScript may use of the stack.
  uintptr_t stack_limit() const { return stack_limit_; }
  // Memory that is left for native code when JavaScript's stack is full.
  static constexpr size_t kStackReserve = 192 * 1024;

 private:
  mutable std::mutex mutex_;
  Env* env_ = nullptr;  // between Publish() and Withdraw()
  v8::Isolate* isolate_ = nullptr;
  std::atomic<bool> stopped_ = true;
  int exit_code_ = 0;
  std::string error_code_, error_message_;
  std::vector<std::function<void(Env&)>> interrupts_;
  uv_thread_t thread_ = {};
  bool started_ = false;
  size_t stack_size_ = 4 * 1024 * 1024;
  uintptr_t stack_limit_ = 0;
  std::function<void()> ended_;
};

}  // namespace kiln::runtime
