// How many processors the process may use: os.availableParallelism(), navigator.hardwareConcurrency
// and the number of V8's worker threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::runtime {

// The processors that the scheduler lets this process run on (sched_getaffinity), or the processor
// quota of its control group if that is lower. At least 1. The rules of the quota are those of the
// libuv in Node 24 (1.52), because the linked libuv has others:
//
// * Only control groups of version 2 count, and only if the first line of /proc/self/cgroup is the
//   group of version 2. Of version 1 that libuv looks in a folder that does not exist.
// * The quota is rounded down to whole processors, 0 means 1.
// * Of several nested groups with a limit the outermost one counts.
//
// Reads files of /proc and /sys at every call. Any thread.
unsigned AvailableProcessors();

// For tests: the quota in processors for the contents of /proc/self/cgroup, where `root` is the
// folder in which control groups are mounted (/sys/fs/cgroup); -1 if there is none.
int64_t ProcessorQuota(std::string_view cgroup, const std::string& root);

}  // namespace kiln::runtime
