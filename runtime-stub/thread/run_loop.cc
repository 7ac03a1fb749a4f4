// See runtime.h.
#include "runtime-stub/thread/run_loop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/bindings/module_wrap.h"
#include "runtime-stub/bindings/performance/performance.h"
#include "runtime-stub/platform/page_allocator.h"

namespace absl {
// V8's archive was built without NDEBUG: every mutex feeds a lock-order graph. Off it
// saves 260 page faults at start (architecture.md, 3).
enum class OnDeadlockCycle { kIgnore, kReport, kAbort };
void SetMutexDeadlockDetectionMode(OnDeadlockCycle mode);
}  // namespace absl

// Only in the V8 that scripts/parts/v8_objects.py repairs.
extern "C" [[gnu::weak]] const bool kiln_json_stringify_is_repaired;

namespace kiln::runtime {

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

// A signal that ends the process must not leave the terminal in raw mode. The handler is
// gone when it runs, so the signal that it raises has its usual effect.
void EndBySignal(int number) {
  uv_tty_reset_mode();
  raise(number);
}

}  // namespace

void PrepareProcess() {
  struct stat info;
  for (int fd = 0; fd <= 2; fd++)
    if (fstat(fd, &info) != 0 && open("/dev/null", O_RDWR) != fd) std::abort();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a write over the limit is EFBIG, as in Node
  struct sigaction end = {};
  end.sa_handler = EndBySignal;
  end.sa_flags = int(SA_RESETHAND);
  sigfillset(&end.sa_mask);
  sigaction(SIGINT, &end, nullptr);
  sigaction(SIGTERM, &end, nullptr);
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void SetV8Flags(const std::vector<std::string>& flags) {
  // V8 lets flags change later (v8.setFlagsFromString).
  v8::V8::SetFlagsFromString("--no-freeze-flags-after-init");
  // As Node does: `import source x from "x.wasm"`.
  v8::V8::SetFlagsFromString("--js-source-phase-imports");
  // On in the V8 that Node builds.
  v8::V8::SetFlagsFromString("--experimental-wasm-jspi");
  v8::V8::SetFlagsFromString("--experimental-wasm-exnref");
  // Off in Node, because of the faults that our copy of it is without.
  if (&kiln_json_stringify_is_repaired) v8::V8::SetFlagsFromString("--json-stringify-fast-path");
  for (const std::string& flag : flags) v8::V8::SetFlagsFromString(flag.c_str(), flag.size());
}

void StartV8(int threads) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  platform = Platform::Make(threads);
  v8::V8::InitializePlatform(platform.get());
  v8::V8::Initialize();
}

Platform& ThePlatform() { return *platform; }

namespace {

// Counts what it gives out, for process.memoryUsage().arrayBuffers.
class CountingAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  void* Allocate(size_t length) override { return Count(length, inner_->Allocate(length)); }
  void* AllocateUninitialized(size_t length) override {
    if (zero_fill) return Allocate(length);
    return Count(length, inner_->AllocateUninitialized(length));
  }
  void Free(void* data, size_t length) override {
    bytes.fetch_sub(length, std::memory_order_relaxed);
    inner_->Free(data, length);
  }

  std::atomic<size_t> bytes = 0;
  bool zero_fill = false;

 private:
  void* Count(size_t length, void* data) {
    if (data) bytes.fetch_add(length, std::memory_order_relaxed);
    return data;
  }
  std::unique_ptr<v8::ArrayBuffer::Allocator> inner_{NewDefaultAllocator()};
};

CountingAllocator& Allocator() {
  static CountingAllocator* allocator = new CountingAllocator;
  return *allocator;
}

}  // namespace

v8::ArrayBuffer::Allocator* BufferAllocator() { return &Allocator(); }
size_t ArrayBufferBytes() { return Allocator().bytes; }
void ZeroFillBuffers() { Allocator().zero_fill = true; }

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
  // What worker threads still compile may settle promises (WebAssembly).
  bool idle;
  do {
    idle = platform->WaitForWorkers(env.isolate);
  } while (platform->RunForegroundTasks(env.isolate) || !idle);
  {
    v8::HandleScope scope(env.isolate);
    CallbackScope drain(env, v8::Object::New(env.isolate), {0, 0});
  }
  if (uv_loop_alive(env.loop)) return true;
  RunDestroyHooks(env);  // the loop may have ended before its check phase
  Emit(env, "beforeExit", ExitCode(env, 0));
  return uv_loop_alive(env.loop) && !env.stopping;
}

namespace {

// A process that is still there then is no short command.
constexpr uint64_t kLongRunningMilliseconds = 2000;

void ReleaseConstantsLater(Env& env) {
  auto* later = new uv_timer_t;
  CHECK(uv_timer_init(env.loop, later) == 0);
  uv_timer_cb release = [](uv_timer_t* timer) {
    ReleaseConstants();
    uv_close(reinterpret_cast<uv_handle_t*>(timer),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
  };
  CHECK(uv_timer_start(later, release, kLongRunningMilliseconds, 0) == 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(later));
}

}  // namespace

int RunLoop(Env& env) {
  MarkMilestone(env, kMilestoneLoopStart);
  ReleaseConstantsLater(env);
  while (TurnLoop(env)) {
  }
  MarkMilestone(env, kMilestoneLoopExit);
  env.exit_info[0] = 1;
  if (!env.exit_info[2] && HasUnsettledTopLevelAwait(env)) {
    env.exit_info[1] = 13;
    env.exit_info[2] = 1;
  }
  Emit(env, "exit", ExitCode(env, 0));
  int code = ExitCode(env, 0);
  if (code == 0 || code == 13) CheckUnsettledTopLevelAwait(env);  // tells where
  return code;
}

}  // namespace kiln::runtime
