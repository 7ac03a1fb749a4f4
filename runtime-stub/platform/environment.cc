// Whether the environment may be trusted is decided by the rule of Node's credentials.safeGetenv
// (src/node_credentials.cc): AT_SECURE, which the kernel sets when a program is executed, and the
// ids as they are now.
#include "runtime-stub/platform/environment.h"

#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace kiln::runtime {
namespace {

// A program with this one capability is a server on a port below 1024, and usually started by the
// user whose environment it has.
bool HasOnlyNetBindService() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};  // 0: this thread
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return false;
  static_assert(CAP_TO_INDEX(CAP_NET_BIND_SERVICE) == 0);
  return sets[0].permitted == CAP_TO_MASK(CAP_NET_BIND_SERVICE) && sets[1].permitted == 0;
}

std::atomic<bool> g_changed = false;

}  // namespace

void NoteEnvironmentChange() { g_changed.store(true, std::memory_order_relaxed); }
bool HasEnvironmentChanged() { return g_changed.load(std::memory_order_relaxed); }

bool HasMoreRightsThanItsUser() {
  return getuid() != geteuid() || getgid() != getegid() ||
         (getauxval(AT_SECURE) != 0 && !HasOnlyNetBindService());
}

std::optional<std::string> ReadTrusted(const std::string& name) {
  std::optional<std::string> value = ReadUntrusted(name);
  if (value && HasMoreRightsThanItsUser()) return {};
  return value;
}

std::optional<std::string> ReadUntrusted(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value) return {};
  return value;
}

}  // namespace kiln::runtime
