#include "runtime-stub/bindings/worker/options.h"

#include <algorithm>
#include <string_view>

#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {

namespace {

// Options of the whole process: workers cannot have their own (PerProcessOptionsParser in Node).
constexpr std::string_view kOfProcess[] = {
    "--build-snapshot",
    "--build-snapshot-config",
    "--completion-bash",
    "--debug-arraybuffer-allocations",
    "--disable-proto",
    "--disable-wasm-trap-handler",
    "--enable-fips",
    "--env-file",
    "--env-file-if-exists",
    "--experimental-config-file",
    "--experimental-sea-config",
    "--force-fips",
    "--help",
    "--icu-data-dir",
    "--node-memory-debug",
    "--node-snapshot",
    "--openssl-config",
    "--openssl-legacy-provider",
    "--openssl-shared-config",
    "--prof-process",
    "--run",
    "--secure-heap",
    "--secure-heap-min",
    "--security-revert",
    "--snapshot-blob",
    "--title",
    "--tls-cipher-list",
    "--trace-event-categories",
    "--trace-event-file-pattern",
    "--use-bundled-ca",
    "--use-largepages",
    "--use-openssl-ca",
    "--use-system-ca",
    "--v8-options",
    "--v8-pool-size",
    "--verify-base-objects",
    "--version",
    "--zero-fill-buffers",
    "[ssl_openssl_cert_store]",
};

bool IsOfProcess(std::string_view name) {
  return std::find(std::begin(kOfProcess), std::end(kOfProcess), name) != std::end(kOfProcess);
}

std::string NormalName(std::string_view argument) {
  std::string name(argument.substr(0, argument.find('=')));
  if (name.size() > 2) std::replace(name.begin() + 2, name.end(), '_', '-');
  return name;
}

// As Node's HandleEnvOptions.
void ReadVariables(const auto& value_of, RunOptions* options) {
  constexpr const char* kSwitches[][2] = {
      {"NODE_PENDING_DEPRECATION", "--pending-deprecation"},
      {"NODE_PRESERVE_SYMLINKS", "--preserve-symlinks"},
      {"NODE_PRESERVE_SYMLINKS_MAIN", "--preserve-symlinks-main"},
      {"NODE_USE_ENV_PROXY", "--use-env-proxy"},
  };
  for (auto [variable, option] : kSwitches)
    if (value_of(variable) == "1") options->Mutable(FindOption(option))->boolean = true;
  if (std::string file = value_of("NODE_REDIRECT_WARNINGS"); !file.empty())
    options->Mutable(FindOption("--redirect-warnings"))->text = file;
}

bool ReadsNodeOptions(Env& env) {
  return !env.payload || env.payload->exec_argv_extension == ExecArgvExtension::kNode ||
         env.payload->exec_argv_extension == ExecArgvExtension::kEnv;
}

}  // namespace

WorkerOptions OptionsForWorker(Env& parent, const Variables* variables, bool own_env,
                               std::vector<std::string>* exec_argv) {
  WorkerOptions out;
  const RunOptions& inherited = *parent.options;
  out.options = inherited;
  // Those of the process are for its main thread.
  for (const char* name : {"--inspect", "--inspect-brk", "--inspect-wait"})
    if (inherited.GetBool(name)) out.options.Mutable(FindOption(name))->boolean = false;
  if (!own_env && !exec_argv) return out;

  RunOptions& options = out.options;
  std::erase_if(options.set,
                [](const auto& one) { return !IsOfProcess(kOptions[one.first].name); });
  auto value_of = [&](const char* name) {
    return (variables ? variables->Get(name) : ReadTrusted(name)).value_or("");
  };
  ReadVariables(value_of, &options);
  if (std::string text = value_of("NODE_OPTIONS"); !text.empty() && ReadsNodeOptions(parent)) {
    std::vector<std::string> errors;
    std::vector<std::string> words = SplitNodeOptions(text, &errors);
    words.insert(words.begin(), "");
    RunOptions parsed = options;
    if (errors.empty()) ParseOptions(&words, nullptr, OptionSource::kNodeOptions, &parsed, &errors);
    for (const std::string& word : words)
      if (std::string name = NormalName(word); IsOfProcess(name) && errors.empty())
        errors.push_back(name + " is not allowed in NODE_OPTIONS");
    if (errors.empty())
      options = std::move(parsed);
    else if (own_env)
      out.invalid_node_options = errors;
  }
  options.exec_argv = inherited.exec_argv;
  if (!exec_argv || !out.invalid_node_options.empty()) return out;

  options.exec_argv.clear();
  std::vector<std::string>& invalid = out.invalid_exec_argv;
  std::vector<std::string> words = *exec_argv;
  words.insert(words.begin(), "");
  const size_t flags = options.v8_flags.size();
  std::vector<std::string> errors;
  ParseOptions(&words, &options.exec_argv, OptionSource::kCommandLine, &options, &errors);
  // V8's flags are those of the process; Node accepts only the few that it knows by name, without
  // effect.
  for (size_t i = flags; i < options.v8_flags.size(); i++)
    if (FindOption(NormalName(options.v8_flags[i])) < 0) invalid.push_back(options.v8_flags[i]);
  for (const std::string& word : options.exec_argv)
    if (word.starts_with("-") && IsOfProcess(NormalName(word))) invalid.push_back(word);
  invalid.insert(invalid.end(), words.begin() + 1, words.end());
  if (!errors.empty()) invalid = errors;
  return out;
}

}  // namespace kiln::runtime
