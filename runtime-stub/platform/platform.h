// The V8 platform. Worker threads are made when V8 first has work for them: starting a
// thread costs a process that lives three milliseconds more than it gives. Work for the
// main thread wakes the loop, which runs it between callbacks.
#pragma once

#include <v8-platform.h>

#include <functional>
#include <memory>

namespace kiln::runtime {

class Platform : public v8::Platform {
 public:
  // `threads` at most; each isolate registers before it is made.
  static std::unique_ptr<Platform> Make(int threads);

  // Tells how to wake the isolate's loop; `wake` is called from any thread. Unregister
  // drops what is still queued.
  virtual void RegisterIsolate(v8::Isolate* isolate) = 0;
  virtual void SetWake(v8::Isolate* isolate, std::function<void()> wake) = 0;
  virtual void UnregisterIsolate(v8::Isolate* isolate) = 0;

  // Runs due main-thread tasks. True when any ran.
  virtual bool RunForegroundTasks(v8::Isolate* isolate) = 0;
  // Milliseconds until the next delayed task, or -1.
  virtual int64_t NextDelay(v8::Isolate* isolate) = 0;
  // Waits until worker threads are idle (true), or the isolate's thread has tasks to run: a
  // worker may be waiting for that thread to collect garbage.
  virtual bool WaitForWorkers(v8::Isolate* isolate) = 0;
};

}  // namespace kiln::runtime
