// libuv reports 0 for "no control group", and a very large number for one without a limit.
#include "runtime-stub/platform/memory_limit.h"

#include <uv.h>

#include <algorithm>

namespace kiln::runtime {

uint64_t UsableMemory() {
  uint64_t machine = uv_get_total_memory(), group = uv_get_constrained_memory();
  return group > 0 ? std::min(machine, group) : machine;
}

}  // namespace kiln::runtime
