// libFuzzer target: what clients send to an HTTP/2 server. The runtime starts as a bare stub
// that runs http2_session.js (beside this file), whose feed() gives each input to a new
// session; then the loop turns until the session has had its say. Coverage is taken of
// bindings/http2 alone.
//
//   ninja -C build/release fuzz-http2-session
//   build/release/tests/fuzz/fuzz-http2-session -max_len=4096 FOLDER_OF_INPUTS
#include <uv.h>
#include <v8.h>

#include <cstdint>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/boot.h"
#include "runtime-stub/options.h"
#include "runtime-stub/runtime.h"

using namespace kiln;

namespace {

Env* env = nullptr;
v8::Global<v8::Function> feed;

v8::MaybeLocal<v8::Value> Call(v8::Local<v8::Function> function,
                               std::span<v8::Local<v8::Value>> args) {
  return MakeCallback(*env, env->process(), function, args);
}

void Turn(int times) {
  while (times-- > 0) uv_run(env->loop, UV_RUN_NOWAIT);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char*** argv) {
  NoteProcessStart();
  PrepareProcess();
  static RunOptions options;
  static char script[] = KILN_FUZZ_SCRIPT;
  char* args[] = {(*argv)[0], script, nullptr};
  CHECK(ParseCommandLine(2, args, &options) == 0);
  SetV8Flags({});
  CHECK(ApplyV8Flags(&options) == 0);
  NoteV8Start();
  StartV8(1);

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
  v8::Local<v8::Value> function = env->Get(context->Global(), "feed");
  CHECK(function->IsFunction());
  feed.Reset(isolate, function.As<v8::Function>());
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  v8::Isolate* isolate = env->isolate;
  v8::HandleScope handles(isolate);
  v8::Local<v8::Value> bytes = NewBuffer(*env, data, size);
  v8::Local<v8::Value> finish;
  bool fed = Call(feed.Get(isolate), std::span(&bytes, 1)).ToLocal(&finish);
  Turn(8);
  for (bool last : {false, true}) {
    v8::Local<v8::Value> arg = v8::Boolean::New(isolate, last);
    if (fed && finish->IsFunction()) (void)Call(finish.As<v8::Function>(), std::span(&arg, 1));
    Turn(4);
  }
  static uint32_t count = 0;
  if (++count % 64 == 0) isolate->LowMemoryNotification();  // weak objects go as well
  return 0;
}
