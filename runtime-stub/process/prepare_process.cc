#include "runtime-stub/process/prepare_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <uv.h>

#include <cstdlib>

namespace kiln::runtime {

namespace {

// A signal that ends the process must not leave the terminal in raw mode. SA_RESETHAND removes the
// handler before it runs, so the signal that it raises has its default effect.
void EndBySignal(int number) {
  uv_tty_reset_mode();
  raise(number);
}

}  // namespace

void PrepareProcess() {
  struct stat info;
  for (int fd = 0; fd <= 2; fd++)
    if (fstat(fd, &info) != 0 && open("/dev/null", O_RDWR) != fd) std::abort();
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

}  // namespace kiln::runtime
