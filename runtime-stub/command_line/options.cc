// The table of options and their values. The value of an option that was not set is created from
// the table.
#include "runtime-stub/command_line/options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "runtime-stub/env/error.h"
#include "support/fnv.h"

namespace kiln::runtime {

#define KILN_TLS_CIPHERS                                                                     \
  "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"              \
  "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"   \
  "ECDHE-ECDSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:"         \
  "DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:DHE-RSA-AES256-SHA384:"                     \
  "ECDHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA256:HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:" \
  "!PSK:!SRP:!CAMELLIA"

namespace {

using enum OptionType;
// The names that options_table.inc uses.
constexpr bool kEnv = true, kNoEnv = false;
constexpr bool kOn = true, kOff = false;
constexpr bool kAlways = false, kInspector = true;

}  // namespace

const OptionInfo kOptions[] = {
#define OPTION(name, type, env, on, value, group, needs, help) \
  {name, type, env, on, value, group, needs, help},
#include "runtime-stub/command_line/options_table.inc"
#undef OPTION
};
const int kOptionCount = int(std::size(kOptions));

// A name that ends in `=` is an alias only if a value follows in the same argument; "<arg>" matches
// only if another argument follows.
const OptionAlias kOptionAliases[] = {
    {"--debug-brk=", {"--debug-brk"}},
    {"--debug-port", {"--inspect-port"}},
    {"--debug=", {"--debug"}},
    {"--enable-network-family-autoselection", {"--network-family-autoselection"}},
    {"--es-module-specifier-resolution", {"--experimental-specifier-resolution"}},
    {"--experimental-default-config-file", {"--experimental-config-file"}},
    {"--experimental-strip-types", {"--strip-types"}},
    {"--experimental-test-isolation", {"--test-isolation"}},
    {"--inspect-brk-node=", {"--inspect-port", "--inspect-brk-node"}},
    {"--inspect-brk=", {"--inspect-port", "--inspect-brk"}},
    {"--inspect-wait=", {"--inspect-port", "--inspect-wait"}},
    {"--inspect=", {"--inspect-port", "--inspect"}},
    {"--loader", {"--experimental-loader"}},
    {"--print <arg>", {"-pe"}},
    {"--prof-process", {"--prof-process", "--"}},
    {"--report-directory", {"--report-dir"}},
    {"--security-reverts", {"--security-revert"}},
    {"--trace-events-enabled", {"--trace-event-categories", "v8,node,node.async_hooks"}},
    {"-C", {"--conditions"}},
    {"-c", {"--check"}},
    {"-e", {"--eval"}},
    {"-h", {"--help"}},
    {"-i", {"--interactive"}},
    {"-p", {"--print"}},
    {"-pe", {"--print", "--eval"}},
    {"-r", {"--require"}},
    {"-v", {"--version"}},
};
const int kOptionAliasCount = int(std::size(kOptionAliases));

namespace {

// Each start asks for ten options. Their names are all over the program's constants; the hashes are in a
// kilobyte.
struct HashedName {
  uint32_t hash;
  uint16_t index;  // in kOptions
};

constexpr uint32_t HashOf(std::string_view name) { return uint32_t(Fnv1a64(name)); }

constexpr auto kByHash = [] {
  constexpr std::string_view kNames[] = {
#define OPTION(name, type, env, on, value, group, needs, help) name,
#include "runtime-stub/command_line/options_table.inc"
#undef OPTION
  };
  std::array<HashedName, std::size(kNames)> all{};
  for (size_t i = 0; i < all.size(); i++) all[i] = {HashOf(kNames[i]), uint16_t(i)};
  std::sort(all.begin(), all.end(),
            [](const HashedName& a, const HashedName& b) { return a.hash < b.hash; });
  for (size_t i = 1; i < all.size(); i++)
    if (all[i - 1].hash == all[i].hash) std::abort();  // not a constant then
  return all;
}();

}  // namespace

int FindOption(std::string_view name) {
  const uint32_t hash = HashOf(name);
  auto found =
      std::lower_bound(kByHash.begin(), kByHash.end(), hash,
                       [](const HashedName& one, uint32_t wanted) { return one.hash < wanted; });
  if (found == kByHash.end() || found->hash != hash) return -1;
  return name == kOptions[found->index].name ? int(found->index) : -1;
}

namespace {
InspectorOptions g_inspector_options = InspectorOptions::kNone;
}

void SetInspectorOptions(InspectorOptions from) { g_inspector_options = from; }
bool HasInspectorOptions() { return g_inspector_options != InspectorOptions::kNone; }
bool HasInspectorNodeOptions() { return g_inspector_options == InspectorOptions::kAnywhere; }

HostPort SplitHostPort(const std::string& text, std::vector<std::string>* errors) {
  auto unbracket = [](std::string host) {
    if (host.size() > 1 && host.front() == '[' && host.back() == ']')
      host = host.substr(1, host.size() - 2);
    return host;
  };
  auto port = [&](const std::string& digits) {
    char* end;
    unsigned long number = std::strtoul(digits.c_str(), &end, 10);
    if (number > 65535 || (number != 0 && number < 1024)) {
      errors->push_back("must be 0 or in range 1024 to 65535.");
      return 0;
    }
    return int(number);
  };
  std::string host = unbracket(text);
  if (host.size() < text.size()) return {host, -1};
  size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? HostPort{"", port(text)} : HostPort{text, -1};
  }
  return {unbracket(text.substr(0, colon)), port(text.substr(colon + 1))};
}

