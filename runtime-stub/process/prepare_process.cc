#include "runtime-stub/process/prepare_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <uv.h>

#include <cstdlib>

namespace kiln::runtime {

namespace {

int g_flags[3];  // of the standard descriptors, as fcntl(F_GETFL) returned them

// A signal that ends the process must not leave the terminal in raw mode. SA_RESETHAND removes the
// handler before it runs, so the signal that it raises has its default effect.
void EndBySignal(int number) {
  RestoreStdio();
  raise(number);
}

}  // namespace

void PrepareProcess() {
  struct stat info;
  for (int fd = 0; fd <= 2; fd++)
    if (fstat(fd, &info) != 0 && open("/dev/null", O_RDWR) != fd) std::abort();
  for (int fd = 0; fd <= 2; fd++) g_flags[fd] = fcntl(fd, F_GETFL);
  // What the parent ignores or blocks is not inherited, as in Node.
  for (int number = 1; number < 32; number++)
    if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a write over the limit is EFBIG, as in Node
  signal(SIGUSR1, SIG_IGN);  // starts Node's inspector, which Kiln does not have
  struct sigaction end = {};
  end.sa_handler = EndBySignal;
  end.sa_flags = int(SA_RESETHAND);
  sigfillset(&end.sa_mask);
  sigaction(SIGINT, &end, nullptr);
  sigaction(SIGTERM, &end, nullptr);
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void RestoreStdio() {
  uv_tty_reset_mode();
  for (int fd = 0; fd <= 2; fd++) {
    int flags = fcntl(fd, F_GETFL);
    if (flags != -1 && g_flags[fd] != -1 && ((flags ^ g_flags[fd]) & O_NONBLOCK))
      fcntl(fd, F_SETFL, (flags & ~O_NONBLOCK) | (g_flags[fd] & O_NONBLOCK));
  }
}

}  // namespace kiln::runtime
