// The loop handles behind timers and immediates: one timer, one check and one idle. The
// first two are unreferenced; the idle handle is active only while an immediate is queued, and
// keeps the loop alive meanwhile.
#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime {

namespace {

// JavaScript's processTimers(now) returns when to call it next, as a time: 0 for never, positive if
// the timer keeps the loop alive, negative if it does not. It is called again after an exception.
void RunTimers(uv_timer_t* handle) {
  Env& env = *static_cast<Env*>(handle->data);
  if (!env.can_call_into_js()) return;
  v8::HandleScope handles(env.isolate);
  CallbackScope scope(env, env.process(), {0, 0});
  v8::Local<v8::Function> process_timers = env.GetFunction(Slot::kProcessTimers);
  if (process_timers.IsEmpty()) return;
  v8::Local<v8::Value> result;
  do {
    v8::TryCatch verbose(env.isolate);
    verbose.SetVerbose(true);
    v8::Local<v8::Value> now =
        v8::Number::New(env.isolate, double(uv_now(env.loop) - env.timer_base));
    if (!process_timers->Call(env.context(), env.process(), 1, &now).ToLocal(&result)) result = {};
  } while (result.IsEmpty() && env.can_call_into_js());
  if (result.IsEmpty() || !result->IsNumber()) return;
  double expiry = result.As<v8::Number>()->Value();
  if (expiry == 0) return;
  double now = double(uv_now(env.loop) - env.timer_base);
  double delay = std::abs(expiry) - now;
  env.ScheduleTimer(delay > 0 ? int64_t(delay) : 1);
  if (expiry > 0)
    uv_ref(reinterpret_cast<uv_handle_t*>(handle));
  else
    uv_unref(reinterpret_cast<uv_handle_t*>(handle));
}

void RunImmediates(uv_check_t* handle) {
  Env& env = *static_cast<Env*>(handle->data);
  v8::HandleScope handles(env.isolate);
  v8::Context::Scope entered(env.context());
  if (env.has_native_immediates()) {
    // As in Node, ticks and microtasks run once, after all native work.
    CallbackScope scope(env, v8::Object::New(env.isolate), {0, 0});
    env.RunNativeImmediates();
  }
  if (env.immediate_info[0] == 0 || !env.can_call_into_js()) return;
  do {
    v8::Local<v8::Function> process_immediate = env.GetFunction(Slot::kProcessImmediate);
    if (process_immediate.IsEmpty()) return;
    (void)MakeCallback(env, env.process(), process_immediate, {});
  } while (env.immediate_info[2] != 0 && env.can_call_into_js());
  if (env.immediate_info[1] == 0 && !env.has_ref_native_immediates()) env.ToggleImmediateRef(false);
}

}  // namespace

void Env::StartLoop() {
  CHECK(!loop_started_);
  CHECK(uv_timer_init(loop, &timer_handle) == 0);
  CHECK(uv_check_init(loop, &immediate_check) == 0);
  CHECK(uv_idle_init(loop, &immediate_idle) == 0);
  CHECK(uv_async_init(loop, &task_async, [](uv_async_t* handle) {
          Env& env = *static_cast<Env*>(handle->data);
          v8::HandleScope scope(env.isolate);
          v8::Context::Scope entered(env.context());
          env.DrainPosted();
        }) == 0);
  timer_handle.data = immediate_check.data = immediate_idle.data = task_async.data = this;
  CHECK(uv_check_start(&immediate_check, RunImmediates) == 0);
  for (auto* handle : {reinterpret_cast<uv_handle_t*>(&timer_handle),
                       reinterpret_cast<uv_handle_t*>(&immediate_check),
                       reinterpret_cast<uv_handle_t*>(&task_async)})
    uv_unref(handle);
  timer_base = uv_now(loop);
  uv_mutex_lock(&posted_mutex_);
  loop_started_ = true;
  bool waiting = !posted_.empty();
  uv_mutex_unlock(&posted_mutex_);
  if (waiting) uv_async_send(&task_async);
  // What JavaScript scheduled before the loop existed (while a snapshot was being built).
  if (immediate_info[1] > 0 || native_immediates_ref_ > 0) ToggleImmediateRef(true);
}

void Env::ScheduleTimer(int64_t delay_ms) {
  if (loop_started_) uv_timer_start(&timer_handle, RunTimers, uint64_t(delay_ms), 0);
}

void Env::AddRefs(int count) {
  CHECK(loop_started_);
  const bool had = refs_ > 0;
  refs_ += count;
  if (had == refs_ > 0) return;
  auto* handle = reinterpret_cast<uv_handle_t*>(&task_async);
  had ? uv_unref(handle) : uv_ref(handle);
}

void Env::ToggleTimerRef(bool ref) {
  if (!loop_started_) return;
  auto* handle = reinterpret_cast<uv_handle_t*>(&timer_handle);
  ref ? uv_ref(handle) : uv_unref(handle);
}

// The idle handle does nothing; while it is active the loop does not block in poll, so
// the check phase follows immediately.
void Env::ToggleImmediateRef(bool ref) {
  if (!loop_started_ || stopping) return;
  if (ref)
    uv_idle_start(&immediate_idle, [](uv_idle_t*) {});
  else if (native_immediates_ref_ == 0)
    uv_idle_stop(&immediate_idle);
}

}  // namespace kiln::runtime
