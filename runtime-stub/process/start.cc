// RunStub: prepares the process, reads the payload and the command line, starts V8, and hands over
// to the main thread (thread/main_thread.h) or to the snapshot builder.
#include "runtime-stub/process/start.h"

#include <uv.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/command_line/permission_options.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/guards.h"
#include "runtime-stub/payload/icu_data.h"
#include "runtime-stub/payload/module_code.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/context_features.h"
#include "runtime-stub/platform/environment.h"
#include "runtime-stub/platform/own_children.h"
#include "runtime-stub/platform/page_allocator.h"
#include "runtime-stub/platform/processors.h"
#include "runtime-stub/platform/start_memory.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/process/own_start.h"
#include "runtime-stub/process/prepare_process.h"
#include "runtime-stub/snapshot_builder/heap_images.h"
#include "runtime-stub/snapshot_builder/heap_walk.h"
#include "runtime-stub/snapshot_builder/take_snapshot.h"
#include "runtime-stub/thread/main_thread.h"
#include "runtime-stub/thread/training.h"

namespace kiln::runtime {

namespace {

// What hello world has allocated with malloc when it ends; no program needs less.
constexpr size_t kMallocOfAStart = 840 * 1024;

// Bytes of an app's modules.
constexpr size_t kMuchCode = 64 * 1024;

constexpr std::string_view kAppScript = "internal/main/kiln_app";

// A program is started again when its files change; those of an executable never do.
int RefuseWatching(const RunOptions& options, const std::string& text) {
  std::vector<std::string> errors;
  for (const std::string& word : SplitNodeOptions(text, &errors)) {
    if (!word.starts_with("--watch")) continue;
    std::fprintf(stderr, "%s: %s is not available in an executable, whose files do not change\n",
                 options.argv[0].c_str(), word.c_str());
    return 9;
  }
  return 0;
}

// Removes --node-options=TEXT from the app's arguments, wherever it is. As in Node's single
// executables, the last TEXT is used. The user of a process with more rights may not choose options,
// which can load code. Returns 0 or the exit code.
int TakeNodeOptions(RunOptions* options) {
  constexpr std::string_view kPrefix = "--node-options=";
  std::string text;
  std::erase_if(options->argv, [&](const std::string& arg) {
    if (!arg.starts_with(kPrefix)) return false;
    text = arg.substr(kPrefix.size());
    return true;
  });
  if (!text.empty() && HasMoreRightsThanItsUser()) {
    std::fprintf(
        stderr, "%s: has more rights than the user who started it, so it takes no --node-options\n",
        options->argv[0].c_str());
    return 1;
  }
  if (int code = RefuseWatching(*options, text)) return code;
  return ParseOptionText(text, OptionSource::kCommandLine, options);
}

// An app never opens a port because of an environment variable, and because of its arguments only if it
// was built for that.
InspectorOptions PlaceOfInspectorOptions(const std::optional<Payload>& payload) {
  if (!payload) return InspectorOptions::kAnywhere;
  if (!payload->inspect) return InspectorOptions::kNone;
  return payload->exec_argv_extension == ExecArgvExtension::kNode ? InspectorOptions::kAnywhere
                                                                  : InspectorOptions::kCommandLine;
}

// Removes the options of the inspector that precede the app's own arguments. Returns 0 or the exit code.
int TakeInspectorOptions(RunOptions* options) {
  std::string text;
  while (options->argv.size() > 1 && options->argv[1].starts_with("--inspect")) {
    text += options->argv[1] + " ";
    options->argv.erase(options->argv.begin() + 1);
  }
  if (text.empty()) return 0;
  if (HasMoreRightsThanItsUser()) {
    std::fprintf(stderr, "%s: has more rights than the user who started it, so it takes no %s\n",
                 options->argv[0].c_str(), text.c_str());
    return 1;
  }
  return ParseOptionText(text, OptionSource::kCommandLine, options);
}

// The command line of an app: its arguments are its own, but it may have been built to take node's
// options too (--exec-argv-extension).
int ReadAppCommandLine(int argc, char** argv, const Payload& payload, RunOptions* options) {
  TakeArguments(argc, argv, options);
  int code = 0;
  if (payload.inspect) code = TakeInspectorOptions(options);
  if (code != 0) return code;
  if (payload.exec_argv_extension == ExecArgvExtension::kCli) {
    code = TakeNodeOptions(options);
  } else if (payload.exec_argv_extension == ExecArgvExtension::kEnv) {
    if (std::optional<std::string> text = ReadTrusted("NODE_OPTIONS")) {
      code = RefuseWatching(*options, *text);
      if (code == 0) code = ParseOptionText(*text, OptionSource::kNodeOptions, options);
    }
  }
  NoteEntryRuns({options->argv.begin() + 1, options->argv.end()});
  options->argv.insert(options->argv.begin() + 1, payload.entry);  // process.argv[1]
  return code;
}

// An app that runs with a permission model passes it on in NODE_OPTIONS, as in Node, and a child that is
// the same executable accepts that, though no other option: it can only lose rights by it.
int TakePermissions(RunOptions* options) {
  std::vector<std::string> errors;
  std::string taken;
  for (const std::string& word :
       SplitNodeOptions(ReadTrusted("NODE_OPTIONS").value_or(""), &errors)) {
    if (!word.starts_with("--permission") && !word.starts_with("--allow-")) continue;
    taken += taken.empty() ? "\"" : " \"";
    for (char c : word) taken.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
    taken += '"';
  }
  return taken.empty() ? 0 : ParseOptionText(taken, OptionSource::kNodeOptions, options);
}

// Reads the command line into `options`, and sets `main` to the script of the library that runs the
// program (docs/node-library.md, boot order). Returns 0 or the exit code.
int ReadCommandLine(int argc, char** argv, const std::optional<Payload>& payload,
                    RunOptions* options, std::string_view* main) {
  if (!payload || payload->exec_argv_extension == ExecArgvExtension::kNode) {
    int code = ParseCommandLine(argc, argv, options);
    *main = MainScriptId(*options);
    return code;
  }
  *main = kAppScript;
  const std::string name = argc > 0 ? argv[0] : "";
  std::optional<OwnParent> parent = TakeOwnParent(payload->identity, ExecutablePath(name), name);
  // No user has a file below /kiln, so such an argument is worth a longer search.
  if (!parent) parent = FindOwnParent(argc > 1 && embedded::Owns(argv[1]));
  std::string module;
  Program program = Program::kEntry;
  if (parent && argc > 0)
    program = ProgramOfOwnStart(*parent, {argv, argv + argc}, *payload, &module);
  if (program == Program::kEntry) {
    int code = ReadAppCommandLine(argc, argv, *payload, options);
    const bool has_read = payload->exec_argv_extension == ExecArgvExtension::kEnv;
    return code == 0 && parent && !has_read ? TakePermissions(options) : code;
  }
  if (program == Program::kRefused) return 1;
  bool environment = payload->exec_argv_extension == ExecArgvExtension::kEnv;
  if (int code = ParseCommandLine(argc, argv, options, environment)) return code;
  if (program == Program::kNode) {
    *main = MainScriptId(*options);
  } else {
    options->argv[1] = ResolvePath(options->argv[1]);
    options->module = module;
  }
  return 0;
}

// Starts with the modules that were evaluated at build time, if nobody can tell. Options and another
// program than the entry can have effects on modules that are not thought of, so then it does not.
void ChooseSnapshot(const RunOptions& options, Payload& payload) {
  if (payload.baked_snapshot.empty() || !options.IsPlain() || !options.module.empty()) return;
  // After the executable and the script.
  std::span<const std::string> arguments(options.argv);
  arguments = arguments.subspan(std::min<size_t>(arguments.size(), 2));
  if (!GuardsHold(payload.guards, arguments)) return;
  payload.snapshot = payload.baked_snapshot;
  payload.local_guards_hold = LocalGuardsHold(payload.guards, arguments);
}

// --v8-pool-size; 0 leaves it to the number of processors.
int V8Threads(const RunOptions& options) {
  int64_t threads = options.GetNumber("--v8-pool-size");
  if (threads < 1) threads = int64_t(AvailableProcessors()) - 1;
  return int(std::clamp<int64_t>(threads, 1, 1024));
}

}  // namespace

int RunStub(int argc, char** argv) {
  NoteProcessStart();
  WarmMalloc(kMallocOfAStart);
  WarmData();
  PrepareProcess();
  argv = uv_setup_args(argc, argv);
  std::optional<Payload> payload = LinkedPayload();
  if (!payload) {
    if (std::optional<BuilderRun> run = BuilderRunOf(argc, argv)) return RunSnapshotBuilder(*run);
    if (argc == 3 && std::strcmp(argv[1], "--kiln-make-library-code") == 0)
      return WriteLibraryCode(argv[2]);
    if ((argc == 4 || argc == 5) && std::strcmp(argv[1], "--kiln-make-heap-images") == 0)
      return MakeHeapImages(argv[2], argv[3], argc == 5);
    if ((argc == 4 || argc == 5) && std::strcmp(argv[1], "--kiln-make-verified-heap-images") == 0)
      return MakeVerifiedHeapImages(argv[2], argv[3], argc == 5);
    if ((argc == 5 || argc == 6) && std::strcmp(argv[1], "--kiln-walk-heap") == 0)
      return WalkHeap(argv[2], argv[3], argv[4], argc == 6);
  }
  OpenStartMemory();
  if (!payload) UseIcuData("full");
  if (HasMoreRightsThanItsUser()) IgnoreIcuFiles();

  if (payload) SetEmbeddedFiles(payload->files);
  static RunOptions options;  // outlives the Env
  std::string_view main_script;
  SetInspectorOptions(PlaceOfInspectorOptions(payload));
  if (int code = ReadCommandLine(argc, argv, payload, &options, &main_script)) return code;
  if (payload) BakePermissions(payload->permission_flags, &options);
  CompletePermissionOptions(&options);
  if (payload && main_script == kAppScript) ChooseSnapshot(options, *payload);
  // A training run records what is compiled.
  if (payload && payload->training.empty()) SetModuleCode(payload->snapshot);
  // The young generation of a program with much code has 4 MiB from the beginning, and not 1: a start that
  // evaluates modules would be interrupted by collections that find hardly any garbage (tsc: 8 of its 80 million
  // instructions). Each MiB costs hello world 1.5 % of its processor time, though none of it is touched.
  //
  // V8 interprets a regular expression before it compiles it to machine code, which takes hundreds of thousands of
  // instructions: it does so at the fourth use, and not at the second, unless the text is long. The interpreter's code
  // is not optimized for that (eslint: together 34 of 360 million instructions).
  std::vector<std::string> flags = {"--regexp-tier-up-ticks=4",
                                    "--no-regexp-peephole-optimization"};
  const bool much_code = !payload || payload->script.size() + payload->modules.size() > kMuchCode;
  if (much_code) flags.push_back("--min-semi-space-size=4");
  ExpectYoungGeneration(much_code ? 4 << 20 : 1 << 20);
  if (!payload || payload->rehash) flags.push_back("--rehash-snapshot");
  if (payload) {
    flags.insert(flags.end(), payload->v8_flags.begin(), payload->v8_flags.end());
    if (!payload->training.empty())
      for (std::string& flag : TrainingFlags()) flags.push_back(std::move(flag));
  }
  SetV8Flags(flags);
  if (int code = ApplyV8Flags(&options)) return code;
  if (std::string flag = NoteFlags(options.v8_flags); payload && !flag.empty()) {
    std::fprintf(stderr,
                 "kiln: %s cannot be given at start. Build the executable with --v8-flag=%s.\n",
                 flag.c_str(), flag.c_str());
    return 9;
  }
  if (options.GetBool("--zero-fill-buffers")) ZeroFillBuffers();
  NoteV8Start();
  StartV8(V8Threads(options));
  if (std::optional<int> code = RunEarlyExits(options)) return *code;
  return RunMainThread(options, payload, main_script);
}

}  // namespace kiln::runtime
