// A stopwatch for the times of stages in progress reports.
#pragma once

#include <chrono>

namespace kiln {

// Started by its constructor. The clock is monotonic: changes of the system's time have no effect.
class Timer {
 public:
  // Since the start or the last Restart, with the fraction of a millisecond.
  double Milliseconds() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }
  void Restart() { start_ = Clock::now(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace kiln
