// libuv reports 0 for "no control group", and a very large number for one without a limit.
#include "runtime-stub/platform/memory_limit.h"

#include <sys/sysinfo.h>
#include <uv.h>

#include <algorithm>

namespace kiln::runtime {

namespace {

// What /proc/meminfo says, which the kernel writes anew for each reader, and which libuv reads.
uint64_t MemoryOfTheMachine() {
  struct sysinfo info;
  return sysinfo(&info) == 0 ? uint64_t{info.totalram} * info.mem_unit : uv_get_total_memory();
}

}  // namespace

uint64_t UsableMemory() {
  uint64_t machine = MemoryOfTheMachine(), group = uv_get_constrained_memory();
  return group > 0 ? std::min(machine, group) : machine;
}

}  // namespace kiln::runtime
