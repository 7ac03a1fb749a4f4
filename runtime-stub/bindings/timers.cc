// internalBinding("timers"): the loop's clock, and control of the one timer and the one idle handle
// that implement setTimeout and setImmediate (thread/loop_handles.cc). JavaScript keeps the lists
// of timers and sets the next wake-up time.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/saturate.h"

namespace kiln::runtime {
namespace {

void SetupTimers(Env& env, v8::Local<v8::Function> process_immediate,
                 v8::Local<v8::Function> process_timers) {
  env.Set(Slot::kProcessImmediate, process_immediate);
  env.Set(Slot::kProcessTimers, process_timers);
}

// Milliseconds since the loop started. Called by every setTimeout(), so it has a fast call.
double GetLibuvNow(Env& env) {
  uv_update_time(env.loop);
  return double(uv_now(env.loop) - env.timer_base);
}

void ScheduleTimer(Env& env, double delay) { env.ScheduleTimer(Saturate<int64_t>(delay)); }
void ToggleTimerRef(Env& env, bool ref) { env.ToggleTimerRef(ref); }
void ToggleImmediateRef(Env& env, bool ref) { env.ToggleImmediateRef(ref); }

constexpr Entry kFunctions[] = {
    Method<SetupTimers>("setupTimers"),
    Fast<GetLibuvNow>("getLibuvNow"),
    Fast<ScheduleTimer>("scheduleTimer"),
    Fast<ToggleTimerRef>("toggleTimerRef"),
    Fast<ToggleImmediateRef>("toggleImmediateRef"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "immediateInfo", env.immediate_info.js());
  env.Set(exports, "timeoutInfo", env.timeout_info.js());
}

}  // namespace

extern const Binding kTimersBinding;
const Binding kTimersBinding = {.name = "timers", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
