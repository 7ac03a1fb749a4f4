// Reports the progress of a build: one line per stage, with its time and size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"
#include "support/timer.h"

namespace kiln {

// kSilent writes nothing; kPlain a line on stderr when a stage ends; kTerminal also shows the
// running stage; kJson writes one object per line to stdout (the "type"s "stage", "report" and "bake").
enum class ProgressStyle { kSilent, kPlain, kTerminal, kJson };

// The progress of one command. Stages do not nest: each Begin is followed by End, or by Abandon if
// the stage failed. Not thread-safe.
class Progress {
 public:
  explicit Progress(ProgressStyle style) : style_(style) {}
  ~Progress() { Abandon(); }

  // Starts the stage's stopwatch and shows its name on a terminal.
  void Begin(std::string_view stage);
  // `bytes` is the size of the stage's result, `detail` a short text after it ("12 modules, 3
  // files") or empty. REQUIRES: Begin was called.
  void End(uint64_t bytes, std::string_view detail);
  // A line of the build report: a file that was embedded and why.
  void Report(std::string_view line);
  // A line of the report for programs: only with kJson.
  void ReportJson(const Json& line);
  // Removes the line of a stage that did not end; the next output begins on a clean line. No effect
  // between stages.
  void Abandon();

  // Since this object was created.
  double TotalMilliseconds() const { return total_.Milliseconds(); }

 private:
  ProgressStyle style_;
  std::string stage_;
  Timer timer_, total_;
};

// "512 B", "48.2 kB", "33.1 MB": powers of 1000.
std::string FormatSize(uint64_t bytes);
// "12 ms", "1.25 s": whole milliseconds below one second.
std::string FormatTime(double milliseconds);

}  // namespace kiln
