// Reads options before V8 starts: the environment, .env and configuration files, NODE_OPTIONS and
// the command line. Also handles options such as --version, which need no JavaScript.
#include <uv.h>
#include <v8.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "runtime-stub/command_line/config_file.h"
#include "runtime-stub/command_line/dotenv.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/command_line/task_runner.h"
#include "runtime-stub/platform/environment.h"
#include "runtime-stub/platform/memory_limit.h"
#include "runtime-stub/platform/versions.h"

// ICU is part of the V8 archive, with version numbers in its names and without headers.
extern "C" void u_setDataDirectory_77(const char* directory);

namespace kiln::runtime {

namespace {

constexpr int kInvalidArgument = 9;
constexpr int kInvalidArgument2 = 12;

int Report(const std::string& program, const std::vector<std::string>& errors, int code) {
  for (const std::string& error : errors)
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.c_str());
  return code;
}

// The value of a variable; empty if it is not set or not trusted (ReadTrusted).
std::string Variable(const char* name) { return ReadTrusted(name).value_or(""); }

// Reads the variables that set an option.
void ReadVariables(RunOptions* options) {
  constexpr const char* kSwitches[][2] = {
      {"NODE_PENDING_DEPRECATION", "--pending-deprecation"},
      {"NODE_PRESERVE_SYMLINKS", "--preserve-symlinks"},
      {"NODE_PRESERVE_SYMLINKS_MAIN", "--preserve-symlinks-main"},
      {"NODE_USE_ENV_PROXY", "--use-env-proxy"},
      {"NODE_USE_SYSTEM_CA", "--use-system-ca"},
  };
  for (auto [variable, option] : kSwitches)
    if (Variable(variable) == "1") options->Mutable(FindOption(option))->boolean = true;
  if (std::string file = Variable("NODE_REDIRECT_WARNINGS"); !file.empty())
    options->Mutable(FindOption("--redirect-warnings"))->text = file;
}

// Reads the files named on the command line that contain further options.
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

// Passes v8_flags to V8. Returns those that it does not know.
std::vector<std::string> UnknownToV8(const RunOptions& options) {
  if (options.v8_flags.empty()) return {};
  std::string program = "node";
  std::vector<std::string> copy = options.v8_flags;
  std::vector<char*> flags = {program.data()};
  for (std::string& flag : copy) flags.push_back(flag.data());
  int count = int(flags.size());
  // V8 removes the flags that it knows, and prints errors about bad values itself.
  v8::V8::SetFlagsFromCommandLine(&count, flags.data(), true);
  return {flags.begin() + 1, flags.begin() + count};
}

void AddHeapPercentage(RunOptions* options) {
  const std::string& percent = options->GetString("--max-old-space-size-percentage");
  if (percent.empty()) return;
  double megabytes =
      double(UsableMemory()) / (1024 * 1024) * std::strtod(percent.c_str(), nullptr) / 100;
  options->v8_flags.push_back("--max-old-space-size=" + std::to_string(uint64_t(megabytes)));
}

// Checks and applies options that concern the whole process. 0, or the exit code of what it printed.
int ApplyProcessOptions(const std::string& program, RunOptions* options) {
  for (const std::string& cve : options->GetList("--security-revert"))
    return Report(program, {"Error: Attempt to revert an unknown CVE [" + cve + "]"},
                  kInvalidArgument2);
  const std::string& proto = options->GetString("--disable-proto");
  if (proto != "" && proto != "delete" && proto != "throw")
    return Report(program, {"invalid mode passed to --disable-proto"}, kInvalidArgument2);
  AddHeapPercentage(options);
  // A folder may contain ICU data with more locales than the executable.
  if (const std::string& icu = options->GetString("--icu-data-dir"); !icu.empty())
    u_setDataDirectory_77(icu.c_str());
  if (const std::string& title = options->GetString("--title"); !title.empty())
    uv_set_process_title(title.c_str());
  return 0;
}

}  // namespace

int ParseCommandLine(int argc, char** argv, RunOptions* options, bool environment) {
  std::vector<std::string> args(argv, argv + argc);
  if (args.empty()) args.push_back("node");
  const std::string program = args[0];
  std::vector<std::string> errors;
  options->exec_path = ExecutablePath(program);
  ReadVariables(options);  // before .env files, which cannot set these
  ConfigFile config;
  if (std::string error; !ReadFiles(args, &config, &error))
    return Report(program, {error}, kInvalidArgument);

  // In order of increasing precedence.
  auto parse = [&](std::vector<std::string> words, OptionSource source) {
    words.insert(words.begin(), program);
    if (errors.empty()) ParseOptions(&words, nullptr, source, options, &errors);
    return errors.empty();
  };
  if (!config.node_options.empty() && !parse(config.node_options, OptionSource::kNodeOptions))
    return Report(program, errors, kInvalidArgument);
  if (std::string text = environment ? Variable("NODE_OPTIONS") : "";
      !text.empty() && !parse(SplitNodeOptions(text, &errors), OptionSource::kNodeOptions))
    return Report(program, errors, kInvalidArgument);
  if (!config.group_options.empty() && !parse(config.group_options, OptionSource::kConfigGroup))
    return Report(program, errors, kInvalidArgument);
  ParseOptions(&args, &options->exec_argv, OptionSource::kCommandLine, options, &errors);
  options->argv = std::move(args);
  if (!errors.empty()) return Report(program, errors, kInvalidArgument);
  if (std::string icu = environment ? Variable("NODE_ICU_DATA") : ""; !icu.empty())
    u_setDataDirectory_77(icu.c_str());  // --icu-data-dir overrides it
  return ApplyProcessOptions(program, options);
}

