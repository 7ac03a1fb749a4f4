// A thread looks at the process's clock while the scope lasts.
#include "runtime-stub/snapshot_builder/time_limit.h"

#include <ctime>

namespace kiln::runtime {

namespace {

constexpr std::chrono::milliseconds kInterval{20};

std::chrono::milliseconds ProcessorTime() {
  timespec used = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::milliseconds(used.tv_sec * 1000 + used.tv_nsec / 1'000'000);
}

}  // namespace

TimeLimit::TimeLimit(v8::Isolate* isolate, std::chrono::milliseconds limit)
    : isolate_(isolate), thread_([this, limit] { Watch(limit); }) {}

TimeLimit::~TimeLimit() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (reached_) isolate_->CancelTerminateExecution();
}

void TimeLimit::Watch(std::chrono::milliseconds limit) {
  const auto begin = ProcessorTime();
  const auto end = std::chrono::steady_clock::now() + 10 * limit;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kInterval, [this] { return over_; })) {
    if (ProcessorTime() - begin < limit && std::chrono::steady_clock::now() < end) continue;
    reached_ = true;
    isolate_->TerminateExecution();
    return;
  }
}

}  // namespace kiln::runtime
