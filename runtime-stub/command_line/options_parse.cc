// Parses arguments into options, in one loop: a name is normalized (`_` is `-`, `--no-` negates),
// expanded through the aliases, looked up in the table, and its value stored. A name that is not in
// the table is passed to V8, which later reports the flags that it does not know.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <span>

#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/error.h"

namespace kiln::runtime {

namespace {

using enum OptionType;

// Setting `from` also sets `to`. "--no-x" is the negated form; if `to` is a V8 flag, it is passed
// to V8.
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

// Options that are rejected, because they would have no effect.
struct Refusal {
  const char* name;
  const char* why;
};
constexpr Refusal kRefusals[] = {
    {"--experimental-sea-config", "use `kiln build` to make an executable"},
};

void SetBoolean(RunOptions* options, std::string_view name, bool value) {
  int index = FindOption(name);
  CHECK(index >= 0 && kOptions[index].type == kBoolean);
  options->Mutable(index)->boolean = value;
}

// Reports contradicting options and options that Kiln does not have. Runs after each source.
void CheckOptions(const RunOptions& o, const std::vector<std::string>& args, OptionSource source,
                  std::vector<std::string>* errors) {
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
      fail("--max-old-space-size-percentage must be greater than 0 and up to 100. Got: " + percent);
  }
  if (!one_of(o.GetString("--input-type"),
              {"", "commonjs", "module", "commonjs-typescript", "module-typescript"}))
    fail(
        "--input-type must be \"module\",\"commonjs\", \"module-typescript\" or "
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
    else if (source == OptionSource::kCommandLine && !test && (args.size() < 2 || args[1].empty()))
      fail("--watch requires specifying a file");
  }
  if (o.GetBool("--debug") || o.GetBool("--debug-brk"))
    fail(
        "[DEP0062]: `node --debug` and `node --debug-brk` are invalid. Please use `node "
        "--inspect` and `node --inspect-brk` instead.");
  if (o.GetNumber("--heapsnapshot-near-heap-limit") < 0)
    fail("--heapsnapshot-near-heap-limit must not be negative");
  for (const Refusal& refusal : kRefusals) {
    int index = FindOption(refusal.name);
    const OptionValue& value = o.ValueAt(index);
    if (value.boolean || value.number != 0 || !value.text.empty())
      fail(std::string(refusal.name) + " is not available: " + refusal.why);
  }
  for (const char* name : {"--inspect", "--cpu-prof", "--heap-prof"})
    if (o.GetBool(name) && !HasInspectorOptions())
      fail(std::string(name) + " is not available: this runtime has no inspector");
  for (const char* kind : {"cpu", "heap"}) {
    const std::string name = std::string("--") + kind + "-prof";
    if (o.GetBool(name) || !HasInspectorOptions()) continue;
    for (const char* part : {"-name", "-dir"})
      if (!o.GetString(name + part).empty()) fail(name + part + " must be used with " + name);
    if (const OptionInfo& info = kOptions[FindOption(name + "-interval")];
        std::to_string(o.GetNumber(info.name)) != info.default_value)
      fail(std::string(info.name) + " must be used with " + name);
  }
  if (HasInspectorOptions()) {
    // A list of destinations.
    std::string where = o.GetString("--inspect-publish-uid");
    for (size_t at = 0; at <= where.size();) {
      size_t comma = std::min(where.find(',', at), where.size());
      if (!one_of(where.substr(at, comma - at), {"stderr", "http"}))
        fail("--inspect-publish-uid destination can be stderr or http");
      at = comma + 1;
    }
  }
}

// The arguments still to read; the expansion of an alias comes first.
class Arguments {
 public:
  // Both are borrowed. `consumed`, if not null, receives the arguments that are read.
  Arguments(std::vector<std::string>* args, std::vector<std::string>* consumed)
      : args_(args), consumed_(consumed) {}
  bool empty() const { return synthetic_.empty() && next_ >= args_->size(); }
  const std::string& front() const {
    return synthetic_.empty() ? (*args_)[next_] : synthetic_.front();
  }
  std::string Take() {
    if (synthetic_.empty()) {
      std::string arg = (*args_)[next_++];
      if (consumed_ && arg != "--") consumed_->push_back(arg);
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
  // Keeps the program's name and the arguments that were not read.
  void Finish() { args_->erase(args_->begin() + 1, args_->begin() + next_); }

 private:
  std::vector<std::string>* args_;
  std::vector<std::string>* consumed_;
  std::deque<std::string> synthetic_;
  size_t next_ = 1;
};

const OptionAlias* FindAlias(std::string_view name) {
  for (const OptionAlias& alias : std::span(kOptionAliases, size_t(kOptionAliasCount)))
    if (name == alias.name) return &alias;
  return nullptr;
}

// Expands aliases until `name` is the name of an option.
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
    case kInteger:
      value->number = std::atoll(text.c_str());
      break;
    case kUInteger:
      value->number = int64_t(std::strtoull(text.c_str(), nullptr, 10));
      break;
    case kString:
      value->text = std::move(text);
      break;
    case kStringList:
      value->list.push_back(std::move(text));
      break;
    case kHostPort: {
      HostPort parsed = SplitHostPort(text, errors);
      if (!parsed.host.empty()) value->host_port.host = parsed.host;
      if (parsed.port >= 0) value->host_port.port = parsed.port;
      break;
    }
    case kNoOp:
    case kV8Option:
    case kBoolean:
      break;
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
    // `-e=x` is not `--eval=x`: only names with two dashes accept `=`.
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
    if (from_env && (index < 0 || !kOptions[index].allowed_in_env ||
                     (kOptions[index].needs_inspector && HasInspectorOptions() &&
                      !HasInspectorNodeOptions()))) {
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

std::vector<std::string> SplitNodeOptions(std::string_view text, std::vector<std::string>* errors) {
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

}  // namespace kiln::runtime
