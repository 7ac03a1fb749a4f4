// The V8 platform. Worker threads are created when V8 first has work for them, because a process
// that lives for three milliseconds loses more by starting threads than it gains. Tasks for an
// isolate's own thread wake its event loop, which runs them between callbacks.
#pragma once

#include <v8-platform.h>

#include <functional>
#include <memory>

namespace kiln::runtime {

class Platform : public v8::Platform {
 public:
  // At most `threads` worker threads; 0 runs background work on the isolate's thread.
  static std::unique_ptr<Platform> Make(int threads);

  // Register an isolate before it is initialized (Isolate::Allocate gives the pointer). SetWake
  // sets the function that makes its loop call RunForegroundTasks; it is called from any thread.
  // Unregister discards the tasks that are still queued.
  virtual void RegisterIsolate(v8::Isolate* isolate) = 0;
  virtual void SetWake(v8::Isolate* isolate, std::function<void()> wake) = 0;
  virtual void UnregisterIsolate(v8::Isolate* isolate) = 0;

  // Runs the isolate's tasks that are due; on the isolate's thread. Returns true if any ran.
  virtual bool RunForegroundTasks(v8::Isolate* isolate) = 0;
  // Milliseconds until the isolate's next delayed task, or -1 if there is none.
  virtual int64_t NextDelay(v8::Isolate* isolate) = 0;
  // Blocks until the worker threads are idle (returns true) or the isolate has tasks to run (returns
  // false): a worker may be waiting for the isolate's thread to take part in a garbage collection.
  virtual bool WaitForWorkers(v8::Isolate* isolate) = 0;
};

}  // namespace kiln::runtime
