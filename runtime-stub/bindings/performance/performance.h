// The clock of the Performance API, and what its files share.
#pragma once

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

enum Milestone {
  kTimeOriginTimestamp,  // microseconds since 1970
  kTimeOrigin,           // this and the rest: nanoseconds of uv_hrtime, -1: not yet
  kMilestoneEnvironment,
  kMilestoneNodeStart,
  kMilestoneV8Start,
  kMilestoneLoopStart,
  kMilestoneLoopExit,
  kMilestoneBootstrapComplete,
  kMilestoneCount,
};

// Remembers when the process and V8 started; called once, first thing.
void NoteProcessStart();
void NoteV8Start();
// Starts the clock of an Env: performance.now() counts from the process's start. Needed
// again after a snapshot was opened, whose own times are those of the builder. Turns the
// loop's idle-time measurement on.
void StartPerformanceClock(Env& env);
void MarkMilestone(Env& env, Milestone milestone);

// What PerformanceObserver can ask for; the order is that of `observerCounts`.
enum class ObservedType { kGc, kHttp, kHttp2, kNet, kDns, kQuic, kCount };
bool IsObserved(Env& env, ObservedType type);
// Gives the observers an entry, from the loop. The times are of uv_hrtime.
void DeferObserve(Env& env, ObservedType type, const char* name, uint64_t start, uint64_t end,
                  v8::Local<v8::Object> details);

extern const ClassEntry kHistogramClass;
extern const ClassEntry kIntervalHistogramClass;
extern const ClassEntry kIterationHistogramClass;
// createELDHistogram(resolution, sample once per iteration)
void CreateLoopDelayHistogram(Env& env, const Args& args);

}  // namespace kiln::runtime
