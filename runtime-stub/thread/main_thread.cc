#include "runtime-stub/thread/main_thread.h"

#include <uv.h>
#include <v8.h>

#include <algorithm>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/contextify/disable_proto.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/bindings/v8/v8.h"
#include "runtime-stub/command_line/permission_options.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/library/library_scripts.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/platform/context_features.h"
#include "runtime-stub/platform/page_allocator.h"
#include "runtime-stub/platform/start_memory.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/thread/boot.h"
#include "runtime-stub/thread/isolate.h"
#include "runtime-stub/thread/run_loop.h"
#include "runtime-stub/thread/training.h"

namespace kiln::runtime {

int RunMainThread(const RunOptions& options, const std::optional<Payload>& payload,
                  std::string_view main_script) {
  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);

  v8::Isolate::CreateParams params;
  v8::StartupData blob = {nullptr, 0};
  const bool restore = HasSnapshot(payload ? &*payload : nullptr);
  PrepareIsolate(options, payload ? &*payload : nullptr, &blob, &params);
  if (restore) SetAppText(payload->script);
  InitializeIsolate(isolate, params);

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
    env.permissions = PermissionsOf(options);
    if (env.permissions) env.permissions->always_readable = embedded::Owns;
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
    if (restore) env.RestoreTemplates();
    if (MakeInspector && SelectedComponents().Has(OptionalComponent::kInspector))
      env.inspector = MakeInspector(env);
    if (!restore && !BootLibrary(env, ThreadKind::kMain)) return 10;
    StartTraining(env);
    ApplyDisableProto(env, context);
    InstallIsolateCallbacks(env);
    // Dates whose local fields were read while the snapshot was taken have the builder's time zone.
    if (restore && payload->evaluate)
      isolate->DateTimeConfigurationChangeNotification(v8::Isolate::TimeZoneDetection::kRedetect);
    StartPerformanceClock(env);
    env.StartLoop();
    AttachPlatform(env);
    // With a permission model only v8.setHeapSnapshotNearHeapLimit() does it, which can throw.
    if (int64_t snapshots = options.GetNumber("--heapsnapshot-near-heap-limit");
        snapshots > 0 && !(env.permissions && !env.permissions->audit()))
      SetHeapSnapshotNearHeapLimit(env, uint32_t(std::min<int64_t>(snapshots, UINT32_MAX)));
    if (env.inspector) env.inspector->BeforeMainScript();
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
    for (void (*end)(Env&) : env.at_end) end(env);
    env.Exit(code);
  }
  return code;
}

}  // namespace kiln::runtime
