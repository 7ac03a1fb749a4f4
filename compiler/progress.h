// Reports the progress of a build: one line per stage, with its time and size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/timer.h"

namespace kiln {

enum class ProgressStyle { kSilent, kPlain, kTerminal, kJson };

class Progress {
 public:
  explicit Progress(ProgressStyle style) : style_(style) {}
  ~Progress() { Abandon(); }

  void Begin(std::string_view stage);
  // `bytes` is the size of the stage's result.
  void End(uint64_t bytes, std::string_view detail);
  // A line of the build report: a file that was embedded and why.
  void Report(std::string_view line);
  // Removes the line of a stage that did not end.
  void Abandon();

  double TotalMilliseconds() const { return total_.Milliseconds(); }

 private:
  ProgressStyle style_;
  std::string stage_;
  Timer timer_, total_;
};

// "512 B", "48.2 kB", "33.1 MB"
std::string FormatSize(uint64_t bytes);
// "12 ms", "1.25 s"
std::string FormatTime(double milliseconds);

}  // namespace kiln
