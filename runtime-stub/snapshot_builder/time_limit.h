// A scope in which JavaScript may use a limited processor time.
#pragma once

#include <v8.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace kiln::runtime {

// When the process has used `limit` of processor time, or 10 times that has passed (it waits for something), what
// runs in the isolate ends with an exception that JavaScript cannot catch, and so does what is called afterwards,
// until the scope ends. To be created and ended on the isolate's thread.
class TimeLimit {
 public:
  TimeLimit(v8::Isolate* isolate, std::chrono::milliseconds limit);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;

 private:
  void Watch(std::chrono::milliseconds limit);

  v8::Isolate* const isolate_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;     // guarded by the mutex
  bool reached_ = false;  // written by the thread, read when it has ended
  std::thread thread_;
};

}  // namespace kiln::runtime
