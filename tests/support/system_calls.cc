// Runs a program and prints which system calls of the file system it makes in marked sections:
//
//   system-calls PROGRAM [ARG…]
//
// The program begins a section by asking for the priority of a process that cannot exist,
// os.getPriority(2000000000 + number), which is one system call without other effect. For each section,
// in order of numbers, a line "NUMBER: NAME xCOUNT, …" or "NUMBER: none" goes to standard error. All
// threads count, until the next mark. The program's exit status is passed on. It traces as strace
// does, with ptrace; exits with 77 where that is not allowed.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace {

constexpr uint64_t kFirstMark = 2000000000;
constexpr int kSkipped = 77;

// As the kernel's struct ptrace_syscall_info, which is the same on all architectures.
struct SystemCall {
  uint8_t operation;  // 1: the call begins
  uint8_t padding[3];
  uint32_t architecture;
  uint64_t instruction, stack;
  uint64_t number, arguments[6];
};
constexpr auto kGetSystemCall = __ptrace_request(0x420e);

// The calls that read the file system or make descriptors. Not read() and write(): libuv's threads
// wake each other with them, and without a descriptor they read no file.
#define KILN_CALL(name) {SYS_##name, #name}
const std::map<uint64_t, std::string> kNames = {
#ifdef SYS_open
    KILN_CALL(open),          KILN_CALL(stat),       KILN_CALL(lstat),     KILN_CALL(access),
    KILN_CALL(dup2),          KILN_CALL(getdents),   KILN_CALL(creat),     KILN_CALL(readlink),
#endif
#ifdef SYS_fstat
    KILN_CALL(fstat),
#endif
#ifdef SYS_newfstatat
    KILN_CALL(newfstatat),
#endif
    KILN_CALL(close),         KILN_CALL(lseek),      KILN_CALL(pread64),   KILN_CALL(preadv),
    KILN_CALL(dup),           KILN_CALL(dup3),       KILN_CALL(fcntl),     KILN_CALL(flock),
    KILN_CALL(ftruncate),     KILN_CALL(getcwd),     KILN_CALL(fchmod),    KILN_CALL(getuid),
    KILN_CALL(getgid),        KILN_CALL(statfs),     KILN_CALL(fstatfs),   KILN_CALL(getdents64),
    KILN_CALL(openat),        KILN_CALL(readlinkat), KILN_CALL(faccessat), KILN_CALL(utimensat),
    KILN_CALL(memfd_create),  KILN_CALL(statx),      KILN_CALL(openat2),   KILN_CALL(faccessat2),
    KILN_CALL(io_uring_enter)};

std::string NameOf(const SystemCall& call) {
  if (call.number == SYS_mmap) return int(call.arguments[4]) == -1 ? "" : "mmap of a file";
  auto it = kNames.find(call.number);
  return it == kNames.end() ? "" : it->second;
}

// V8's library abseil asks for the number of processors when two threads first wait for each other, at
// any time: it opens /sys/devices/system/cpu/online, reads and closes it, and tries to open another file
// of that folder, which usually does not exist.
bool IsOfProcessors(pid_t thread, const SystemCall& call) {
  static std::set<pid_t> open;  // threads that have opened it
  if (call.number == SYS_close) return open.erase(thread) > 0;
  if (call.number != SYS_openat) return false;
  constexpr std::string_view kFolder = "/sys/devices/system/cpu/", kOnline = "online";
  char path[kFolder.size() + kOnline.size()];
  iovec to = {path, sizeof path}, from = {reinterpret_cast<void*>(call.arguments[1]), sizeof path};
  if (process_vm_readv(thread, &to, 1, &from, 1, 0) != ssize_t(sizeof path) ||
      std::string_view(path, kFolder.size()) != kFolder)
    return false;
  if (std::string_view(path, sizeof path).substr(kFolder.size()) == kOnline) open.insert(thread);
  return true;
}

int Skip() {
  std::fprintf(stderr, "skipped: ptrace is not allowed here\n");
  return kSkipped;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kSkipped);
    raise(SIGSTOP);
    execv(argv[1], argv + 1);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return Skip();
  constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                            PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, child, nullptr, kOptions) != 0) return Skip();
  ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);

  std::map<uint64_t, std::map<std::string, int>> sections;
  std::map<std::string, int>* section = nullptr;
  while (true) {
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0) return 1;
    if (!WIFSTOPPED(status)) {
      if (thread == child) break;
      continue;
    }
    const int stop = WSTOPSIG(status);
    if (stop == (SIGTRAP | 0x80)) {
      SystemCall call = {};
      if (ptrace(kGetSystemCall, thread, sizeof call, &call) > 0 && call.operation == 1) {
        if (call.number == SYS_getpriority && call.arguments[1] >= kFirstMark) {
          section = &sections[call.arguments[1] - kFirstMark];
        } else if (section) {
          std::string name = NameOf(call);
          if (!name.empty() && !IsOfProcessors(thread, call)) ++(*section)[name];
        }
      }
    }
    // What the tracing itself causes is not delivered. The call fails if the thread has ended.
    const bool own = stop == (SIGTRAP | 0x80) || stop == SIGTRAP || stop == SIGSTOP;
    ptrace(PTRACE_SYSCALL, thread, nullptr, long(own ? 0 : stop));
  }
  for (const auto& [number, calls] : sections) {
    std::string line;
    for (const auto& [name, count] : calls)
      line += (line.empty() ? "" : ", ") + name + " x" + std::to_string(count);
    std::fprintf(stderr, "%llu: %s\n", static_cast<unsigned long long>(number),
                 line.empty() ? "none" : line.c_str());
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
