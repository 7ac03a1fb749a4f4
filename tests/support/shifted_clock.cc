// Runs a program, and all that it starts, with another time of day:
//
//   shifted-clock SECONDS PROGRAM [ARG…]
//
// Linux has no namespace for the time of day, and a static executable loads no library that could
// replace it. So a filter of system calls stops clock_gettime(), gettimeofday() and time(), and what they
// have written is changed with ptrace. The vDSO would answer without a system call: it is taken out of what a
// new program gets from the kernel. Monotonic clocks and times of files stay as they are. Signals that end programs are
// passed on, and so is the exit status; exits with 77 where tracing is not allowed.
#include <elf.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace {

constexpr int kSkipped = 77;
volatile pid_t child;

// As the kernel's struct ptrace_syscall_info, which is the same on all architectures.
struct SystemCall {
  uint8_t operation;  // 2: the call has ended, 3: the filter has stopped it
  uint8_t padding[3];
  uint32_t architecture;
  uint64_t instruction, stack;
  union {
    struct {
      uint64_t number, arguments[6];
    } entry;
    struct {
      int64_t result;
      uint8_t is_error;
    } exit;
  };
};
constexpr auto kGetSystemCall = __ptrace_request(0x420e);

bool Filter() {
  constexpr uint32_t kNumber = offsetof(seccomp_data, nr);
  constexpr uint32_t kClock = offsetof(seccomp_data, args[0]);
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
#ifdef SYS_time
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_time, 6, 0),
#else
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ~0u, 6, 0),
#endif
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_gettimeofday, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kClock),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLOCK_REALTIME, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLOCK_REALTIME_COARSE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
  };
  sock_fprog filter = {sizeof program / sizeof program[0], program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

bool Copy(pid_t thread, uint64_t at, void* data, size_t size, bool write) {
  iovec own = {data, size}, other = {reinterpret_cast<void*>(at), size};
  return (write ? process_vm_writev(thread, &own, 1, &other, 1, 0)
                : process_vm_readv(thread, &own, 1, &other, 1, 0)) == ssize_t(size);
}

// A new program's stack: the number of arguments, they, the environment, and pairs of what the kernel says.
void HideVdso(pid_t thread) {
  SystemCall call = {};
  if (ptrace(kGetSystemCall, thread, sizeof call, &call) <= 0) return;
  uint64_t at = call.stack, word = 0;
  if (!Copy(thread, at, &word, sizeof word, false)) return;
  at += (word + 2) * sizeof word;
  do {
    if (!Copy(thread, at, &word, sizeof word, false)) return;
    at += sizeof word;
  } while (word != 0);
  for (Elf64_auxv_t entry; Copy(thread, at, &entry, sizeof entry, false) && entry.a_type != AT_NULL;
       at += sizeof entry) {
    if (entry.a_type != 33) continue;  // AT_SYSINFO_EHDR
    entry.a_type = AT_IGNORE;
    Copy(thread, at, &entry, sizeof entry, true);
  }
}

// What the call has written: seconds come first.
void Shift(pid_t thread, const SystemCall& begun, int64_t seconds) {
  SystemCall ended = {};
  if (ptrace(kGetSystemCall, thread, sizeof ended, &ended) <= 0 || ended.operation != 2 ||
      ended.exit.is_error)
    return;
  const uint64_t at = begun.entry.arguments[begun.entry.number == SYS_clock_gettime ? 1 : 0];
  int64_t value;
  if (at == 0 || !Copy(thread, at, &value, sizeof value, false)) return;
  value += seconds;
  Copy(thread, at, &value, sizeof value, true);
}

void PassOn(int signal) {
  if (child > 0) kill(child, signal);
}

int Skip() {
  std::fprintf(stderr, "skipped: tracing is not allowed here\n");
  return kSkipped;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const int64_t seconds = std::atoll(argv[1]);
  child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kSkipped);
    raise(SIGSTOP);
    if (!Filter()) _exit(kSkipped);
    execv(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return Skip();
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) ::signal(signal, PassOn);
  constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                            PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP |
                            PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, child, nullptr, kOptions) != 0) return Skip();
  ptrace(PTRACE_CONT, child, nullptr, nullptr);

  std::map<pid_t, SystemCall> begun;  // calls that the filter has stopped
  while (true) {
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0) continue;  // a signal
    if (!WIFSTOPPED(status)) {
      begun.erase(thread);
      if (thread == child) break;
      continue;
    }
    const int stop = WSTOPSIG(status), event = status >> 16;
    bool until_end = false;
    if (event == PTRACE_EVENT_SECCOMP) {
      SystemCall call = {};
      until_end = ptrace(kGetSystemCall, thread, sizeof call, &call) > 0 && call.operation == 3;
      if (until_end) begun[thread] = call;
    } else if (event == PTRACE_EVENT_EXEC) {
      HideVdso(thread);
    } else if (stop == (SIGTRAP | 0x80)) {
      if (auto call = begun.find(thread); call != begun.end()) {
        Shift(thread, call->second, seconds);
        begun.erase(call);
      }
    }
    // What the tracing itself causes is not delivered. The call fails if the thread has ended.
    const bool own = stop == (SIGTRAP | 0x80) || stop == SIGTRAP || stop == SIGSTOP || event != 0;
    ptrace(until_end ? PTRACE_SYSCALL : PTRACE_CONT, thread, nullptr, long(own ? 0 : stop));
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  signal(WTERMSIG(status), SIG_DFL);
  raise(WTERMSIG(status));
  return 128 + WTERMSIG(status);
}
