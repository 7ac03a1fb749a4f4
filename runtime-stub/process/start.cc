// The life of a process: prepare, read the payload and the command line, start V8, open
// the snapshot (or boot the library), run the main script, turn the loop, exit.
#include "runtime-stub/process/start.h"

#include <uv.h>

#include <algorithm>
#include <cstring>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/bindings/wasm_web_api.h"
#include "runtime-stub/thread/boot.h"
#include "runtime-stub/bindings/contextify/disable_proto.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/icu_data.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/platform/page_allocator.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/thread/run_loop.h"
#include "runtime-stub/snapshot_builder/take_snapshot.h"

namespace kiln::runtime {

namespace {

// What hello world has of malloc when it ends, less than which no program has.
constexpr size_t kMallocOfAStart = 1100 * 1024;

// The main script of the library that runs the program (contract 3.2, step 9).
std::string_view MainScript(const RunOptions& options, const std::optional<Payload>& payload) {
  if (payload && payload->exec_argv_extension != ExecArgvExtension::kCli)
    return "internal/main/kiln_app";
  return MainScriptId(options);
}

// The command line of a bare stub is node's; an app's arguments are its own unless it was
// built to take node's options (--exec-argv-extension).
int ReadCommandLine(int argc, char** argv, const std::optional<Payload>& payload,
                    RunOptions* options) {
  if (!payload || payload->exec_argv_extension == ExecArgvExtension::kCli)
    return ParseCommandLine(argc, argv, options);
  TakeArguments(argc, argv, options);
  options->argv.insert(options->argv.begin() + 1, payload->entry);  // process.argv[1]
  const char* text = getenv("NODE_OPTIONS");
  if (payload->exec_argv_extension == ExecArgvExtension::kNone || !text) return 0;
  std::vector<std::string> errors;
  std::vector<std::string> args = SplitNodeOptions(text, &errors);
  args.insert(args.begin(), argv[0]);
  if (errors.empty()) ParseOptions(&args, nullptr, OptionSource::kNodeOptions, options, &errors);
  for (const std::string& error : errors) std::fprintf(stderr, "%s: %s\n", argv[0], error.c_str());
  return errors.empty() ? 0 : 9;
}

int RunApp(const RunOptions& options, const std::optional<Payload>& payload) {
  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);

  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = BufferAllocator();
  params.external_references = ExternalReferences().data();
  params.constraints.ConfigureDefaults(uv_get_total_memory(), 0);
  // Three semi-spaces of 8 MB at the most. V8 would go to 16, and a busy server gets there within
  // two minutes, whatever it keeps: 16 MB more of memory (28 %), for scavenges that it does not
  // notice. --max-semi-space-size still says otherwise.
  constexpr size_t kMaxYoungGeneration = 3 * (size_t{8} << 20);
  params.constraints.set_max_young_generation_size_in_bytes(
      std::min(params.constraints.max_young_generation_size_in_bytes(), kMaxYoungGeneration));
  v8::StartupData blob = {nullptr, 0};
  bool restore = payload && !payload->snapshot.empty();
  if (restore) {
    blob = {reinterpret_cast<const char*>(payload->snapshot.data()), int(payload->snapshot.size())};
    params.snapshot_blob = &blob;
    SetAppText(payload->script);
  }
  v8::Isolate::Initialize(isolate, params);
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  // A context gets WebAssembly.compileStreaming only if this is known when it is made.
  isolate->SetWasmStreamingCallback(OnWasmStreaming);

  int code = 0;
  {
    v8::Isolate::Scope in_isolate(isolate);
    v8::HandleScope handles(isolate);
    Env& env = *new Env(isolate, uv_default_loop());  // lives as long as the process
    env.options = &options;
    env.payload = payload ? &*payload : nullptr;
    env.source_maps_enabled = payload && !payload->source_map.empty();
    env.abort_on_uncaught = options.abort_on_uncaught;
    env.pending_deprecation = options.GetBool("--pending-deprecation");
    v8::Local<v8::Context> context = restore
                                         ? v8::Context::FromSnapshot(isolate, 0).ToLocalChecked()
                                         : v8::Context::New(isolate);
    env.set_context(context);
    v8::Context::Scope in_context(context);
    if (restore)
      env.RestoreTemplates();
    else if (!BootLibrary(env))
      return 10;
    ApplyDisableProto(env, context);
    InstallIsolateCallbacks(env);
    // Dates that the app read while it was built know the builder's time zone.
    if (restore && payload->evaluate)
      isolate->DateTimeConfigurationChangeNotification(v8::Isolate::TimeZoneDetection::kRedetect);
    StartPerformanceClock(env);
    env.StartLoop();
    AttachPlatform(env);
    {
      CallbackScope scope(env, v8::Object::New(isolate), {1, 0}, {}, true);
      if (RunMainScript(env, MainScript(options, payload)).IsEmpty()) scope.MarkFailed();
    }
    code = RunLoop(env);
    env.Exit(code);
  }
  return code;
}

// --v8-pool-size; 0 leaves it to the number of processors.
int V8Threads(const RunOptions& options) {
  int64_t threads = options.GetNumber("--v8-pool-size");
  if (threads < 1) threads = int64_t(uv_available_parallelism()) - 1;
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
  if (!payload && argc == 4 && std::strcmp(argv[1], "--kiln-take-snapshot") == 0)
    return TakeSnapshot(argv[2], argv[3]);
  if (!payload) UseIcuData("full");

  static RunOptions options;  // outlives the Env
  if (int code = ReadCommandLine(argc, argv, payload, &options)) return code;
  std::vector<std::string> flags = {"--rehash-snapshot"};
  if (payload) {
    if (!payload->rehash) flags.clear();
    flags.insert(flags.end(), payload->v8_flags.begin(), payload->v8_flags.end());
    SetEmbeddedFiles(payload->files);
  }
  SetV8Flags(flags);
  if (int code = ApplyV8Flags(&options)) return code;
  if (options.GetBool("--zero-fill-buffers")) ZeroFillBuffers();
  NoteV8Start();
  StartV8(V8Threads(options));
  if (std::optional<int> code = RunEarlyExits(options)) return *code;
  return RunApp(options, payload);
}

}  // namespace kiln::runtime
