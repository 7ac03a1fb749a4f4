// The thread of a worker, from its isolate to its end. Its isolate is made from the same snapshot as the
// main thread's, because all isolates of a process share one read-only heap. The snapshot of an app that
// uses workers has a context for them, in which the library has booted. Otherwise the context is the
// plain one that every snapshot has for vm.createContext(), and the library boots in it from its sources.
// It is never the app's context: what the build evaluated of the modules is there, and a worker has
// instances of its own (docs/snapshots.md).
#include <algorithm>
#include <memory>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/contextify/disable_proto.h"
#include "runtime-stub/bindings/fs/fs.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/bindings/worker/worker_thread.h"
#include "runtime-stub/command_line/permission_options.h"
#include "runtime-stub/exceptions/fatal_error.h"
#include "runtime-stub/library/library_scripts.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/context_features.h"
#include "runtime-stub/platform/start_v8.h"
#include "runtime-stub/thread/boot.h"
#include "runtime-stub/thread/isolate.h"
#include "runtime-stub/thread/run_loop.h"

namespace kiln::runtime {

namespace {

// Takes over the limits that the app has set, and fills in the others.
void ApplyLimits(double (&limits)[kTotalResourceLimitCount], uintptr_t stack_limit,
                 v8::ResourceConstraints* constraints) {
  constexpr double kMegabyte = 1024 * 1024;
  constraints->set_stack_limit(reinterpret_cast<uint32_t*>(stack_limit));
  auto apply = [&](ResourceLimit which, size_t (v8::ResourceConstraints::*get)() const,
                   void (v8::ResourceConstraints::*set)(size_t)) {
    if (limits[which] > 0)
      (constraints->*set)(size_t(std::min(limits[which], 1e9) * kMegabyte));
    else
      limits[which] = double((constraints->*get)()) / kMegabyte;
  };
  using C = v8::ResourceConstraints;
  apply(kMaxYoungGenerationSizeMb, &C::max_young_generation_size_in_bytes,
        &C::set_max_young_generation_size_in_bytes);
  apply(kMaxOldGenerationSizeMb, &C::max_old_generation_size_in_bytes,
        &C::set_max_old_generation_size_in_bytes);
  apply(kCodeRangeSizeMb, &C::code_range_size_in_bytes, &C::set_code_range_size_in_bytes);
}

// The thread ends; what it does meanwhile needs some memory.
size_t OnNearHeapLimit(void* data, size_t current, size_t) {
  constexpr size_t kRoom = 16 * 1024 * 1024;
  static_cast<WorkerThread*>(data)->Exit(1, "ERR_WORKER_OUT_OF_MEMORY", "JS heap out of memory");
  return current + kRoom;
}

bool MakePort(Env& env, WorkerThread& thread) {
  v8::HandleScope scope(env.isolate);
  MessagePort* port = MessagePort::New(env, env.context(), std::move(thread.child_port));
  if (port) env.Set(Slot::kEnvMessagePort, port->object());
  return port != nullptr;
}

// Everything that runs JavaScript. Returns early when the thread shall end.
void RunEnv(Env& env, WorkerThread& thread) {
  v8::Isolate* isolate = env.isolate;
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context;
  const bool restore = HasWorkerContext(env.payload);
  {
    ContextCreation creation(isolate);
    if (restore) {
      (void)v8::Context::FromSnapshot(isolate, kWorkerContext).ToLocal(&context);
    } else {
      context = v8::Context::New(isolate);
    }
  }
  if (context.IsEmpty())
    return thread.Exit(1, "ERR_WORKER_INIT_FAILED", "Failed to create new Context");
  env.set_context(context);
  v8::Context::Scope in_context(context);
  env.StartLoop();
  InstallIsolateCallbacks(env);
  if (restore) env.RestoreTemplates();
  if (MakeInspector && SelectedComponents().Has(OptionalComponent::kInspector))
    env.inspector = MakeInspector(env);
  if (!thread.Publish(env, isolate)) return;
  if (!restore && !BootLibrary(env, ThreadKind::kWorker)) return;
  ApplyDisableProto(env, context);
  StartPerformanceClock(env);
  AttachPlatform(env);
  if (thread.track_unmanaged_fds) env.State<fs::UnmanagedFds>().Enable();
  if (!MakePort(env, thread)) return;
  if (env.inspector) env.inspector->BeforeMainScript();
  {
    CallbackScope scope(env, v8::Object::New(isolate), {1, 0}, {}, true);
    v8::Local<v8::Function> start = env.GetFunction(Slot::kAppStart);
    if ((restore ? start->Call(context, env.Undefined(), 0, nullptr)
                 : RunMainScript(env, "internal/main/worker_thread"))
            .IsEmpty())
      scope.MarkFailed();
  }
  if (env.stopping) return;
  thread.loop_start = double(uv_hrtime());
  thread.Finish(RunLoop(env));
}

}  // namespace

void WorkerThread::Run() {
  uv_loop_t loop;
  if (int rc = uv_loop_init(&loop); rc != 0) {
    char text[64];
    return Exit(1, "ERR_WORKER_INIT_FAILED", uv_err_name_r(rc, text, sizeof text));
  }
  v8::Isolate* isolate = v8::Isolate::Allocate();
  ThePlatform().RegisterIsolate(isolate);
  v8::Isolate::CreateParams params;
  v8::StartupData blob = {nullptr, 0};
  PrepareIsolate(options, payload, &blob, &params);
  ApplyLimits(limits, stack_limit_, &params.constraints);
  InitializeIsolate(isolate, params);
  isolate->AddNearHeapLimitCallback(OnNearHeapLimit, this);
  {
    v8::Isolate::Scope in_isolate(isolate);
    v8::HandleScope handles(isolate);
    isolate->SetStackLimit(stack_limit_);
    Env env(isolate, &loop);
    env.thread_id = id;
    env.worker = this;
    env.variables = variables;
    env.options = &options;
    env.payload = payload;
    env.source_maps_enabled = payload && payload->has_source_map;
    env.pending_deprecation = options.GetBool("--pending-deprecation");
    env.permissions = PermissionsOfWorker(options, permissions);
    if (env.permissions) env.permissions->always_readable = embedded::Owns;
    RunEnv(env, *this);
    if (env.inspector) env.inspector->AtExit();
    Withdraw();
    isolate->CancelTerminateExecution();
    env.CleanUp();
  }
  // The platform first: another isolate may get the address of this one as soon as it is disposed.
  ThePlatform().UnregisterIsolate(isolate);
  isolate->Dispose();
  CHECK(uv_loop_close(&loop) == 0);
}

}  // namespace kiln::runtime
