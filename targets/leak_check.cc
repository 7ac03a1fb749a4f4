// The runtime ends by _exit, with its isolate as it is. LeakSanitizer looks at exit only, so
// it is called here; the linker puts this function in front of the system's (--wrap). All
// that lives as long as the process must be reachable then: a native object from its Env, V8
// from its isolate.
#include <sanitizer/lsan_interface.h>
#include <unistd.h>

namespace {

// A child between fork and exec also ends by _exit.
const pid_t main_process = getpid();

}  // namespace

extern "C" [[noreturn]] void __real__exit(int code);

extern "C" [[noreturn]] void __wrap__exit(int code) {
  if (getpid() == main_process) __lsan_do_leak_check();
  __real__exit(code);
}
