#include "runtime-stub/process/guards.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {

namespace {

// "NAME": the variable is absent. "NAME=VALUE": it has this value, which may be empty.
bool EnvironmentHas(std::string_view guard) {
  size_t equals = guard.find('=');
  std::optional<std::string> value = ReadUntrusted(std::string(guard.substr(0, equals)));
  if (equals == std::string_view::npos) return !value;
  return value && *value == guard.substr(equals + 1);
}

// "0" to "2": the descriptor is no terminal.
bool IsNoTerminal(std::string_view guard) {
  return guard.size() == 1 && guard[0] >= '0' && guard[0] <= '2' && !isatty(guard[0] - '0');
}

bool Holds(std::string_view guard) {
  if (guard.starts_with("env ")) return EnvironmentHas(guard.substr(4));
  if (guard.starts_with("tty ")) return IsNoTerminal(guard.substr(4));
  return false;
}

}  // namespace

bool GuardsHold(std::string_view guards) {
  while (!guards.empty()) {
    std::string_view guard = guards.substr(0, guards.find('\n'));
    guards.remove_prefix(std::min(guards.size(), guard.size() + 1));
    if (!Holds(guard)) return false;
  }
  return true;
}

}  // namespace kiln::runtime