int ParseOptionText(const std::string& text, OptionSource source, RunOptions* options) {
  std::vector<std::string> errors;
  std::vector<std::string> args = SplitNodeOptions(text, &errors);
  const std::string program = options->argv[0];
  args.insert(args.begin(), program);
  std::vector<std::string>* taken =
      source == OptionSource::kCommandLine ? &options->exec_argv : nullptr;
  if (errors.empty()) ParseOptions(&args, taken, source, options, &errors);
  // In NODE_OPTIONS node ignores what follows a word that is no option.
  if (errors.empty() && args.size() > 1 && taken) errors.push_back("bad option: " + args[1]);
  return errors.empty() ? ApplyProcessOptions(program, options)
                        : Report(program, errors, kInvalidArgument);
}

void TakeArguments(int argc, char** argv, RunOptions* options) {
  options->argv.assign(argv, argv + argc);
  if (options->argv.empty()) options->argv.push_back("app");  // execve() does not require argv[0]
  options->exec_path = ExecutablePath(options->argv[0]);
  ReadVariables(options);
}

bool V8KnowsFlags(const RunOptions& options) { return UnknownToV8(options).empty(); }

int ApplyV8Flags(RunOptions* options) {
  std::vector<std::string> errors;
  for (const std::string& flag : UnknownToV8(*options)) errors.push_back("bad option: " + flag);
  if (errors.empty()) return 0;
  return Report(options->argv.empty() ? "node" : options->argv[0], errors, kInvalidArgument);
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
    std::printf(
        "_node_complete() {\n"
        "  local cur_word options\n"
        "  cur_word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
        "  if [[ \"${cur_word}\" == -* ]] ; then\n"
        "    COMPREPLY=( $(compgen -W '");
    const char* space = "";
    auto word = [&](const char* name) {
      std::printf("%s%s", space, name);
      space = " ";
    };
    for (const OptionInfo& option : std::span(kOptions, size_t(kOptionCount)))
      if (option.name[0] != '[' && (!option.needs_inspector || HasInspectorOptions()))
        word(option.name);
    for (const OptionAlias& alias : std::span(kOptionAliases, size_t(kOptionAliasCount))) {
      int target = FindOption(alias.expansion[0]);
      bool hidden = target >= 0 && kOptions[target].needs_inspector && !HasInspectorOptions();
      if (!hidden && !std::strchr(alias.name, ' ')) word(alias.name);
    }
    std::printf(
        "' -- \"${cur_word}\") )\n"
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
    v8::V8::SetFlagsFromString("--help", 6);  // V8 prints its flags and ends the process
    return 0;
  }
  for (const char* name : {"--enable-fips", "--force-fips"}) {
    if (!options.GetBool(name)) continue;
    std::fprintf(stderr,
                 "%s: %s requires an active OpenSSL provider named \"fips\"; this runtime has "
                 "none\n",
                 options.argv.empty() ? "node" : options.argv[0].c_str(), name);
    return 1;
  }
  return {};
}

const char* MainScriptId(const RunOptions& options) {
  const std::string first = options.argv.size() > 1 ? options.argv[1] : "";
  if (first == "inspect" || first == "debug") return "internal/main/inspect";
  if (options.GetBool("--help")) return "internal/main/print_help";
  if (options.GetBool("--prof-process")) return "internal/main/prof_process";
  if (options.GetBool("--build-snapshot")) return "internal/main/mksnapshot";
  // With -i the REPL runs the code of -e first.
  if (options.GetBool("[has_eval_string]") && !options.GetBool("--interactive"))
    return "internal/main/eval_string";
  if (options.GetBool("--check")) return "internal/main/check_syntax";
  if (options.GetBool("--test")) return "internal/main/test_runner";
  if (options.GetBool("--watch")) return "internal/main/watch_mode";
  if (!first.empty() && first != "-") return "internal/main/run_main_module";
  if (options.GetBool("--interactive") || uv_guess_handle(0) == UV_TTY) return "internal/main/repl";
  return "internal/main/eval_stdin";
}

std::string ExecutablePath(const std::string& argv0) {
  std::string path(4096, '\0');
  size_t size = path.size();
  if (uv_exepath(path.data(), &size) != 0) return argv0;
  path.resize(size);
  return path;
}

}  // namespace kiln::runtime
