// The libFuzzer side of every target. The runtime starts as a bare stub that runs harness.js,
// which loads the target's script and defines two functions: feed(bytes) processes one input,
// settle(last) ends what it began (first as peers do it, then immediately). After each call the
// event loop runs, and jobs of the thread pool are awaited, so that an input does not affect the
// next one.
//
// The name of the executable selects the target: fuzz-http-parser runs http-parser.js.
#define OPENSSL_SUPPRESS_DEPRECATED  // RAND_METHOD, deprecated since OpenSSL 3.0
#include <openssl/rand.h>
#include <sanitizer/lsan_interface.h>
#include <uv.h>
#include <v8.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/library/library_scripts.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/process/prepare_process.h"
#include "runtime-stub/thread/boot.h"
#include "runtime-stub/thread/run_loop.h"

using namespace kiln::runtime;

namespace {

Env* env = nullptr;
v8::Global<v8::Function> feed;
v8::Global<v8::Function> settle;

void Call(const v8::Global<v8::Function>& function, v8::Local<v8::Value> arg) {
  (void)MakeCallback(*env, env->process(), function.Get(env->isolate), std::span(&arg, 1));
}

// Runs the loop `times` times, and then until no request is active: jobs of the thread pool always
// end. Handles do not count; a target's timers may stay active.
void Turn(int times) {
  while (times-- > 0) uv_run(env->loop, UV_RUN_NOWAIT);
  for (int waits = 0; env->loop->active_reqs.count > 0 && waits < 1000; waits++)
    uv_run(env->loop, UV_RUN_ONCE);
}

// OpenSSL's random numbers are the same for each input, so that a finding is reproducible.
uint64_t random_state = 1;
int FillRandom(unsigned char* out, int size) {
  for (int i = 0; i < size; i++) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    out[i] = uint8_t(random_state >> 56);
  }
  return 1;
}
const RAND_METHOD kRandom = {
    .bytes = FillRandom, .pseudorand = FillRandom, .status = [] { return 1; }};

v8::Local<v8::Function> Global(const char* name) {
  v8::Local<v8::Value> function = env->Get(env->context()->Global(), name);
  CHECK(function->IsFunction());  // otherwise the script has failed and printed why
  return function.As<v8::Function>();
}

std::string TargetOf(std::string program) {
  program.erase(0, program.rfind('/') + 1);
  static constexpr std::string_view kPrefix = "fuzz-";
  if (program.starts_with(kPrefix)) return program.substr(kPrefix.size());
  std::fprintf(stderr, "%s: call this program by a link fuzz-TARGET\n", program.c_str());
  std::exit(2);
}

}  // namespace

// The end of process.exit() and of the runtime's fatal errors. libFuzzer detects the abort and
// keeps the input.
extern "C" [[noreturn]] void __wrap__exit(int code) {
  std::fprintf(stderr, "the runtime has ended the process with exit code %d\n", code);
  std::abort();
}

// Instead of the destructors of V8's platform, whose threads still run.
static void EndOfRun(int code, void*) {
  __lsan_do_leak_check();
  std::fflush(nullptr);
  std::_Exit(code);
}

extern "C" int LLVMFuzzerInitialize(int*, char*** argv) {
  NoteProcessStart();
  PrepareProcess();
  static RunOptions options;
  static std::string target = TargetOf((*argv)[0]);
  static char internals[] = "--expose-internals";
  static char script[] = KILN_FUZZ_FOLDER "/harness.js";
  char* args[] = {(*argv)[0], internals, script, target.data(), nullptr};
  CHECK(ParseCommandLine(4, args, &options) == 0);
  SetV8Flags({"--expose-gc"});  // targets call gc() at critical moments
  CHECK(ApplyV8Flags(&options) == 0);
  NoteV8Start();
  StartV8(1);

  CHECK(RAND_set_rand_method(&kRandom) == 1);

  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = BufferAllocator();
  params.external_references = ExternalReferences().data();
  v8::Isolate::Initialize(isolate, params);
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate->Enter();

  v8::HandleScope handles(isolate);
  env = new Env(isolate, uv_default_loop());
  env->options = &options;
  v8::Local<v8::Context> context = v8::Context::New(isolate);
  env->set_context(context);
  context->Enter();
  CHECK(BootLibrary(*env));
  InstallIsolateCallbacks(*env);
  StartPerformanceClock(*env);
  env->StartLoop();
  AttachPlatform(*env);
  {
    CallbackScope scope(*env, v8::Object::New(isolate), {1, 0}, {}, true);
    CHECK(!RunMainScript(*env, MainScriptId(options)).IsEmpty());
  }
  Turn(10);
  on_exit(EndOfRun, nullptr);
  feed.Reset(isolate, Global("feed"));
  settle.Reset(isolate, Global("settle"));
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  random_state = 1;
  v8::Isolate* isolate = env->isolate;
  v8::HandleScope handles(isolate);
  Call(feed, NewBuffer(*env, data, size));
  Turn(8);
  for (bool last : {false, true}) {
    Call(settle, v8::Boolean::New(isolate, last));
    Turn(4);
  }
  static uint32_t count = 0;
  if (++count % 64 == 0) isolate->LowMemoryNotification();  // collects weak objects too
  return 0;
}
