// The clock of the Performance API, and declarations shared by its files. Times are nanoseconds of
// uv_hrtime(), unless stated otherwise.
#pragma once

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// Indexes of the array `milestones` of internalBinding('performance'), in Node's order.
enum Milestone {
  kTimeOriginTimestamp,  // microseconds since 1970
  kTimeOrigin,           // this and all others: nanoseconds; -1 if not reached
  kMilestoneEnvironment,
  kMilestoneNodeStart,
  kMilestoneV8Start,
  kMilestoneLoopStart,
  kMilestoneLoopExit,
  kMilestoneBootstrapComplete,
  kMilestoneCount,
};

// Record when the process and V8 started. Call each once, before there is an Env: they are not
// thread-safe.
void NoteProcessStart();
void NoteV8Start();
// Starts the clock of an Env: performance.now() counts from the start of the process. Call it at
// each start, because a snapshot contains the times of its builder. Also enables the loop's
// measurement of idle time.
void StartPerformanceClock(Env& env);
// Sets a milestone to the current time. Starts the clock first if that was not done. From the Env's
// thread.
void MarkMilestone(Env& env, Milestone milestone);

// The entry types of PerformanceObserver that native code creates, in the order of
// `observerCounts`.
enum class ObservedType { kGc, kHttp, kHttp2, kNet, kDns, kQuic, kCount };
// Whether an observer for the type exists; if not, native code need not measure. Does not run
// JavaScript, so it may be called during garbage collection.
bool IsObserved(Env& env, ObservedType type);
// Queues an entry for the observers, which the loop delivers: it keeps the loop alive until then.
// `name` must have static storage; `start` and `end` are times of uv_hrtime(); `details` becomes
// the entry's `detail`. Observers that end before the delivery do not receive it.
void DeferObserve(Env& env, ObservedType type, const char* name, uint64_t start, uint64_t end,
                  v8::Local<v8::Object> details);

extern const ClassEntry kHistogramClass;
extern const ClassEntry kIntervalHistogramClass;
extern const ClassEntry kIterationHistogramClass;
// createELDHistogram(resolution in milliseconds, sample once per iteration): returns a histogram of
// the delay of the event loop in nanoseconds, which is stopped.
void CreateLoopDelayHistogram(Env& env, const Args& args);

}  // namespace kiln::runtime
