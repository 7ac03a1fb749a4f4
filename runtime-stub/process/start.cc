// RunStub: prepares the process, reads the payload and the command line, starts V8, and hands over
// to the main thread (thread/main_thread.h) or to the snapshot builder.
#include "runtime-stub/process/start.h"

#include <uv.h>

#include <algorithm>
#include <cstring>

#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/icu_data.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/page_allocator.h"
#include "runtime-stub/platform/processors.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/process/prepare_process.h"
#include "runtime-stub/snapshot_builder/take_snapshot.h"
#include "runtime-stub/thread/main_thread.h"

namespace kiln::runtime {

namespace {

// What hello world has allocated with malloc when it ends; no program needs less.
constexpr size_t kMallocOfAStart = 1100 * 1024;

// The main script of the library that runs the program (docs/node-library.md, boot order).
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
  return payload->exec_argv_extension == ExecArgvExtension::kEnv ? ParseNodeOptions(options) : 0;
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
  return RunMainThread(options, payload, MainScript(options, payload));
}

}  // namespace kiln::runtime
