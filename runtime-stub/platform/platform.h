// The V8 platform. Worker threads are created when V8 first has work for them, because a process
// that lives for three milliseconds loses more by starting threads than it gains. Tasks for an
// isolate's thread wake its event loop, which runs them between callbacks. The functions that V8
// calls are those of v8::Platform and thread-safe; those added here name their thread.
#pragma once

#include <v8-platform.h>

#include <functional>
#include <memory>
#include <optional>

namespace kiln::runtime {

class Platform : public v8::Platform {
 public:
  // At most `threads` worker threads; 0 runs background work on the isolate's thread. The threads
  // are never joined and use the object, so it must live until the process ends.
  static std::unique_ptr<Platform> Make(int threads);

  // From now on JavaScript's clock stands at a time, in milliseconds since 1970; nothing: it is the
  // system's again.
  virtual void StopClock(std::optional<double> at) = 0;

  // Register an isolate before it is initialized (Isolate::Allocate gives the pointer). SetWake
  // sets the function that makes its loop call RunForegroundTasks; it is called from any thread, at
  // once if tasks are queued already, and with a lock held: it must not call the platform. An empty
  // function stops the notifications. Unregister discards the tasks that are still queued. Any
  // thread.
  virtual void RegisterIsolate(v8::Isolate* isolate) = 0;
  virtual void SetWake(v8::Isolate* isolate, std::function<void()> wake) = 0;
  virtual void UnregisterIsolate(v8::Isolate* isolate) = 0;

  // Runs the isolate's tasks that are due; on the isolate's thread. Returns true if any ran. Tasks
  // may run JavaScript (finalization callbacks), so the caller must open a CallbackScope. Those
  // that are posted meanwhile wait for the next call.
  virtual bool RunForegroundTasks(v8::Isolate* isolate) = 0;
  // Milliseconds until the isolate's next task: 0 if one is due, rounded up for a delayed one, -1
  // if there is none. Any thread.
  virtual int64_t NextDelay(v8::Isolate* isolate) = 0;
  // Blocks until the worker threads are idle (returns true) or the isolate has tasks to run
  // (returns false): a worker may be waiting for the isolate's thread to take part in a garbage
  // collection.
  virtual bool WaitForWorkers(v8::Isolate* isolate) = 0;
};

}  // namespace kiln::runtime
