// Starts commands in turn, many times, and prints what each start cost. Used by
// scripts/benchmark/processes.py.
//
//   launch ROUNDS PROCESSOR : COMMAND ARGS… : COMMAND ARGS…
//
// PROCESSOR is the number of the only processor that the commands may use, or `any`. Prints a line
// for each start: the command's number; microseconds of wall, user and system time; peak KiB of
// memory; minor and major page faults; exit status. The commands take turns within a round, so
// that a change of the machine's speed affects all of them. This is a separate, small program
// because Linux counts a parent's memory towards the peak of its child.
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

extern char** environ;

namespace {

double Microseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double Microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

// Children inherit it.
bool UseOnly(const char* processor) {
  if (std::strcmp(processor, "any") == 0) return true;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(std::atoi(processor)), &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

bool Start(size_t number, char** command, const posix_spawn_file_actions_t& files) {
  pid_t pid;
  int status;
  rusage usage;
  double begin = Microseconds();
  if (int error = posix_spawn(&pid, command[0], &files, nullptr, command, environ)) {
    std::fprintf(stderr, "launch: %s: %s\n", command[0], std::strerror(error));
    return false;
  }
  if (wait4(pid, &status, 0, &usage) != pid) return false;
  double end = Microseconds();
  std::printf("%zu %.1f %.1f %.1f %ld %ld %ld %d\n", number, end - begin,
              Microseconds(usage.ru_utime), Microseconds(usage.ru_stime), usage.ru_maxrss,
              usage.ru_minflt, usage.ru_majflt,
              WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<char**> commands;
  for (int i = 3; i < argc; i++) {
    if (std::strcmp(argv[i], ":") != 0) continue;
    argv[i] = nullptr;  // ends the previous command
    if (i + 1 < argc) commands.push_back(argv + i + 1);
  }
  if (commands.empty()) {
    std::fprintf(stderr, "usage: launch ROUNDS PROCESSOR : COMMAND ARGS… [: COMMAND ARGS…]…\n");
    return 2;
  }
  if (!UseOnly(argv[2])) {
    std::perror("launch: sched_setaffinity");
    return 1;
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  for (int round = std::atoi(argv[1]); round > 0; round--) {
    for (size_t i = 0; i < commands.size(); i++) {
      if (!Start(i, commands[i], files)) return 1;
    }
  }
}
