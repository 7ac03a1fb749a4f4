// Child processes with fork and exec. All pipes are non-blocking in the parent and served by one
// poll loop (Pump), so no pipe can fill up while the parent waits for another.
#include "support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <utility>

namespace kiln {
namespace {

int64_t Now() {
  timespec t = {};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t(t.tv_sec) * 1000 + t.tv_nsec / 1000000;
}
int64_t DeadlineIn(int seconds) { return seconds > 0 ? Now() + int64_t(seconds) * 1000 : 0; }

void CloseFd(int& fd) {
  if (fd >= 0) close(std::exchange(fd, -1));
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const std::string& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

// Runs in the child between fork and exec: system calls only, errno on failure.
void ExecNow(const Command& command, char* const* argv, char* const* environment) {
  // An error changes only the order of work.
  if (command.niceness != 0) (void)setpriority(PRIO_PROCESS, 0, command.niceness);
  if (!command.directory.empty() && chdir(command.directory.c_str()) != 0) return;
  if (environment) {
    execvpe(argv[0], argv, environment);
  } else {
    execvp(argv[0], argv);
  }
}

void RestoreSignals() {
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
}

}  // namespace

std::vector<std::string> EnvironmentWith(std::string_view name, const std::string& value) {
  std::vector<std::string> all;
  std::string prefix = std::string(name) + "=";
  for (char** at = environ; *at; ++at)
    if (!std::string_view(*at).starts_with(prefix)) all.emplace_back(*at);
  all.push_back(prefix + value);
  return all;
}

std::string ProcessResult::Describe() const {
  if (timed_out) return "did not end in time and was killed";
  if (signal != 0)
    return "was killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  return "exited with code " + std::to_string(exit_code);
}

Error ExecProcess(const Command& command) {
  std::vector<char*> argv = Pointers(command.argv);
  std::vector<char*> environment =
      command.environment ? Pointers(*command.environment) : std::vector<char*>();
  RestoreSignals();
  ExecNow(command, argv.data(), command.environment ? environment.data() : nullptr);
  return SystemError("Cannot run", command.argv[0], errno);
}

Result<ChildProcess> ChildProcess::Start(const Command& command) {
  KILN_CHECK(!command.argv.empty());
  // Writing to a child that has exited must be an error to report, not a signal that ends Kiln.
  static const bool pipes_ignored = (signal(SIGPIPE, SIG_IGN), true);
  (void)pipes_ignored;

  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, status[2] = {-1, -1};
  int* pipes[] = {in, out, err, status};
  auto close_all = [&] {
    for (int* p : pipes) CloseFd(p[0]), CloseFd(p[1]);
  };
  for (int* p : pipes) {
    if (pipe2(p, O_CLOEXEC) != 0) {
      Error error = SystemError("Cannot start", command.argv[0], errno);
      close_all();
      return error;
    }
  }
  std::vector<char*> argv = Pointers(command.argv);
  std::vector<char*> environment =
      command.environment ? Pointers(*command.environment) : std::vector<char*>();
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid < 0) {
    Error error = SystemError("Cannot start", command.argv[0], errno);
    close_all();
    return error;
  }
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    RestoreSignals();
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    ExecNow(command, argv.data(), command.environment ? environment.data() : nullptr);
    int error = errno;
    // A successful exec closes the status pipe; otherwise it receives the error number.
    [[maybe_unused]] ssize_t n = write(status[1], &error, sizeof error);
    _exit(127);
  }
  CloseFd(in[0]), CloseFd(out[1]), CloseFd(err[1]), CloseFd(status[1]);
  int exec_error = 0;
  ssize_t n = 0;
  while ((n = read(status[0], &exec_error, sizeof exec_error)) < 0 && errno == EINTR) {
  }
  CloseFd(status[0]);
  if (n > 0) {
    close_all();
    waitpid(pid, nullptr, 0);
    return SystemError("Cannot run", command.argv[0], exec_error);
  }
  for (int fd : {in[1], out[0], err[0]}) fcntl(fd, F_SETFL, O_NONBLOCK);
  return ChildProcess(pid, in[1], out[0], err[0]);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      err_(std::exchange(other.err_, -1)),
      pending_(std::move(other.pending_)),
      pending_start_(std::exchange(other.pending_start_, 0)),
      errors_(std::move(other.errors_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  ChildProcess taken(std::move(other));
  std::swap(pid_, taken.pid_);
  std::swap(in_, taken.in_), std::swap(out_, taken.out_), std::swap(err_, taken.err_);
  std::swap(pending_, taken.pending_), std::swap(pending_start_, taken.pending_start_);
  std::swap(errors_, taken.errors_);
  return *this;
}

ChildProcess::~ChildProcess() {
  CloseFd(in_), CloseFd(out_), CloseFd(err_);
  if (pid_ > 0) {
    Kill();
    Reap();
  }
}

bool ChildProcess::Pump(std::string_view* bytes, int64_t deadline) {
  pollfd fds[3];
  int count = 0, in_at = -1, out_at = -1, err_at = -1;
  if (bytes && !bytes->empty() && in_ >= 0) fds[in_at = count++] = {in_, POLLOUT, 0};
  if (out_ >= 0) fds[out_at = count++] = {out_, POLLIN, 0};
  if (err_ >= 0) fds[err_at = count++] = {err_, POLLIN, 0};
  if (count == 0) return true;
  int wait = -1;
  if (deadline != 0) {
    int64_t left = deadline - Now();
    if (left <= 0) return false;
    wait = int(left);
  }
  int ready = poll(fds, nfds_t(count), wait);
  if (ready < 0) return true;  // EINTR: the caller tries again
  if (ready == 0) return false;

  auto drain = [](int& fd, std::string& into) {
    char buffer[65536];
    ssize_t n = read(fd, buffer, sizeof buffer);
    if (n > 0)
      into.append(buffer, size_t(n));
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
      CloseFd(fd);
  };
  if (out_at >= 0 && fds[out_at].revents) drain(out_, pending_);
  if (err_at >= 0 && fds[err_at].revents) drain(err_, errors_);
  if (in_at >= 0 && fds[in_at].revents) {
    ssize_t n = write(in_, bytes->data(), bytes->size());
    if (n >= 0)
      bytes->remove_prefix(size_t(n));
    else if (errno != EAGAIN && errno != EINTR)
      CloseFd(in_);
  }
  return true;
}

Result<> ChildProcess::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (in_ < 0) return Error{"The child process no longer reads its input"};
    // Most writes fit into the pipe; only a full pipe needs the loop.
    ssize_t n = write(in_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(size_t(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) {
      CloseFd(in_);
      continue;
    }
    Pump(&bytes, 0);
  }
  return {};
}

Result<size_t> ChildProcess::Read(char* buffer, size_t size, int timeout_seconds) {
  int64_t deadline = DeadlineIn(timeout_seconds);
  while (pending_start_ == pending_.size()) {
    pending_.clear();
    pending_start_ = 0;
    if (out_ < 0) return size_t(0);
    if (!Pump(nullptr, deadline))
      return Error{"The child process did not respond within " + std::to_string(timeout_seconds) +
                   " seconds"};
  }
  size_t n = std::min(size, pending_.size() - pending_start_);
  memcpy(buffer, pending_.data() + pending_start_, n);
  pending_start_ += n;
  return n;
}

Result<> ChildProcess::ReadExactly(char* buffer, size_t size, int timeout_seconds) {
  while (size > 0) {
    TRY(size_t n, Read(buffer, size, timeout_seconds));
    if (n == 0) return Error{"The child process ended in the middle of a response"};
    buffer += n;
    size -= n;
  }
  return {};
}

void ChildProcess::CloseInput() { CloseFd(in_); }

void ChildProcess::Kill() {
  if (pid_ > 0) kill(pid_, SIGKILL);
}

ProcessResult ChildProcess::Reap() {
  ProcessResult result;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

Result<ProcessResult> ChildProcess::Wait(int timeout_seconds) {
  if (pid_ < 0) return Error{"The process has ended already"};
  CloseInput();
  int64_t deadline = DeadlineIn(timeout_seconds);
  bool timed_out = false;
  while (out_ >= 0 || err_ >= 0) {
    if (Pump(nullptr, deadline)) continue;
    timed_out = true;
    break;
  }
  if (timed_out) Kill();
  ProcessResult result = Reap();
  result.timed_out = timed_out;
  result.output = pending_.substr(pending_start_);
  result.errors = errors_;
  return result;
}

Result<ProcessResult> RunProcess(const Command& command) {
  TRY(ChildProcess child, ChildProcess::Start(command));
  int64_t deadline = DeadlineIn(command.timeout_seconds);
  std::string_view input = command.input;
  while (!input.empty() && child.in_ >= 0) {
    if (child.Pump(&input, deadline)) continue;
    child.Kill();
    break;
  }
  int left = deadline == 0 ? 0 : int(std::max<int64_t>(1, (deadline - Now() + 999) / 1000));
  TRY(ProcessResult result, child.Wait(left));
  if (!input.empty() && deadline != 0 && Now() >= deadline) result.timed_out = true;
  return result;
}

}  // namespace kiln
