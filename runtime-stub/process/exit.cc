// Env::Exit: the end of a process, whether JavaScript asked for it or the loop has become empty, or of
// a worker thread. Workers that run when the process ends just stop.
#include <unistd.h>

#include <cstdio>

#include "runtime-stub/bindings/compile_cache.h"
#include "runtime-stub/bindings/worker/worker_thread.h"
#include "runtime-stub/env/env.h"
#include "runtime-stub/process/prepare_process.h"
#include "runtime-stub/thread/training.h"

namespace kiln::runtime {

void Env::Exit(int code) {
  if (worker) {
    FlushCompileCache(*this);
    return worker->Exit(code);
  }
  if (inspector) inspector->AtExit();
  stopping = true;
  FlushCompileCache(*this);
  FinishTraining(*this);
  std::fflush(nullptr);
  RestoreStdio();
  _exit(code);
}

}  // namespace kiln::runtime
