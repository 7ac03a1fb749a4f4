// internalBinding('worker').Worker: a worker thread as JavaScript of its parent sees it.
#pragma once

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/bindings/worker/worker_thread.h"

namespace kiln::runtime {

// Pinned while its thread exists.
class Worker final : public AsyncWrap {
 public:
  Worker(Env& env, std::string name);

  WorkerThread& thread() { return thread_; }

  // Methods of the class.
  void StartThread(const Args& args);
  void StopThread() { thread_.Exit(1); }
  void HasRef(const Args& args);
  void Ref() { SetRef(true); }
  void Unref() { SetRef(false); }
  void GetResourceLimits(const Args& args);
  double LoopIdleTime();   // milliseconds; -1 without a loop
  double LoopStartTime();  // the same
  // Each returns an object whose `ondone` is called later, or undefined if the thread does not run.
  void TakeHeapSnapshot(const Args& args);
  void GetHeapStatistics(const Args& args);
  void CpuUsage(const Args& args);
  void StartCpuProfile(const Args& args);
  void StopCpuProfile(const Args& args);
  void StartHeapProfile(const Args& args);
  void StopHeapProfile(const Args& args);

 private:
  void SetRef(bool ref);
  void Ended();

  WorkerThread thread_;
  bool has_ref_ = true;
  bool started_ = false;
};

}  // namespace kiln::runtime
