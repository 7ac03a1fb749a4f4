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
#include <mutex>
#include <string_view>

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
std::mutex g_mutex;  // for `environ`

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
  std::lock_guard lock(g_mutex);
  const char* value = std::getenv(name.c_str());
  if (!value) return {};
  return value;
}

void SetVariable(const std::string& name, const std::string& value) {
  std::lock_guard lock(g_mutex);
  setenv(name.c_str(), value.c_str(), 1);
}

void RemoveVariable(const std::string& name) {
  std::lock_guard lock(g_mutex);
  unsetenv(name.c_str());
}

std::vector<std::pair<std::string, std::string>> AllVariables() {
  std::lock_guard lock(g_mutex);
  std::vector<std::pair<std::string, std::string>> all;
  for (char** entry = environ; entry && *entry; entry++) {
    std::string_view text = *entry;
    size_t end = text.find('=');
    if (end == std::string_view::npos || end == 0) continue;
    all.emplace_back(text.substr(0, end), text.substr(end + 1));
  }
  return all;
}

}  // namespace kiln::runtime
