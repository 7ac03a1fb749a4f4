// A run has 60 seconds of processor time: an observed app may run forever because of what is not performed. The
// system ends such a run, and nothing is baked. It is processor time, so that other processes of the machine make
// no difference.
#include "runtime-stub/snapshot_builder/observed_runs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime-stub/snapshot_builder/bake.h"

namespace kiln::runtime {

namespace {

void LimitProcessorTime() {
  constexpr rlim_t kSeconds = 60;
  const rlimit limit = {kSeconds, kSeconds};
  setrlimit(RLIMIT_CPU, &limit);
}

// A copy of the process has only the thread that made it.
bool HasOneThread() {
  std::error_code error;
  int count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/task", error), end; !error && at != end;
       at.increment(error))
    count++;
  return count == 1;
}

// The modules that were evaluated in a run: the lines "enter N" of its record.
std::vector<int> EvaluatedIn(const std::string& record_path) {
  constexpr std::string_view kEnter = "enter\t";
  std::vector<int> modules;
  std::ifstream file(record_path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(kEnter)) modules.push_back(std::atoi(line.c_str() + kEnter.size()));
  return modules;
}

// Ends the process.
[[noreturn]] void Run(Env& env, ObservedApp& app, const BakePlan& plan, const std::string& path) {
  // The loop's descriptors are shared with the other runs.
  if (uv_loop_fork(env.loop) != 0) _exit(1);
  std::optional<std::string> record = app.Run(plan);
  if (!record) _exit(1);
  std::FILE* file = std::fopen((path + "-record").c_str(), "wb");
  if (!file) _exit(1);
  const bool ok = std::fwrite(record->data(), 1, record->size(), file) == record->size();
  if (std::fclose(file) != 0 || !ok) _exit(1);
  std::fflush(nullptr);
  _exit(0);
}

// stdin becomes a pipe without data.
void RedirectStreams() {
  int empty[2];
  if (pipe2(empty, O_CLOEXEC) != 0 || dup2(empty[0], 0) < 0 || dup2(2, 1) < 0) _exit(1);
  close(empty[0]);
  close(empty[1]);
}

class Runs {
 public:
  Runs(Env& env, ObservedApp& app, const char* path) : env_(env), app_(app), path_(path) {
    // Only ppoll() is interrupted by the end of a run.
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &unblocked_);
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    sigaction(SIGCHLD, &action, &old_action_);
  }

  int Serve() {
    while (true) {
      pollfd input = {.fd = 0, .events = POLLIN, .revents = 0};
      if (ppoll(&input, 1, nullptr, &unblocked_) < 0 && errno != EINTR) return 1;
      ReportEnds();
      if (!input.revents) continue;
      char buffer[256];
      const ssize_t size = read(0, buffer, sizeof buffer);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) break;
      input_.append(buffer, size_t(size));
      for (size_t end; (end = input_.find('\n')) != std::string::npos; input_.erase(0, end + 1))
        Do(input_.substr(0, end));
    }
    for (auto [pid, number] : runs_) kill(pid, SIGKILL);
    return 0;
  }

 private:
  void Do(const std::string& line) {
    const int number = std::atoi(line.c_str() + std::min<size_t>(line.size(), 4));
    if (line.starts_with("run ")) {
      Start(number);
    } else if (line.starts_with("end ")) {
      for (auto [pid, of] : runs_)
        if (of == number) kill(pid, SIGKILL);
    }
  }

  void Start(int number) {
    const std::string path = path_ + "-" + std::to_string(number);
    std::optional<BakePlan> plan = ReadBakePlan((path + "-plan").c_str());
    if (!plan) return Report(number, EINVAL);
    app_.Precompile(plan->baked);
    const pid_t parent = getpid(), pid = fork();
    if (pid < 0) return Report(number, errno);
    if (pid > 0) {
      runs_.emplace(pid, number);
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    sigaction(SIGCHLD, &old_action_, nullptr);
    sigprocmask(SIG_SETMASK, &unblocked_, nullptr);
    RedirectStreams();
    Run(env_, app_, *plan, path);
  }

  void ReportEnds() {
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      auto run = runs_.find(pid);
      if (run == runs_.end()) continue;
      Report(run->second, WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
      // Later runs evaluate mostly what the first one has evaluated.
      if (status == 0 && !std::exchange(has_precompiled_, true))
        app_.Precompile(EvaluatedIn(path_ + "-" + std::to_string(run->second) + "-record"));
      runs_.erase(run);
    }
  }

  void Report(int number, int status) {
    const std::string line = std::to_string(number) + " " + std::to_string(status) + "\n";
    // A pipe takes a line of this length as a whole.
    if (write(1, line.data(), line.size()) != ssize_t(line.size())) _exit(1);
  }

  Env& env_;
  ObservedApp& app_;
  const std::string path_;
  std::map<pid_t, int> runs_;  // that have not ended
  bool has_precompiled_ = false;
  std::string input_;  // after the last complete line
  sigset_t unblocked_;
  struct sigaction old_action_;
};

}  // namespace

int ServeObservedRuns(Env& env, const char* run_path) {
  LimitProcessorTime();  // also of each run, whose time begins at zero
  ObservedApp app(env);
  if (!app.Prepare()) return 1;
  if (!HasOneThread()) {
    std::fputs("kiln: V8 has started threads in an observed process. This is a fault of Kiln.\n",
               stderr);
    return 1;
  }
  std::fflush(nullptr);
  return Runs(env, app, run_path).Serve();
}

}  // namespace kiln::runtime
