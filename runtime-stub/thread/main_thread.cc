#include "runtime-stub/thread/main_thread.h"

#include <uv.h>
#include <v8.h>

#include <algorithm>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/contextify/disable_proto.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/bindings/wasm_web_api.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/library/library_scripts.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/context_features.h"
#include "runtime-stub/platform/memory_limit.h"
#include "runtime-stub/platform/page_allocator.h"
#include "runtime-stub/platform/start_memory.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/thread/boot.h"
#include "runtime-stub/thread/run_loop.h"
#include "runtime-stub/thread/training.h"

namespace kiln::runtime {

namespace {

// Whether a V8 flag sets the size of the young generation, which the flags do after the constraints.
bool SetsYoungGeneration(const RunOptions& options, const std::optional<Payload>& payload) {
  auto sets = [](std::string flag) {
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag.starts_with("--max-semi-space-size");
  };
  return std::any_of(options.v8_flags.begin(), options.v8_flags.end(), sets) ||
         (payload && std::any_of(payload->v8_flags.begin(), payload->v8_flags.end(), sets));
}

}  // namespace

int RunMainThread(const RunOptions& options, const std::optional<Payload>& payload,
                  std::string_view main_script) {
  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);

  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = BufferAllocator();
  params.external_references = ExternalReferences().data();
  if (uint64_t memory = UsableMemory()) params.constraints.ConfigureDefaults(memory, 0);
  // At most three semi-spaces of 8 MB. V8's own limit is 16 MB, which a busy server reaches within
  // two minutes regardless of how much it keeps: 16 MB more memory (28 %) without a measurable gain
  // in speed. --max-semi-space-size overrides this. The old generation gets the difference, so that
  // the limit of the whole heap (v8.getHeapStatistics().heap_size_limit) is Node's.
  constexpr size_t kMaxYoungGeneration = 3 * (size_t{8} << 20);
  v8::ResourceConstraints& limits = params.constraints;
  if (size_t young = limits.max_young_generation_size_in_bytes();
      young > kMaxYoungGeneration && !SetsYoungGeneration(options, payload)) {
    limits.set_max_young_generation_size_in_bytes(kMaxYoungGeneration);
    limits.set_max_old_generation_size_in_bytes(limits.max_old_generation_size_in_bytes() + young -
                                                kMaxYoungGeneration);
  }
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
    env.source_maps_enabled = payload && payload->has_source_map;
    env.abort_on_uncaught = options.abort_on_uncaught;
    env.pending_deprecation = options.GetBool("--pending-deprecation");
    if (restore) FeaturesAreInSnapshot(isolate);
    v8::Local<v8::Context> context;
    {
      ContextCreation creation(isolate);
      context = restore ? v8::Context::FromSnapshot(isolate, 0).ToLocalChecked()
                        : v8::Context::New(isolate);
    }
    CloseStartMemory();
    env.set_context(context);
    // V8 has read all of it; only vm.createContext() reads a part again.
    if (restore) ReleaseConstants(payload->snapshot);
    v8::Context::Scope in_context(context);
    if (restore)
      env.RestoreTemplates();
    else if (!BootLibrary(env))
      return 10;
    StartTraining(env);
    ApplyDisableProto(env, context);
    InstallIsolateCallbacks(env);
    // Dates whose local fields were read while the snapshot was taken have the builder's time zone.
    if (restore && payload->evaluate)
      isolate->DateTimeConfigurationChangeNotification(v8::Isolate::TimeZoneDetection::kRedetect);
    StartPerformanceClock(env);
    env.StartLoop();
    AttachPlatform(env);
    {
      CallbackScope scope(env, v8::Object::New(isolate), {1, 0}, {}, true);
      v8::Local<v8::Function> start = env.GetFunction(Slot::kAppStart);
      bool is_app = main_script == "internal/main/kiln_app" && !start.IsEmpty();
      if ((is_app ? start->Call(context, env.Undefined(), 0, nullptr)
                  : RunMainScript(env, main_script))
              .IsEmpty())
        scope.MarkFailed();
    }
    code = RunLoop(env);
    env.Exit(code);
  }
  return code;
}

}  // namespace kiln::runtime
