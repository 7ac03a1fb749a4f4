// Runs the app in the snapshot builder. What it may leave in the heap is checked in JavaScript
// (internal/kiln/evaluate); this file runs the loop and checks handles and descriptors.
#include "runtime-stub/snapshot_builder/evaluate_app.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/handle.h"
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/exceptions/uncaught.h"
#include "runtime-stub/library/library_scripts.h"
#include "runtime-stub/thread/boot.h"
#include "runtime-stub/thread/run_loop.h"

namespace kiln::runtime {

namespace {

// A server that listens would keep the builder running forever.
constexpr uint64_t kIdleLimitMilliseconds = 60'000;

// Runs the loop until nothing keeps it alive; false if something still does after
// kIdleLimitMilliseconds.
bool RunUntilIdle(Env& env) {
  static uv_timer_t limit;
  bool late = false;
  limit.data = &late;
  uv_timer_init(env.loop, &limit);
  uv_timer_start(
      &limit,
      [](uv_timer_t* timer) {
        *static_cast<bool*>(timer->data) = true;
        uv_stop(timer->loop);
      },
      kIdleLimitMilliseconds, 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(&limit));
  while (TurnLoop(env) && !late) {
  }
  uv_timer_stop(&limit);
  return !late;
}

void ReportOpen(Env& env) {
  std::fprintf(
      stderr,
      "kiln: the app was still waiting for something %d seconds after it began; --evaluate "
      "needs an app that ends by itself. Start servers and timers in the function given "
      "to v8.startupSnapshot.setDeserializeMainFunction.\n",
      int(kIdleLimitMilliseconds / 1000));
  for (HandleWrap* handle : env.handles)
    std::fprintf(stderr, "kiln: this %s is open; it was made here:\n%s", handle->type_name(),
                 handle->created_at().c_str());
}

// Calls a function of internal/kiln/evaluate; true when it returned true. What the app
// throws inside is uncaught, as at run time: it ends the builder unless the app handles it.
bool CallHelper(Env& env, std::string_view name) {
  CallbackScope scope(env, v8::Object::New(env.isolate), {1, 0}, {}, true);
  v8::Local<v8::Value> helpers, result;
  if (RequireBuiltin(env, "internal/kiln/evaluate").ToLocal(&helpers)) {
    v8::Local<v8::Value> function = env.Get(helpers.As<v8::Object>(), name);
    if (function.As<v8::Function>()
            ->Call(env.context(), env.Undefined(), 0, nullptr)
            .ToLocal(&result))
      return result->IsTrue();
  }
  scope.MarkFailed();
  return false;
}

std::set<int> OpenDescriptors() {
  std::set<int> open;
  if (DIR* folder = opendir("/proc/self/fd")) {
    while (dirent* entry = readdir(folder))
      if (int fd = std::atoi(entry->d_name); fd > 2 && fd != dirfd(folder)) open.insert(fd);
    closedir(folder);
  }
  return open;
}

std::set<int>& DescriptorsBefore() {
  static std::set<int>& before = *new std::set<int>;
  return before;
}

}  // namespace

bool EvaluateApp(Env& env) {
  InstallIsolateCallbacks(env);
  env.StartLoop();
  AttachPlatform(env);
  uv_run(env.loop, UV_RUN_NOWAIT);  // the loop opens its own descriptors
  DescriptorsBefore() = OpenDescriptors();
  v8::HandleScope scope(env.isolate);
  CallHelper(env, "evaluate");
  if (!RunUntilIdle(env)) {
    ReportOpen(env);
    return false;
  }
  if (CallHelper(env, "settled")) return true;
  std::fputs("kiln: the app's top-level await did not settle: nothing is left to wait for.\n",
             stderr);
  return false;
}

bool FinishEvaluation(Env& env) {
  v8::HandleScope scope(env.isolate);
  if (!RunUntilIdle(env)) {
    ReportOpen(env);
    return false;
  }
  const bool clean = CallHelper(env, "finish");
  env.Set(Slot::kAppFunction, env.Undefined());
  env.isolate->PerformMicrotaskCheckpoint();
  env.isolate->RemoveMessageListeners(OnMessage);
  for (int fd : OpenDescriptors()) {
    if (DescriptorsBefore().contains(fd)) continue;
    char name[256] = "", link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, name, sizeof name - 1);
    // libuv keeps one descriptor in reserve once a stream exists.
    if (std::string_view(name, size_t(std::max<ssize_t>(size, 0))) == "/dev/null") continue;
    std::fprintf(stderr,
                 "kiln: the app left descriptor %d open (%.*s); it will not be open when the app "
                 "starts.\n",
                 fd, int(std::max<ssize_t>(size, 0)), name);
  }
  return clean;
}

}  // namespace kiln::runtime
