#include "runtime-stub/thread/run_loop.h"

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/bindings/module_wrap.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/platform/platform.h"
#include "runtime-stub/platform/start_v8.h"

namespace kiln::runtime {

namespace {

struct PlatformHandles {
  Env* env;
  uv_async_t wake;
  uv_timer_t timer;
};

void RunPlatformTasks(PlatformHandles& handles) {
  Env& env = *handles.env;
  v8::HandleScope scope(env.isolate);
  {
    CallbackScope callbacks(env, v8::Object::New(env.isolate), {0, 0});
    ThePlatform().RunForegroundTasks(env.isolate);
  }
  int64_t delay = ThePlatform().NextDelay(env.isolate);
  if (delay < 0) return;
  uv_timer_start(
      &handles.timer,
      [](uv_timer_t* t) { RunPlatformTasks(*static_cast<PlatformHandles*>(t->data)); },
      uint64_t(delay), 0);
}

}  // namespace

void AttachPlatform(Env& env) {
  auto* handles = new PlatformHandles{&env, {}, {}};
  env.platform_handles = handles;
  CHECK(uv_timer_init(env.loop, &handles->timer) == 0);
  CHECK(uv_async_init(env.loop, &handles->wake, [](uv_async_t* wake) {
          RunPlatformTasks(*static_cast<PlatformHandles*>(wake->data));
        }) == 0);
  handles->timer.data = handles->wake.data = handles;
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles->timer));
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles->wake));
  ThePlatform().SetWake(env.isolate, [handles] { uv_async_send(&handles->wake); });
}

void FreePlatformHandles(Env& env) {
  delete static_cast<PlatformHandles*>(env.platform_handles);
  env.platform_handles = nullptr;
}

namespace {

void Emit(Env& env, const char* event, int code) {
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  v8::Local<v8::Value> emit = env.Get(env.process(), "emit");
  if (!emit->IsFunction() || !env.can_call_into_js()) return;
  v8::Local<v8::Value> args[] = {env.Name(event), v8::Integer::New(env.isolate, code)};
  (void)MakeCallback(env, env.process(), emit.As<v8::Function>(), args, {0, 0});
}

int ExitCode(Env& env, int otherwise) { return env.exit_info[2] ? env.exit_info[1] : otherwise; }

// The promise of an ES module's evaluation that never settled.
bool HasUnsettledTopLevelAwait(Env& env) {
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Value> promise;
  return env.context()
             ->Global()
             ->GetPrivate(env.context(), env.Private("entry_point_promise_private_symbol"))
             .ToLocal(&promise) &&
         promise->IsPromise() && promise.As<v8::Promise>()->State() == v8::Promise::kPending;
}

}  // namespace

bool TurnLoop(Env& env) {
  if (env.stopping) return false;
  uv_run(env.loop, UV_RUN_DEFAULT);
  if (env.stopping) return false;
  // What worker threads still compile may settle promises (WebAssembly), and what awaits these may
  // give the workers more to do.
  bool idle;
  do {
    idle = ThePlatform().WaitForWorkers(env.isolate);
    if (ThePlatform().RunForegroundTasks(env.isolate)) idle = false;
    v8::HandleScope scope(env.isolate);
    CallbackScope drain(env, v8::Object::New(env.isolate), {0, 0});
  } while (!idle);
  if (uv_loop_alive(env.loop)) return true;
  RunDestroyHooks(env);  // the loop may have ended before its check phase
  Emit(env, "beforeExit", ExitCode(env, 0));
  return uv_loop_alive(env.loop) && !env.stopping;
}

int RunLoop(Env& env) {
  MarkMilestone(env, kMilestoneLoopStart);
  while (TurnLoop(env)) {
  }
  if (env.stopping) return 0;
  MarkMilestone(env, kMilestoneLoopExit);
  env.exit_info[0] = 1;
  if (ExitCode(env, 0) == 0 && HasUnsettledTopLevelAwait(env)) {
    CheckUnsettledTopLevelAwait(env);  // prints where it waits
    env.exit_info[1] = 13;
    env.exit_info[2] = 1;
  }
  Emit(env, "exit", ExitCode(env, 0));
  return ExitCode(env, 0);
}

}  // namespace kiln::runtime
