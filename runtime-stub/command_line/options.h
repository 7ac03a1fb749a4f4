// The command line: `[node options] [script] [arguments]` and NODE_OPTIONS, with Node's names,
// defaults, implications, messages and exit codes (nodejs.org/api/cli.html). options_table.inc is
// the list of options. Default values are read from the table on demand, so that an empty
// RunOptions costs nothing at start.
//
//   RunOptions options;
//   if (int code = ParseCommandLine(argc, argv, &options)) return code;  // it was reported
//   if (int code = ApplyV8Flags(&options)) return code;  // before V8 starts
//   if (std::optional<int> code = RunEarlyExits(options)) return *code;  // after V8 started
//   RunMainScript(env, MainScriptId(options));
//
// In an executable made by `kiln build` all arguments belong to the app: TakeArguments().
// Everything here is for the main thread, before or while it runs; messages go to stderr.
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

// One line of options_table.inc.
struct OptionInfo {
  const char* name;  // "--trace-warnings", or "[has_eval_string]" for internal ones
  OptionType type;
  bool allowed_in_env;        // NODE_OPTIONS may contain it
  bool default_is_true;       // as internalBinding('options') reports it; see default_value
  const char* default_value;  // as an argument would give it; "" for false, 0 or empty
  const char* name_space;     // group in a configuration file: "", "test", "watch", "permission"
  bool needs_inspector;       // without an inspector the option is not listed, and an error
  const char* help;           // text for --help; null: not shown there
};

// Sorted by name.
extern const OptionInfo kOptions[];
// Where this process takes options of the inspector from: nowhere (the default: they are an error), the
// command line, or also NODE_OPTIONS. Set before any option is read.
enum class InspectorOptions { kNone, kCommandLine, kAnywhere };
void SetInspectorOptions(InspectorOptions from);
bool HasInspectorOptions();      // not kNone
bool HasInspectorNodeOptions();  // kAnywhere
extern const int kOptionCount;
int FindOption(std::string_view name);  // index in kOptions; -1 if there is none

// A name that the parser replaces by other arguments: "-e" by "--eval".
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

// Parses "[host:]port". `port` is -1 if there is none. Appends a message if it is out of range.
HostPort SplitHostPort(const std::string& text, std::vector<std::string>* errors);

// The value of an option. Only the member for its type is meaningful.
struct OptionValue {
  bool boolean = false;
  int64_t number = 0;
  std::string text;
  std::vector<std::string> list;
  HostPort host_port;
};

// The result of parsing. Lives as long as the process; read-only once the Env exists.
struct RunOptions {
  std::vector<std::string> argv;       // process.argv: argv[0] as typed, script, arguments
  std::vector<std::string> exec_argv;  // process.execArgv
  std::vector<std::string> v8_flags;   // for V8, in order
  std::string exec_path;               // process.execPath
  std::string module;                  // of an app: what runs instead of its entry; usually empty
  struct EnvFile {
    std::string path;
    bool optional;
  };
  std::vector<EnvFile> env_files;  // of --env-file and --env-file-if-exists, in order
  // The permissions are those that `kiln build` has put into the executable (permission_options.h).
  bool baked_permissions = false;
  bool abort_on_uncaught = false;  // --abort-on-uncaught-exception, a flag of V8 and Node

  // Values by name, such as GetBool("--expose-internals"). A name that is not in the table, or has
  // another type, is a failed CHECK. For `--no-x` use !GetBool("--x").
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
  // The program's name for messages: "node" for "/usr/bin/node".
  std::string argv0_base() const;

  // By index in kOptions: the value that was set, or the default.
  const OptionValue& ValueAt(int index) const;
  // For changing it; marks the option as set.
  OptionValue* Mutable(int index);
  // The value that was set; null if none was.
  const OptionValue* SetAt(int index) const;

  // Whether neither the command line nor the environment sets an option, so that the defaults in a
  // snapshot are valid.
  bool IsPlain() const;

  std::map<int, OptionValue> set;               // options that were set, by index in kOptions
  mutable std::map<int, OptionValue> defaults;  // cache of default values, filled on demand

 private:
  const OptionValue& Value(std::string_view name, OptionType type) const;
};

// Where arguments come from, which decides what is allowed in them.
enum class OptionSource { kCommandLine, kNodeOptions, kConfigGroup };

// Parses `args`, where args[0] is the program, into `options`. Removes node options from `args` and
// appends them to `exec_args`, if that is not null. Stops at the first error and appends a message
// to `errors`; what was parsed before is kept. Also for `new Worker(..., {execArgv})`.
void ParseOptions(std::vector<std::string>* args, std::vector<std::string>* exec_args,
                  OptionSource source, RunOptions* options, std::vector<std::string>* errors);

// Splits NODE_OPTIONS at spaces. Double quotes group, and a backslash escapes inside them. Appends
// a message to `errors` for an unterminated quote or escape.
std::vector<std::string> SplitNodeOptions(std::string_view text, std::vector<std::string>* errors);

// Reads the environment, .env files, configuration files, NODE_OPTIONS and the arguments as `node`
// does. Without `environment` NODE_OPTIONS and NODE_ICU_DATA are not read. Returns 0, or prints an
// error and returns the exit code.
int ParseCommandLine(int argc, char** argv, RunOptions* options, bool environment = true);

// For an executable made by `kiln build`: passes every argument to the app. Of the environment it
// reads the variables that set one option each (NODE_USE_ENV_PROXY, ...), but not NODE_OPTIONS.
void TakeArguments(int argc, char** argv, RunOptions* options);

// Parses the options in the text of NODE_OPTIONS or --node-options, after TakeArguments(), and
// applies those that concern the process. Returns 0, or prints an error and returns the exit code.
int ParseOptionText(const std::string& text, OptionSource source, RunOptions* options);

// Passes v8_flags to V8, which may not have started, and returns whether it knows all of them.
bool V8KnowsFlags(const RunOptions& options);

// Passes v8_flags to V8; call it before V8 is initialized. Returns 0, or prints an error (a flag
// that V8 does not know) and returns the exit code.
int ApplyV8Flags(RunOptions* options);

// Handles --version, --v8-options, --completion-bash and --run: returns the exit code, or nothing
// if none of them was given.
std::optional<int> RunEarlyExits(const RunOptions& options);

// The id of the library's script that runs the program, such as "internal/main/run_main_module".
const char* MainScriptId(const RunOptions& options);

// The absolute path of the running executable. Where /proc is missing it is argv[0], as in Node.
std::string ExecutablePath(const std::string& argv0);

}  // namespace kiln::runtime
