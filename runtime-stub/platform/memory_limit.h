// How much memory the process may use, from which the limit of V8's heap follows.
#pragma once

#include <cstdint>

namespace kiln::runtime {

// Bytes: the memory of the machine, or the limit of the process's control group (a container's)
// if that is lower. 0 if neither is known. Node uses the same number for the default limit of the
// heap and for --max-old-space-size-percentage. Reads files of /proc and /sys at every call (libuv's
// uv_get_constrained_memory). Any thread.
uint64_t UsableMemory();

}  // namespace kiln::runtime
