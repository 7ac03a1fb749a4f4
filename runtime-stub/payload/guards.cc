#include "runtime-stub/payload/guards.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
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

// "NAME=VALUE": the variable is absent or has another value.
bool EnvironmentHasNot(std::string_view guard) {
  size_t equals = guard.find('=');
  if (equals == std::string_view::npos) return false;
  std::optional<std::string> value = ReadUntrusted(std::string(guard.substr(0, equals)));
  return !value || *value != guard.substr(equals + 1);
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; }

// No variable has a name that begins so, in small or capital letters of ASCII.
bool NoVariableBeginsWith(std::string_view prefix) {
  if (prefix.empty()) return false;
  for (char** entry = environ; entry && *entry; entry++) {
    const char* name = *entry;
    size_t i = 0;
    while (i < prefix.size() && name[i] && name[i] != '=' && Lower(name[i]) == Lower(prefix[i]))
      i++;
    if (i == prefix.size()) return false;
  }
  return true;
}

bool IsNoArgument(std::string_view text, std::span<const std::string> arguments) {
  return !text.empty() && std::find(arguments.begin(), arguments.end(), text) == arguments.end();
}

// "0" to "2": the descriptor is no terminal.
bool IsNoTerminal(std::string_view guard) {
  return guard.size() == 1 && guard[0] >= '0' && guard[0] <= '2' && !isatty(guard[0] - '0');
}

bool Holds(std::string_view guard, std::span<const std::string> arguments) {
  size_t space = guard.find(' ');
  if (space == std::string_view::npos) return false;
  std::string_view kind = guard.substr(0, space), rest = guard.substr(space + 1);
  if (kind == "env") return EnvironmentHas(rest);
  if (kind == "env-not") return EnvironmentHasNot(rest);
  if (kind == "env-prefix") return NoVariableBeginsWith(rest);
  if (kind == "argv") return IsNoArgument(rest, arguments);
  if (kind == "tty") return IsNoTerminal(rest);
  return false;
}

constexpr std::string_view kLocal = "local ", kModule = "module ";

std::string_view TakeLine(std::string_view& lines) {
  std::string_view line = lines.substr(0, lines.find('\n'));
  lines.remove_prefix(std::min(lines.size(), line.size() + 1));
  return line;
}

}  // namespace

bool GuardsHold(std::string_view guards, std::span<const std::string> arguments) {
  while (!guards.empty()) {
    std::string_view guard = TakeLine(guards);
    if (guard.starts_with(kLocal) || guard.starts_with(kModule)) continue;
    if (!Holds(guard, arguments)) return false;
  }
  return true;
}

bool LocalGuardsHold(std::string_view guards, std::span<const std::string> arguments) {
  while (!guards.empty()) {
    std::string_view guard = TakeLine(guards);
    if (guard.starts_with(kLocal) && !Holds(guard.substr(kLocal.size()), arguments)) return false;
  }
  return true;
}

std::vector<int> LocalModules(std::string_view guards) {
  std::vector<int> modules;
  while (!guards.empty()) {
    std::string_view line = TakeLine(guards);
    int number = -1;
    if (!line.starts_with(kModule)) continue;
    line.remove_prefix(kModule.size());
    std::from_chars(line.data(), line.data() + line.size(), number);
    modules.push_back(number);
  }
  return modules;
}

}  // namespace kiln::runtime