namespace {

OptionValue DefaultValue(const OptionInfo& info) {
  OptionValue value;
  switch (info.type) {
    case kBoolean:
      value.boolean = *info.default_value != 0;
      break;
    case kInteger:
    case kUInteger:
      value.number = std::atoll(info.default_value);
      break;
    case kString:
      value.text = info.default_value;
      break;
    case kHostPort: {
      std::vector<std::string> errors;
      value.host_port = SplitHostPort(info.default_value, &errors);
      break;
    }
    case kNoOp:
    case kV8Option:
    case kStringList:
      break;
  }
  return value;
}

}  // namespace

const OptionValue* RunOptions::SetAt(int index) const {
  auto it = set.find(index);
  return it == set.end() ? nullptr : &it->second;
}

const OptionValue& RunOptions::ValueAt(int index) const {
  if (const OptionValue* value = SetAt(index)) return *value;
  auto it = defaults.find(index);
  if (it == defaults.end()) it = defaults.emplace(index, DefaultValue(kOptions[index])).first;
  return it->second;
}

OptionValue* RunOptions::Mutable(int index) {
  auto [it, fresh] = set.try_emplace(index);
  if (fresh) it->second = DefaultValue(kOptions[index]);
  return &it->second;
}

const OptionValue& RunOptions::Value(std::string_view name, OptionType type) const {
  int index = FindOption(name);
  CHECK(index >= 0 && kOptions[index].type == type);
  return ValueAt(index);
}

bool RunOptions::GetBool(std::string_view name) const {
  int index = FindOption(name);
  CHECK(index >= 0 && kOptions[index].type == kBoolean);
  const OptionValue* value = SetAt(index);
  return value ? value->boolean : *kOptions[index].default_value != 0;
}

int64_t RunOptions::GetNumber(std::string_view name) const {
  int index = FindOption(name);
  CHECK(index >= 0 && (kOptions[index].type == kInteger || kOptions[index].type == kUInteger));
  return ValueAt(index).number;
}

std::string RunOptions::argv0_base() const {
  if (argv.empty() || argv[0].empty()) return "node";
  return argv[0].substr(argv[0].rfind('/') + 1);
}

bool RunOptions::IsPlain() const {
  if (!set.empty()) return false;
  // These are read where they are used, or do not concern the runtime.
  constexpr std::string_view kIgnored[] = {"NODE_ENV", "NODE_PATH", "NODE_EXTRA_CA_CERTS",
                                           "NODE_TLS_REJECT_UNAUTHORIZED"};
  for (char** entry = environ; *entry; entry++) {
    std::string_view text = *entry;
    if (!text.starts_with("NODE_")) continue;
    std::string_view name = text.substr(0, text.find('='));
    if (std::find(std::begin(kIgnored), std::end(kIgnored), name) == std::end(kIgnored))
      return false;
  }
  return true;
}

}  // namespace kiln::runtime
