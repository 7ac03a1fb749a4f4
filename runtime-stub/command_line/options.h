// The command line: `[node options] [script] [arguments]` and NODE_OPTIONS, with Node's
// names, defaults, implications, messages and exit codes. options_table.inc is the list
// of options; values that nobody set come from there, so an empty RunOptions costs
// nothing at start.
//
//   RunOptions options;
//   if (int code = ParseCommandLine(argc, argv, &options)) return code;  // it was reported
//   if (int code = ApplyV8Flags(&options)) return code;  // before V8 starts
//   if (std::optional<int> code = RunEarlyExits(options)) return *code;  // after V8 started
//   RunMainScript(env, MainScriptId(options));
//
// An app made by `kiln build` takes all arguments itself: TakeArguments.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

// The numbers are internalBinding('options').types.
enum class OptionType : uint8_t {
  kNoOp,
  kV8Option,
  kBoolean,
  kInteger,
  kUInteger,
  kString,
  kHostPort,
  kStringList
};

struct OptionInfo {
  const char* name;  // "--trace-warnings", or "[has_eval_string]" for internal ones
  OptionType type;
  bool allowed_in_env;   // in NODE_OPTIONS
  bool default_is_true;  // as reported; the value itself comes from default_value
  const char* default_value;
  const char* name_space;  // of a config file: "", "test", "watch", "permission"
  bool needs_inspector;    // this runtime has none: not listed, and refused when used
  const char* help;
};

// Sorted by name.
extern const OptionInfo kOptions[];
extern const int kOptionCount;
int FindOption(std::string_view name);  // -1 when there is none

struct OptionAlias {
  const char* name;
  const char* expansion[3];  // null-terminated
};
extern const OptionAlias kOptionAliases[];
extern const int kOptionAliasCount;

struct HostPort {
  std::string host;
  int port = 0;
};

// "[host:]port"; port -1 when there is none. A port out of range is an error.
HostPort SplitHostPort(const std::string& text, std::vector<std::string>* errors);

struct OptionValue {
  bool boolean = false;
  int64_t number = 0;
  std::string text;
  std::vector<std::string> list;
  HostPort host_port;
};

struct RunOptions {
  std::vector<std::string> argv;       // process.argv: argv[0] as typed, script, arguments
  std::vector<std::string> exec_argv;  // process.execArgv
  std::vector<std::string> v8_flags;   // for V8, in order
  std::string exec_path;               // process.execPath
  struct EnvFile {
    std::string path;
    bool optional;
  };
  std::vector<EnvFile> env_files;  // of --env-file and --env-file-if-exists, in order
  bool abort_on_uncaught = false;  // --abort-on-uncaught-exception, a V8 flag Node reads

  // Values by name, e.g. GetBool("--expose-internals"); the name must be in the table and
  // of that type. `--no-x` is !GetBool("--x").
  bool GetBool(std::string_view name) const;
  const std::string& GetString(std::string_view name) const {
    return Value(name, OptionType::kString).text;
  }
  const std::vector<std::string>& GetList(std::string_view name) const {
    return Value(name, OptionType::kStringList).list;
  }
  int64_t GetNumber(std::string_view name) const;
  const HostPort& GetHostPort(std::string_view name) const {
    return Value(name, OptionType::kHostPort).host_port;
  }
  // The command name for messages: "node" for "/usr/bin/node".
  std::string argv0_base() const;

  // By index in kOptions; the default when it was not set.
  const OptionValue& ValueAt(int index) const;
  OptionValue* Mutable(int index);
  // Null when the option has its default.
  const OptionValue* SetAt(int index) const;

  std::map<int, OptionValue> set;               // what differs from the defaults
  mutable std::map<int, OptionValue> defaults;  // those that were asked for

 private:
  const OptionValue& Value(std::string_view name, OptionType type) const;
};

enum class OptionSource { kCommandLine, kNodeOptions, kConfigGroup };

// Parses `args` (args[0] is the program) into `options`: node options are removed from
// args and appended to exec_args when that is given. Messages go to `errors`; what was
// parsed before the first error stays. Also serves `new Worker(..., {execArgv})`.
void ParseOptions(std::vector<std::string>* args, std::vector<std::string>* exec_args,
                  OptionSource source, RunOptions* options, std::vector<std::string>* errors);

// Splits NODE_OPTIONS: blanks separate, double quotes group, a backslash escapes in them.
std::vector<std::string> SplitNodeOptions(std::string_view text, std::vector<std::string>* errors);

// Reads the environment, .env files, NODE_OPTIONS and the arguments as `node` does.
// 0, or an exit code after printing what is wrong.
int ParseCommandLine(int argc, char** argv, RunOptions* options);

// For a compiled app: every argument is the app's own.
void TakeArguments(int argc, char** argv, RunOptions* options);

// Hands v8_flags to V8; flags that V8 does not know are bad options. Call it before V8 is
// initialised. 0, or an exit code after printing what is wrong.
int ApplyV8Flags(RunOptions* options);

// --version, --v8-options, --completion-bash, --run: does it, and answers the exit code.
std::optional<int> RunEarlyExits(const RunOptions& options);

// The script of the library that runs the program: "internal/main/run_main_module", ...
const char* MainScriptId(const RunOptions& options);

// Path of the running executable.
std::string ExecutablePath();

}  // namespace kiln::runtime
