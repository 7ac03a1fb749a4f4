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

// What to run, and how. Strings are passed unchanged: there is no quoting and no expansion.
struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH if it has no /
  std::optional<std::vector<std::string>> environment = {};  // "K=V"; absent: Kiln's own
  std::string directory = {};                                // empty: Kiln's own
  std::string input = {};                                    // for RunProcess: what stdin reads
  int timeout_seconds = 0;  // for RunProcess: 0 = none; then killed
  int niceness = 0;         // for a child whose end is not waited for soon
};

// Kiln's own environment, for Command, with this value of the variable.
std::vector<std::string> EnvironmentWith(std::string_view name, const std::string& value);

// How a child ended, and what it wrote to stdout (`output`) and stderr (`errors`), any bytes.
struct ProcessResult {
  int exit_code = -1;  // -1 if it was ended by a signal
  int signal = 0;
  // It did not end in time and was killed; then `signal` is usually SIGKILL.
  bool timed_out = false;
  std::string output;
  std::string errors;

  bool ok() const { return exit_code == 0; }
  // How it ended, as the end of a sentence that names the program:
  // "exited with code 3", "was killed by signal 11 (Segmentation fault)", …
  std::string Describe() const;
};

// Starts a child, writes its input, collects both outputs and waits. An Error means that it could
// not be started; the result has its exit status or signal. A child that closes its stdin before
// all input is written is not an error. Blocks the calling thread; outputs are kept in memory
// whole.
Result<ProcessResult> RunProcess(const Command& command);

// Replaces this process by the program (for `kiln run`), with its descriptors 0, 1 and 2; `input`
// and `timeout_seconds` are ignored. Unblocks all signals first and sets SIGPIPE to its default.
// Destructors do not run: temporary files must be gone. Returns only if that fails.
Error ExecProcess(const Command& command);

// A running child, with pipes to its stdin and from its stdout. Its stderr is collected while
// another function waits. Created by Start, ended by Wait or, if that was not called, killed by the
// destructor. After a move the source owns no child. Not thread-safe.
class ChildProcess {
 public:
  // Returns when the program has been loaded: an Error if there is none of that name or its folder
  // does not exist. From the first call on, SIGPIPE is ignored in this process.
  // REQUIRES: argv is not empty; and the calling thread lives as long as the child, which Linux
  // kills when that thread ends (PR_SET_PDEATHSIG).
  static Result<ChildProcess> Start(const Command& command);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;  // ends the former child
  ~ChildProcess();                                         // kills and reaps it if Wait has not

  // Writes all bytes. While the child does not read them, its output is read and kept for Read, so
  // that two full pipes cannot block each other. An Error if the child has closed its stdin or
  // ended, or after CloseInput.
  Result<> Write(std::string_view bytes);

  // Reads at least one byte (at most `size`) and returns the number; 0 at the end of its
  // output. Waits at most `timeout_seconds` if that is not 0; then an Error.
  Result<size_t> Read(char* buffer, size_t size, int timeout_seconds = 0);

  // Exactly `size` bytes; an Error if the output ends before. The timeout is for each piece that
  // arrives, not for the whole.
  Result<> ReadExactly(char* buffer, size_t size, int timeout_seconds = 0);

  // The child reads the end of its stdin. Has no effect if it is closed already.
  void CloseInput();
  // Closes its input, collects the rest and waits until it has ended; kills it after
  // `timeout_seconds` (0 = never). The time limit applies
  // while the child has an output open. `output` of the result is what Read has not returned.
  // A second call is an Error.
  Result<ProcessResult> Wait(int timeout_seconds = 0);
  // Sends SIGKILL and does not wait; Wait then reports the signal. No effect after Wait.
  void Kill();

  // What has been read from its stderr so far; complete after Wait.
  const std::string& errors() const { return errors_; }

 private:
  ChildProcess(int pid, int in, int out, int err) : pid_(pid), in_(in), out_(out), err_(err) {}
  friend Result<ProcessResult> RunProcess(const Command& command);

  // Waits until a pipe is ready: reads stdout into pending_ and stderr into errors_, writes from
  // `bytes` if not empty. False if `deadline` (ms, monotonic; 0 = none) has passed.
  bool Pump(std::string_view* bytes, int64_t deadline);
  // Waits for the child's end; sets only exit_code and signal of the result.
  ProcessResult Reap();

  int pid_ = -1;  // -1 after Reap and in an object that was moved from
  // Our ends of the pipes, non-blocking; -1 when closed.
  int in_ = -1, out_ = -1, err_ = -1;
  // What was read from stdout; Read has returned the bytes before pending_start_.
  std::string pending_;
  size_t pending_start_ = 0;
  std::string errors_;
};

}  // namespace kiln
