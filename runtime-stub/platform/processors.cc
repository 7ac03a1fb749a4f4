// Reads the processor quota of a control group (processors.h). The files are those of the kernel's
// documentation of control groups, version 2 (cgroup-v2.rst): cpu.max has "QUOTA PERIOD", or
// "max PERIOD" if there is no limit.
#include "runtime-stub/platform/processors.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace kiln::runtime {
namespace {

// At most 1023 bytes of a file; empty if it cannot be read.
std::string ReadStart(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  char bytes[1023];
  ssize_t size = read(fd, bytes, sizeof bytes);
  close(fd);
  return std::string(bytes, size_t(std::max<ssize_t>(size, 0)));
}

unsigned ScheduledProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return unsigned(CPU_COUNT(&set));
  return unsigned(
      std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));  // more than the 1,024 of a cpu_set_t
}

}  // namespace

int64_t ProcessorQuota(std::string_view cgroup, const std::string& root) {
  constexpr std::string_view kVersion2 = "0::/";
  if (!cgroup.starts_with(kVersion2)) return -1;
  cgroup.remove_prefix(kVersion2.size());
  std::string folder = root + "/" + std::string(cgroup.substr(0, cgroup.find('\n')));
  if (access((folder + "/cgroup.controllers").c_str(), R_OK) != 0) return -1;
  int64_t quota = -1;
  while (folder.size() >= root.size()) {
    long long limit, period;
    if (std::sscanf(ReadStart(folder + "/cpu.max").c_str(), "%lld %lld", &limit, &period) == 2 &&
        limit >= 0 && period > 0)
      quota = limit / period;
    folder.resize(folder.rfind('/'));
  }
  return quota;
}

unsigned AvailableProcessors() {
  unsigned processors = ScheduledProcessors();
  int64_t quota = ProcessorQuota(ReadStart("/proc/self/cgroup"), "/sys/fs/cgroup");
  if (quota >= 0 && quota < processors) processors = unsigned(quota);
  return std::max(processors, 1u);
}

}  // namespace kiln::runtime
