// Parsing of the command line. One loop walks the arguments: a name is normalised (`_` is
// `-`, `--no-` negates), expanded through the aliases, looked up in the table, and its
// value stored. What the table does not know may be a V8 flag; V8 says later if it is not.
#include "runtime-stub/options.h"

#include <uv.h>
#include <v8.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "runtime-stub/binding/error.h"
#include "runtime-stub/config_file.h"
#include "runtime-stub/dotenv.h"
#include "runtime-stub/task_runner.h"
#include "runtime-stub/versions.h"

namespace kiln {

// ------------------------------------------------------------------------------- table

#define KILN_TLS_CIPHERS                                                                      \
  "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"               \
  "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"    \
  "ECDHE-ECDSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:"          \
  "DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:DHE-RSA-AES256-SHA384:"                      \
  "ECDHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA256:HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:"  \
  "!PSK:!SRP:!CAMELLIA"

namespace {

using enum OptionType;
constexpr bool kEnv = true, kNoEnv = false;
constexpr bool kOn = true, kOff = false;
constexpr bool kAlways = false, kInspector = true;

// Giving `from` sets `to` as well. "--no-x" stands for the negated form; a V8 flag is
// passed on.
struct Implication {
  const char* from;
  const char* to;
  bool value;
};
constexpr Implication kImplications[] = {
    {"--build-snapshot-config", "--build-snapshot", true},
    {"--env-file", "[has_env_file_string]", true},
    {"--env-file-if-exists", "[has_env_file_string]", true},
    {"--eval", "[has_eval_string]", true},
    {"--experimental-require-module", "--require-module", true},
    {"--experimental-shadow-realm", "--harmony-shadow-realm", true},
    {"--experimental-transform-types", "--enable-source-maps", true},
    {"--experimental-transform-types", "--strip-types", true},
    {"--harmony-shadow-realm", "--experimental-shadow-realm", true},
    {"--inspect-brk", "--inspect", true},
    {"--inspect-brk-node", "--inspect", true},
    {"--inspect-wait", "--inspect", true},
    {"--no-experimental-require-module", "--require-module", false},
    {"--no-harmony-shadow-realm", "--experimental-shadow-realm", false},
    {"--no-require-module", "--experimental-require-module", false},
    {"--node-memory-debug", "--debug-arraybuffer-allocations", true},
    {"--node-memory-debug", "--verify-base-objects", true},
    {"--report-signal", "--report-on-signal", true},
    {"--require-module", "--experimental-require-module", true},
    {"--test-random-seed", "[has_test_random_seed]", true},
    {"--trace-env-js-stack", "--trace-env", true},
    {"--trace-env-native-stack", "--trace-env", true},
    {"--use-bundled-ca", "[ssl_openssl_cert_store]", false},
    {"--use-openssl-ca", "[ssl_openssl_cert_store]", true},
    {"--watch-path", "--watch", true},
};

// Options that would be ignored silently if they were accepted.
struct Refusal {
  const char* name;
  const char* why;
};
constexpr Refusal kRefusals[] = {
    {"--enable-fips", "there is no FIPS provider in this runtime"},
    {"--experimental-sea-config", "use `kiln build` to make an executable"},
    {"--force-fips", "there is no FIPS provider in this runtime"},
    {"--heapsnapshot-near-heap-limit", "this runtime writes no snapshots by itself"},
    {"--permission", "this runtime has no permission model"},
    {"--permission-audit", "this runtime has no permission model"},
};

}  // namespace

const OptionInfo kOptions[] = {
#define OPTION(name, type, env, on, value, group, needs, help) \
  {name, type, env, on, value, group, needs, help},
#include "runtime-stub/options_table.inc"
#undef OPTION
};
const int kOptionCount = int(std::size(kOptions));

// A name that ends in `=` is an alias only when a value follows in the same argument, and
// "<arg>" means that another argument follows.
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

int FindOption(std::string_view name) {
  const OptionInfo* end = kOptions + kOptionCount;
  const OptionInfo* found =
      std::lower_bound(kOptions, end, name, [](const OptionInfo& o, std::string_view wanted) {
        return std::string_view(o.name) < wanted;
      });
  return found != end && found->name == name ? int(found - kOptions) : -1;
}

// ------------------------------------------------------------------------------ values

namespace {

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

OptionValue DefaultValue(const OptionInfo& info) {
  OptionValue value;
  switch (info.type) {
    case kBoolean: value.boolean = *info.default_value != 0; break;
    case kInteger:
    case kUInteger: value.number = std::atoll(info.default_value); break;
    case kString: value.text = info.default_value; break;
    case kHostPort: {
      std::vector<std::string> errors;
      value.host_port = SplitHostPort(info.default_value, &errors);
      break;
    }
    case kNoOp: case kV8Option: case kStringList: break;
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

// ----------------------------------------------------------------------------- parsing

namespace {

void SetBoolean(RunOptions* options, std::string_view name, bool value) {
  int index = FindOption(name);
  CHECK(index >= 0 && kOptions[index].type == kBoolean);
  options->Mutable(index)->boolean = value;
}

// What contradicts each other, or is not available here. Runs after each source.
void CheckOptions(const RunOptions& o, const std::vector<std::string>& args,
                  OptionSource source, std::vector<std::string>* errors) {
  auto fail = [&](std::string text) { errors->push_back(std::move(text)); };
  auto exclusive = [&](const char* a, const char* b, const char* end) {
    fail(std::string("either ") + a + " or " + b + " can be " + end);
  };
  auto one_of = [](const std::string& value, std::initializer_list<const char*> allowed) {
    return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  };
  if (o.GetBool("--use-openssl-ca") && o.GetBool("--use-bundled-ca"))
    exclusive("--use-openssl-ca", "--use-bundled-ca", "used, not both");
  if (o.GetBool("--use-openssl-ca") && o.GetBool("--use-system-ca"))
    exclusive("--use-openssl-ca", "--use-system-ca", "used, not both");
  int64_t heap = o.GetNumber("--secure-heap");
  if (heap >= 2) {
    int64_t least = std::max<int64_t>(
        2, std::min({heap, o.GetNumber("--secure-heap-min"), int64_t(INT32_MAX)}));
    if (heap & (heap - 1)) fail("--secure-heap must be a power of 2");
    if (least & (least - 1)) fail("--secure-heap-min must be a power of 2");
  }
  if (!one_of(o.GetString("--use-largepages"), {"off", "on", "silent"}))
    fail("invalid value for --use-largepages");
  if (const std::string& percent = o.GetString("--max-old-space-size-percentage");
      !percent.empty()) {
    char* end;
    double value = std::strtod(percent.c_str(), &end);
    if (*end || !(value > 0 && value <= 100))
      fail("--max-old-space-size-percentage must be greater than 0 and up to 100. Got: " +
           percent);
  }
  if (!one_of(o.GetString("--input-type"),
              {"", "commonjs", "module", "commonjs-typescript", "module-typescript"}))
    fail("--input-type must be \"module\",\"commonjs\", \"module-typescript\" or "
         "\"commonjs-typescript\"");
  const bool check = o.GetBool("--check"), eval = o.GetBool("[has_eval_string]");
  const bool interactive = o.GetBool("--interactive"), test = o.GetBool("--test");
  if (check && eval) exclusive("--check", "--eval", "used, not both");
  if (!one_of(o.GetString("--unhandled-rejections"),
              {"", "warn-with-error-code", "throw", "strict", "warn", "none"}))
    fail("invalid value for --unhandled-rejections");
  if (o.GetBool("--tls-min-v1.3") && o.GetBool("--tls-max-v1.2"))
    exclusive("--tls-min-v1.3", "--tls-max-v1.2", "used, not both");
  if (!one_of(o.GetString("--trace-require-module"), {"", "all", "no-node-modules"}))
    fail("invalid value for --trace-require-module");
  if (test) {
    if (!one_of(o.GetString("--test-isolation"), {"process", "none"}))
      fail("invalid value for --test-isolation");
    if (check) exclusive("--test", "--check", "used, not both");
    if (eval) exclusive("--test", "--eval", "used, not both");
    if (interactive) exclusive("--test", "--interactive", "used, not both");
    if (!o.GetList("--watch-path").empty())
      fail("--watch-path cannot be used in combination with --test");
  }
  if (o.GetBool("--watch")) {
    if (check)
      exclusive("--watch", "--check", "used, not both");
    else if (eval)
      exclusive("--watch", "--eval", "used, not both");
    else if (interactive)
      exclusive("--watch", "--interactive", "used, not both");
    else if (o.GetBool("--test-force-exit"))
      exclusive("--watch", "--test-force-exit", "used, not both");
    else if (source == OptionSource::kCommandLine && !test &&
             (args.size() < 2 || args[1].empty()))
      fail("--watch requires specifying a file");
  }
  if (o.GetBool("--debug") || o.GetBool("--debug-brk"))
    fail("[DEP0062]: `node --debug` and `node --debug-brk` are invalid. Please use `node "
         "--inspect` and `node --inspect-brk` instead.");
  for (const Refusal& refusal : kRefusals) {
    int index = FindOption(refusal.name);
    const OptionValue& value = o.ValueAt(index);
    if (value.boolean || value.number != 0 || !value.text.empty())
      fail(std::string(refusal.name) + " is not available: " + refusal.why);
  }
  for (const char* name : {"--inspect", "--cpu-prof", "--heap-prof"})
    if (o.GetBool(name))
      fail(std::string(name) + " is not available: this runtime has no inspector");
}

// The arguments still to read: those an alias stood for come first.
class Arguments {
 public:
  Arguments(std::vector<std::string>* given, std::vector<std::string>* taken)
      : given_(given), taken_(taken) {}
  bool empty() const { return synthetic_.empty() && next_ >= given_->size(); }
  const std::string& front() const {
    return synthetic_.empty() ? (*given_)[next_] : synthetic_.front();
  }
  std::string Take() {
    if (synthetic_.empty()) {
      std::string arg = (*given_)[next_++];
      if (taken_ && arg != "--") taken_->push_back(arg);
      return arg;
    }
    std::string arg = std::move(synthetic_.front());
    synthetic_.pop_front();
    return arg;
  }
  void Prepend(const char* const* expansion) {
    size_t at = 0;
    for (; *expansion; expansion++) synthetic_.insert(synthetic_.begin() + at++, *expansion);
  }
  // Leaves the program's name and what was not read.
  void Finish() { given_->erase(given_->begin() + 1, given_->begin() + next_); }

 private:
  std::vector<std::string>* given_;
  std::vector<std::string>* taken_;
  std::deque<std::string> synthetic_;
  size_t next_ = 1;
};

const OptionAlias* FindAlias(std::string_view name) {
  for (const OptionAlias& alias : kOptionAliases)
    if (name == alias.name) return &alias;
  return nullptr;
}

// Follows aliases from `name` to the name of an option.
std::string ExpandAliases(std::string name, bool has_value, Arguments* args) {
  for (;;) {
    const OptionAlias* alias = FindAlias(name);
    if (!alias && has_value) alias = FindAlias(name + "=");
    if (!alias && !args->empty() && !args->front().empty() && args->front()[0] != '-')
      alias = FindAlias(name + " <arg>");
    if (!alias) return name;
    args->Prepend(alias->expansion + 1);
    bool same = name == alias->expansion[0];
    name = alias->expansion[0];
    if (same) return name;
  }
}

void StoreValue(const OptionInfo& info, std::string text, RunOptions* options,
                std::vector<std::string>* errors) {
  OptionValue* value = options->Mutable(int(&info - kOptions));
  switch (info.type) {
    case kInteger: value->number = std::atoll(text.c_str()); break;
    case kUInteger: value->number = int64_t(std::strtoull(text.c_str(), nullptr, 10)); break;
    case kString: value->text = std::move(text); break;
    case kStringList: value->list.push_back(std::move(text)); break;
    case kHostPort: {
      HostPort parsed = SplitHostPort(text, errors);
      if (!parsed.host.empty()) value->host_port.host = parsed.host;
      if (parsed.port >= 0) value->host_port.port = parsed.port;
      break;
    }
    case kNoOp: case kV8Option: case kBoolean: break;
  }
}

bool IsAbortFlag(std::string_view arg) {
  return arg == "--abort-on-uncaught-exception" || arg == "--abort_on_uncaught_exception";
}

}  // namespace

void ParseOptions(std::vector<std::string>* given, std::vector<std::string>* exec_args,
                  OptionSource source, RunOptions* options, std::vector<std::string>* errors) {
  const bool from_env = source == OptionSource::kNodeOptions;
  Arguments args(given, exec_args);
  while (!args.empty() && errors->empty()) {
    if (args.front().size() <= 1 || args.front()[0] != '-') break;
    const std::string arg = args.Take();
    if (arg == "--") {
      if (from_env) errors->push_back("-- is not allowed in NODE_OPTIONS");
      break;
    }
    // `-e=x` is not `--eval=x`: only double dashes take `=`.
    size_t equals = arg[1] == '-' ? arg.find('=') : std::string::npos;
    const bool has_value = equals != std::string::npos;
    std::string name = arg.substr(0, equals);
    const std::string original = has_value ? name + "=" : name;
    if (name.size() > 2) std::replace(name.begin() + 2, name.end(), '_', '-');
    bool negated = name.starts_with("--no-");
    if (negated) name.erase(2, 3);
    name = ExpandAliases(std::move(name), has_value, &args);

    if (original == "--experimental-default-config-file=") {
      errors->push_back("--experimental-default-config-file does not take an argument");
      break;
    }
    int index = FindOption(name);
    if (from_env && (index < 0 || !kOptions[index].allowed_in_env)) {
      errors->push_back(original + " is not allowed in NODE_OPTIONS");
      break;
    }
    const std::string implied = negated ? "--no-" + name.substr(2) : name;
    for (const Implication& i : kImplications) {
      if (implied != i.from) continue;
      if (kOptions[FindOption(i.to)].type == kV8Option)
        options->v8_flags.push_back(i.to);
      else
        SetBoolean(options, i.to, i.value);
    }
    if (index < 0) {
      options->v8_flags.push_back(arg);
      continue;
    }
    const OptionInfo& info = kOptions[index];
    if (info.type == kV8Option) {
      options->v8_flags.push_back(arg);
      if (IsAbortFlag(arg)) options->abort_on_uncaught = true;
      continue;
    }
    if (info.type == kBoolean) {
      options->Mutable(index)->boolean = !negated;
      continue;
    }
    if (negated) {
      errors->push_back(arg + " is an invalid negation because it is not a boolean option");
      break;
    }
    if (info.type == kNoOp) continue;

    std::string value;
    bool missing = has_value ? equals + 1 == arg.size() : args.empty();
    if (name == "--experimental-config-file" && !has_value) {
      value = "node.config.json";  // never the next argument
      missing = false;
    } else if (has_value) {
      value = arg.substr(equals + 1);
    } else if (!missing) {
      value = args.Take();
      missing = value.starts_with("-");
      if (value.starts_with("\\-")) value.erase(0, 1);  // an escaped dash
    }
    if (missing) {
      errors->push_back(original + " requires an argument");
      break;
    }
    if (name == "--stack-trace-limit") options->v8_flags.push_back(name + "=" + value);
    if (name == "--env-file" || name == "--env-file-if-exists")
      options->env_files.push_back({value, name == "--env-file-if-exists"});
    StoreValue(info, std::move(value), options, errors);
  }
  args.Finish();
  CheckOptions(*options, *given, source, errors);
}

std::vector<std::string> SplitNodeOptions(std::string_view text,
                                          std::vector<std::string>* errors) {
  std::vector<std::string> words;
  bool quoted = false, fresh = true;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (c == '\\' && quoted) {
      if (i + 1 == text.size()) {
        errors->push_back("invalid value for NODE_OPTIONS (invalid escape)\n");
        return words;
      }
      c = text[++i];
    } else if (c == ' ' && !quoted) {
      fresh = true;
      continue;
    } else if (c == '"') {
      quoted = !quoted;
      continue;
    }
    if (fresh) words.emplace_back();
    fresh = false;
    words.back() += c;
  }
  if (quoted) errors->push_back("invalid value for NODE_OPTIONS (unterminated string)\n");
  return words;
}

// ------------------------------------------------------------------ the whole beginning

namespace {

constexpr int kInvalidArgument = 9;
constexpr int kInvalidArgument2 = 12;

int Report(const std::string& program, const std::vector<std::string>& errors, int code) {
  for (const std::string& error : errors)
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.c_str());
  return code;
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Variables that stand for an option.
void ReadVariables(RunOptions* options) {
  constexpr const char* kSwitches[][2] = {
      {"NODE_PENDING_DEPRECATION", "--pending-deprecation"},
      {"NODE_PRESERVE_SYMLINKS", "--preserve-symlinks"},
      {"NODE_PRESERVE_SYMLINKS_MAIN", "--preserve-symlinks-main"},
      {"NODE_USE_ENV_PROXY", "--use-env-proxy"},
      {"NODE_USE_SYSTEM_CA", "--use-system-ca"},
  };
  for (auto [variable, option] : kSwitches)
    if (Variable(variable) == "1") SetBoolean(options, option, true);
  if (std::string file = Variable("NODE_REDIRECT_WARNINGS"); !file.empty())
    options->Mutable(FindOption("--redirect-warnings"))->text = file;
}

// Reads the files that are named on the command line and hold further options.
bool ReadFiles(const std::vector<std::string>& args, ConfigFile* config, std::string* error) {
  auto names_one = [](const std::string& arg) {
    return arg.starts_with("--env") || arg.starts_with("--experimental");
  };
  if (std::none_of(args.begin(), args.end(), names_one)) return true;
  RunOptions probe;
  std::vector<std::string> copy = args, ignored;
  ParseOptions(&copy, nullptr, OptionSource::kCommandLine, &probe, &ignored);
  DotenvValues values;
  for (const RunOptions::EnvFile& file : probe.env_files) {
    int rc = ReadDotenv(file.path, &values);
    if (rc == 0) continue;
    bool missing = rc == UV_ENOENT || rc == UV_EACCES || rc == UV_ENOTDIR;
    if (file.optional && missing) {
      std::fprintf(stderr, "%s not found. Continuing without it.\n", file.path.c_str());
      continue;
    }
    *error = file.path + (missing ? ": not found" : ": invalid format");
    return false;
  }
  ApplyDotenv(values);
  const std::string& path = probe.GetString("--experimental-config-file");
  return path.empty() || ReadConfigFile(path, config, error);
}

void AddHeapPercentage(RunOptions* options) {
  const std::string& percent = options->GetString("--max-old-space-size-percentage");
  if (percent.empty()) return;
  uint64_t total = uv_get_total_memory(), limit = uv_get_constrained_memory();
  if (limit > 0 && limit < total) total = limit;
  double megabytes = double(total) / (1024 * 1024) * std::strtod(percent.c_str(), nullptr) / 100;
  options->v8_flags.push_back("--max-old-space-size=" + std::to_string(uint64_t(megabytes)));
}

}  // namespace

int ParseCommandLine(int argc, char** argv, RunOptions* options) {
  std::vector<std::string> args(argv, argv + argc);
  if (args.empty()) args.push_back("node");
  const std::string program = args[0];
  std::vector<std::string> errors;
  options->exec_path = ExecutablePath();
  ReadVariables(options);
  ConfigFile config;
  if (std::string error; !ReadFiles(args, &config, &error))
    return Report(program, {error}, kInvalidArgument);

  // From the weakest source to the strongest.
  auto parse = [&](std::vector<std::string> words, OptionSource source) {
    words.insert(words.begin(), program);
    if (errors.empty()) ParseOptions(&words, nullptr, source, options, &errors);
    return errors.empty();
  };
  if (!config.node_options.empty() && !parse(config.node_options, OptionSource::kNodeOptions))
    return Report(program, errors, kInvalidArgument);
  if (std::string text = Variable("NODE_OPTIONS");
      !text.empty() && !parse(SplitNodeOptions(text, &errors), OptionSource::kNodeOptions))
    return Report(program, errors, kInvalidArgument);
  if (!config.group_options.empty() &&
      !parse(config.group_options, OptionSource::kConfigGroup))
    return Report(program, errors, kInvalidArgument);
  ParseOptions(&args, &options->exec_argv, OptionSource::kCommandLine, options, &errors);
  options->argv = std::move(args);
  if (!errors.empty()) return Report(program, errors, kInvalidArgument);

  for (const std::string& cve : options->GetList("--security-revert"))
    return Report(program, {"Error: Attempt to revert an unknown CVE [" + cve + "]"},
                  kInvalidArgument2);
  const std::string& proto = options->GetString("--disable-proto");
  if (proto != "" && proto != "delete" && proto != "throw")
    return Report(program, {"invalid mode passed to --disable-proto"}, kInvalidArgument2);
  AddHeapPercentage(options);
  if (const std::string& title = options->GetString("--title"); !title.empty())
    uv_set_process_title(title.c_str());
  return 0;
}

void TakeArguments(int argc, char** argv, RunOptions* options) {
  options->argv.assign(argv, argv + argc);
  options->exec_path = ExecutablePath();
}

int ApplyV8Flags(RunOptions* options) {
  if (options->v8_flags.empty()) return 0;
  std::string program = options->argv.empty() ? "node" : options->argv[0];
  std::vector<std::string> copy = options->v8_flags;
  std::vector<char*> flags = {program.data()};
  for (std::string& flag : copy) flags.push_back(flag.data());
  int count = int(flags.size());
  // V8 takes out what it knows, and complains about bad values on its own.
  v8::V8::SetFlagsFromCommandLine(&count, flags.data(), true);
  std::vector<std::string> errors;
  for (int i = 1; i < count; i++) errors.push_back(std::string("bad option: ") + flags[i]);
  return errors.empty() ? 0 : Report(program, errors, kInvalidArgument);
}

std::optional<int> RunEarlyExits(const RunOptions& options) {
  if (options.GetBool("--version")) {
    std::printf("v%s\n", KILN_NODE_VERSION);
    return 0;
  }
  if (const std::string& script = options.GetString("--run"); !script.empty()) {
    std::vector<std::string> rest;
    if (!options.argv.empty()) rest.assign(options.argv.begin() + 1, options.argv.end());
    return RunPackageScript(script, rest);
  }
  if (options.GetBool("--completion-bash")) {
    std::printf("_node_complete() {\n"
                "  local cur_word options\n"
                "  cur_word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                "  if [[ \"${cur_word}\" == -* ]] ; then\n"
                "    COMPREPLY=( $(compgen -W '");
    const char* space = "";
    auto word = [&](const char* name) {
      std::printf("%s%s", space, name);
      space = " ";
    };
    for (const OptionInfo& option : kOptions)
      if (option.name[0] != '[' && !option.needs_inspector) word(option.name);
    for (const OptionAlias& alias : kOptionAliases) {
      int target = FindOption(alias.expansion[0]);
      bool hidden = target >= 0 && kOptions[target].needs_inspector;
      if (!hidden && !std::strchr(alias.name, ' ')) word(alias.name);
    }
    std::printf("' -- \"${cur_word}\") )\n"
                "    return 0\n"
                "  else\n"
                "    COMPREPLY=( $(compgen -f \"${cur_word}\") )\n"
                "    return 0\n"
                "  fi\n"
                "}\n"
                "complete -o filenames -o nospace -o bashdefault -F _node_complete node node_g\n");
    return 0;
  }
  if (options.GetBool("--v8-options")) {
    v8::V8::SetFlagsFromString("--help", 6);  // V8 prints its flags, and ends the process
    return 0;
  }
  return {};
}

const char* MainScriptId(const RunOptions& options) {
  const std::string first = options.argv.size() > 1 ? options.argv[1] : "";
  if (first == "inspect" || first == "debug") return "internal/main/inspect";
  if (options.GetBool("--help")) return "internal/main/print_help";
  if (options.GetBool("--prof-process")) return "internal/main/prof_process";
  if (options.GetBool("--build-snapshot")) return "internal/main/mksnapshot";
  // -i runs the code of -e first, from inside the REPL.
  if (options.GetBool("[has_eval_string]") && !options.GetBool("--interactive"))
    return "internal/main/eval_string";
  if (options.GetBool("--check")) return "internal/main/check_syntax";
  if (options.GetBool("--test")) return "internal/main/test_runner";
  if (options.GetBool("--watch")) return "internal/main/watch_mode";
  if (!first.empty() && first != "-") return "internal/main/run_main_module";
  if (options.GetBool("--interactive") || uv_guess_handle(0) == UV_TTY)
    return "internal/main/repl";
  return "internal/main/eval_stdin";
}

std::string ExecutablePath() {
  std::string path(4096, '\0');
  size_t size = path.size();
  if (uv_exepath(path.data(), &size) != 0) return "";
  path.resize(size);
  return path;
}

}  // namespace kiln
