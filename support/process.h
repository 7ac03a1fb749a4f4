// Child processes: run one to its end, or communicate with one that keeps running.
//
// No shell is involved. A child gets exactly the arguments, environment and folder named
// in its Command, no file descriptors but 0, 1 and 2, and is killed when Kiln dies.
// Each system has its own source file (process_posix.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace kiln {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH if it has no /
  std::optional<std::vector<std::string>> environment = {};  // "K=V"; absent: Kiln's own
  std::string directory = {};                                // empty: Kiln's own
  std::string input = {};                                    // for RunProcess: what stdin reads
  int timeout_seconds = 0;  // for RunProcess: 0 = none; then killed
};

struct ProcessResult {
  int exit_code = -1;  // -1 if it was ended by a signal
  int signal = 0;
  bool timed_out = false;
  std::string output;
  std::string errors;

  bool ok() const { return exit_code == 0; }
  // "exited with code 3", "was killed by signal 11 (Segmentation fault)", …
  std::string Describe() const;
};

// Starts a child, writes its input, collects both outputs and waits. An Error means that it could
// not be started; the result has its exit status or signal.
Result<ProcessResult> RunProcess(const Command& command);

// Replaces this process by the program (for `kiln run`). Returns only if that fails.
Error ExecProcess(const Command& command);

// A running child, with pipes to its stdin and from its stdout. Its stderr is collected.
class ChildProcess {
 public:
  static Result<ChildProcess> Start(const Command& command);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // kills and reaps it if Wait has not

  // Writes all bytes. While the child does not read them, its output is read and kept for Read, so
  // that two full pipes cannot block each other.
  Result<> Write(std::string_view bytes);

  // Reads at least one byte (at most `size`) and returns the number; 0 at the end of its
  // output. Waits at most `timeout_seconds` if that is not 0.
  Result<size_t> Read(char* buffer, size_t size, int timeout_seconds = 0);

  // Exactly `size` bytes; an Error if the output ends before.
  Result<> ReadExactly(char* buffer, size_t size, int timeout_seconds = 0);

  void CloseInput();
  // Closes its input and collects the rest; kills it after `timeout_seconds` (0 = never).
  Result<ProcessResult> Wait(int timeout_seconds = 0);
  void Kill();

  const std::string& errors() const { return errors_; }

 private:
  ChildProcess(int pid, int in, int out, int err) : pid_(pid), in_(in), out_(out), err_(err) {}
  friend Result<ProcessResult> RunProcess(const Command& command);

  // Waits until a pipe is ready: reads stdout into pending_ and stderr into errors_, writes from
  // `bytes` if not empty. False if `deadline` (ms, monotonic; 0 = none) has passed.
  bool Pump(std::string_view* bytes, int64_t deadline);
  ProcessResult Reap();

  int pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  std::string pending_;
  size_t pending_start_ = 0;
  std::string errors_;
};

}  // namespace kiln
