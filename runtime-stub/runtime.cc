// See runtime.h.
#include "runtime-stub/runtime.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime-stub/binding/async_wrap.h"

namespace absl {
// V8's archive was built without NDEBUG: every mutex feeds a lock-order graph. Off it
// saves 260 page faults at start (architecture.md, 3).
enum class OnDeadlockCycle { kIgnore, kReport, kAbort };
void SetMutexDeadlockDetectionMode(OnDeadlockCycle mode);
}  // namespace absl

namespace kiln {

namespace {

std::unique_ptr<Platform> platform;

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
    platform->RunForegroundTasks(env.isolate);
  }
  int64_t delay = platform->NextDelay(env.isolate);
  if (delay < 0) return;
  uv_timer_start(
      &handles.timer,
      [](uv_timer_t* t) { RunPlatformTasks(*static_cast<PlatformHandles*>(t->data)); },
      uint64_t(delay), 0);
}

}  // namespace

void PrepareProcess() {
  struct stat info;
  for (int fd = 0; fd <= 2; fd++)
    if (fstat(fd, &info) != 0 && open("/dev/null", O_RDWR) != fd) std::abort();
  signal(SIGPIPE, SIG_IGN);
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void SetV8Flags(const std::vector<std::string>& flags) {
  // V8 lets flags change later (v8.setFlagsFromString).
  v8::V8::SetFlagsFromString("--no-freeze-flags-after-init");
  for (const std::string& flag : flags)
    v8::V8::SetFlagsFromString(flag.c_str(), flag.size());
}

void StartV8(int threads) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  platform = Platform::Make(threads);
  v8::V8::InitializePlatform(platform.get());
  v8::V8::Initialize();
}

Platform& ThePlatform() { return *platform; }

v8::ArrayBuffer::Allocator* BufferAllocator() {
  static v8::ArrayBuffer::Allocator* allocator =
      v8::ArrayBuffer::Allocator::NewDefaultAllocator();
  return allocator;
}

void AttachPlatform(Env& env) {
  auto* handles = new PlatformHandles{&env, {}, {}};
  CHECK(uv_timer_init(env.loop, &handles->timer) == 0);
  CHECK(uv_async_init(env.loop, &handles->wake, [](uv_async_t* wake) {
          RunPlatformTasks(*static_cast<PlatformHandles*>(wake->data));
        }) == 0);
  handles->timer.data = handles->wake.data = handles;
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles->timer));
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles->wake));
  platform->SetWake(env.isolate, [handles] { uv_async_send(&handles->wake); });
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

int ExitCode(Env& env, int otherwise) {
  return env.exit_info[2] ? env.exit_info[1] : otherwise;
}

// The promise of an ES module's evaluation that never settled.
bool HasUnsettledTopLevelAwait(Env& env) {
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Value> promise;
  return env.context()
             ->Global()
             ->GetPrivate(env.context(), env.Private("entry_point_promise_private_symbol"))
             .ToLocal(&promise) &&
         promise->IsPromise() &&
         promise.As<v8::Promise>()->State() == v8::Promise::kPending;
}

}  // namespace

int RunLoop(Env& env) {
  bool more;
  do {
    if (env.stopping) break;
    uv_run(env.loop, UV_RUN_DEFAULT);
    if (env.stopping) break;
    // What worker threads still compile may settle promises (WebAssembly).
    do {
      platform->WaitForWorkers();
    } while (platform->RunForegroundTasks(env.isolate));
    {
      v8::HandleScope scope(env.isolate);
      CallbackScope drain(env, v8::Object::New(env.isolate), {0, 0});
    }
    more = uv_loop_alive(env.loop);
    if (more) continue;
    Emit(env, "beforeExit", ExitCode(env, 0));
    more = uv_loop_alive(env.loop);
  } while (more && !env.stopping);

  env.exit_info[0] = 1;
  int code = 0;
  if (!env.exit_info[2] && HasUnsettledTopLevelAwait(env)) {
    code = 13;
    std::fputs("Warning: Detected unsettled top-level await\n", stderr);
  }
  Emit(env, "exit", ExitCode(env, code));
  return ExitCode(env, code);
}

}  // namespace kiln
