// Env::Exit: what happens last in a process that JavaScript ends, or whose loop is empty.
#include <uv.h>
#include <unistd.h>

#include <cstdio>

#include "runtime-stub/bindings/compile_cache.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime {

void Env::Exit(int code) {
  stopping = true;
  FlushCompileCache(*this);
  std::fflush(nullptr);
  uv_tty_reset_mode();
  _exit(code);
}

}  // namespace kiln::runtime
