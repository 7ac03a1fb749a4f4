// internalBinding("performance"): milestones of the process, performance.now(), and observers of
// garbage collections. Histograms are in histogram.cc.
#include "runtime-stub/bindings/performance/performance.h"

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {
namespace {

struct ProcessStart {
  uint64_t hrtime = 0;
  uint64_t node = 0;
  double timestamp = 0;
  uint64_t v8 = 0;
};
ProcessStart process_start;

constexpr size_t kObservedTypes = size_t(ObservedType::kCount);
constexpr const char* kObservedNames[kObservedTypes] = {"gc",  "http", "http2",
                                                        "net", "dns",  "quic"};

struct State {
  explicit State(Env& env)
      : milestones(env, Slot::kMilestones, kMilestoneCount),
        observers(env, Slot::kObserverCounts, kObservedTypes) {}
  SharedArray<double> milestones;
  SharedArray<uint32_t> observers;
  double origin = 0;
  uint64_t collection_start = 0;
  bool tracking = false;
};

// Milliseconds since the time origin.
double Now(Env& env) {
  State& state = env.State<State>();
  if (state.origin == 0) StartPerformanceClock(env);
  return (double(uv_hrtime()) - state.origin) / 1e6;
}

double LoopIdleTime(Env& env) { return double(uv_metrics_idle_time(env.loop)) / 1e6; }

v8::Local<v8::Array> UvMetricsInfo(Env& env) {
  uv_metrics_t metrics;
  CHECK(uv_metrics_info(env.loop, &metrics) == 0);
  v8::Local<v8::Value> values[] = {v8::Number::New(env.isolate, double(metrics.loop_count)),
                                   v8::Number::New(env.isolate, double(metrics.events)),
                                   v8::Number::New(env.isolate, double(metrics.events_waiting))};
  return v8::Array::New(env.isolate, values, 3);
}

void MarkBootstrapComplete(Env& env) { MarkMilestone(env, kMilestoneBootstrapComplete); }

// ------------------------------------------------------------------ observers

void SetupObservers(Env& env, v8::Local<v8::Function> callback) {
  env.Set(Slot::kPerformanceObservers, callback);
}

void Observe(Env& env, ObservedType type, const char* name, double start, double duration,
             v8::Local<v8::Value> details) {
  v8::Local<v8::Function> callback = env.GetFunction(Slot::kPerformanceObservers);
  if (callback.IsEmpty() || !IsObserved(env, type)) return;
  v8::Local<v8::Value> args[] = {env.Name(name), env.Name(kObservedNames[int(type)]),
                                 v8::Number::New(env.isolate, start),
                                 v8::Number::New(env.isolate, duration), details};
  (void)MakeCallback(env, env.process(), callback, args);
}

// notify(type, entry): passes an entry that JavaScript created to the observers.
void Notify(Env& env, const Args& args) {
  std::string type = ToUtf8(env.isolate, args[0]);
  v8::Local<v8::Function> callback = env.GetFunction(Slot::kPerformanceObservers);
  if (callback.IsEmpty()) return;
  for (size_t i = 0; i < kObservedTypes; i++) {
    if (kObservedNames[i] != type || !IsObserved(env, ObservedType(i))) continue;
    v8::Local<v8::Value> entry = args[1];
    (void)callback->Call(env.context(), env.Undefined(), 1, &entry);
  }
}

void CollectionStarts(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* data) {
  static_cast<Env*>(data)->State<State>().collection_start = uv_hrtime();
}

// This runs during garbage collection, so the entry is created later, from the loop.
void CollectionEnds(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags flags, void* data) {
  Env& env = *static_cast<Env*>(data);
  State& state = env.State<State>();
  if (!IsObserved(env, ObservedType::kGc)) return;
  double start = (double(state.collection_start) - state.origin) / 1e6;
  double duration = double(uv_hrtime() - state.collection_start) / 1e6;
  env.SetImmediate(
      [=](Env& env) {
        if (!IsObserved(env, ObservedType::kGc)) return;
        v8::HandleScope scope(env.isolate);
        v8::Local<v8::Object> details = NewNullProtoObject(env);
        env.Set(details, "kind", double(type));
        env.Set(details, "flags", double(flags));
        Observe(env, ObservedType::kGc, "gc", start, duration, details);
      },
      false);
}

void InstallGarbageCollectionTracking(Env& env) {
  State& state = env.State<State>();
  if (std::exchange(state.tracking, true)) return;
  env.isolate->AddGCPrologueCallback(CollectionStarts, &env);
  env.isolate->AddGCEpilogueCallback(CollectionEnds, &env);
}

void RemoveGarbageCollectionTracking(Env& env) {
  State& state = env.State<State>();
  if (!std::exchange(state.tracking, false)) return;
  env.isolate->RemoveGCPrologueCallback(CollectionStarts, &env);
  env.isolate->RemoveGCEpilogueCallback(CollectionEnds, &env);
}

constexpr Entry kFunctions[] = {
    Method<SetupObservers>("setupObservers"),
    Method<InstallGarbageCollectionTracking>("installGarbageCollectionTracking"),
    Method<RemoveGarbageCollectionTracking>("removeGarbageCollectionTracking"),
    Method<Notify>("notify"),
    Fast<LoopIdleTime>("loopIdleTime"),
    Method<CreateLoopDelayHistogram>("createELDHistogram"),
    Method<MarkBootstrapComplete>("markBootstrapComplete"),
    Method<UvMetricsInfo>("uvMetricsInfo"),
    Fast<Now>("now"),
};
const ClassEntry* const kClasses[] = {&kHistogramClass};
const ClassEntry* const kHiddenClasses[] = {&kIntervalHistogramClass, &kIterationHistogramClass};

struct NamedNumber {
  const char* name;
  int value;
};
constexpr NamedNumber kGcConstants[] = {
    {"NODE_PERFORMANCE_GC_MAJOR", v8::kGCTypeMarkSweepCompact},
    {"NODE_PERFORMANCE_GC_MINOR", v8::kGCTypeScavenge},
    {"NODE_PERFORMANCE_GC_MINOR_MARK_SWEEP", v8::kGCTypeMinorMarkSweep},
    {"NODE_PERFORMANCE_GC_INCREMENTAL", v8::kGCTypeIncrementalMarking},
    {"NODE_PERFORMANCE_GC_WEAKCB", v8::kGCTypeProcessWeakCallbacks},
    {"NODE_PERFORMANCE_GC_FLAGS_NO", v8::kNoGCCallbackFlags},
    {"NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED",
     v8::kGCCallbackFlagConstructRetainedObjectInfos},
    {"NODE_PERFORMANCE_GC_FLAGS_FORCED", v8::kGCCallbackFlagForced},
    {"NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING",
     v8::kGCCallbackFlagSynchronousPhantomCallbackProcessing},
    {"NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE",
     v8::kGCCallbackFlagCollectAllAvailableGarbage},
    {"NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY", v8::kGCCallbackFlagCollectAllExternalMemory},
    {"NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE", v8::kGCCallbackScheduleIdleGarbageCollection},
};
constexpr NamedNumber kHiddenConstants[] = {
    {"NODE_PERFORMANCE_ENTRY_TYPE_GC", int(ObservedType::kGc)},
    {"NODE_PERFORMANCE_ENTRY_TYPE_HTTP", int(ObservedType::kHttp)},
    {"NODE_PERFORMANCE_ENTRY_TYPE_HTTP2", int(ObservedType::kHttp2)},
    {"NODE_PERFORMANCE_ENTRY_TYPE_NET", int(ObservedType::kNet)},
    {"NODE_PERFORMANCE_ENTRY_TYPE_DNS", int(ObservedType::kDns)},
    {"NODE_PERFORMANCE_ENTRY_TYPE_QUIC", int(ObservedType::kQuic)},
    {"NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN_TIMESTAMP", kTimeOriginTimestamp},
    {"NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN", kTimeOrigin},
    {"NODE_PERFORMANCE_MILESTONE_ENVIRONMENT", kMilestoneEnvironment},
    {"NODE_PERFORMANCE_MILESTONE_NODE_START", kMilestoneNodeStart},
    {"NODE_PERFORMANCE_MILESTONE_V8_START", kMilestoneV8Start},
    {"NODE_PERFORMANCE_MILESTONE_LOOP_START", kMilestoneLoopStart},
    {"NODE_PERFORMANCE_MILESTONE_LOOP_EXIT", kMilestoneLoopExit},
    {"NODE_PERFORMANCE_MILESTONE_BOOTSTRAP_COMPLETE", kMilestoneBootstrapComplete},
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  State& state = env.State<State>();
  env.Set(exports, "observerCounts", state.observers.js());
  env.Set(exports, "milestones", state.milestones.js());
  for (int i = kMilestoneLoopStart; i < kMilestoneCount; i++)
    if (state.milestones[i] == 0) state.milestones[i] = -1;
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  for (auto [name, value] : kGcConstants) SetConstant(env, constants, name, value);
  for (auto [name, value] : kHiddenConstants)
    constants
        ->DefineOwnProperty(env.context(), env.Name(name), v8::Integer::New(env.isolate, value),
                            v8::PropertyAttribute(v8::ReadOnly | v8::DontEnum | v8::DontDelete))
        .Check();
  env.Set(exports, "constants", constants);
}

}  // namespace

bool IsObserved(Env& env, ObservedType type) {
  return env.State<State>().observers[size_t(type)] != 0;
}

void DeferObserve(Env& env, ObservedType type, const char* name, uint64_t start, uint64_t end,
                  v8::Local<v8::Object> details) {
  double from = (double(start) - env.State<State>().origin) / 1e6;
  double duration = double(end - start) / 1e6;
  auto kept = std::make_shared<v8::Global<v8::Object>>(env.isolate, details);
  env.SetImmediate([=](Env& env) {
    v8::HandleScope scope(env.isolate);
    Observe(env, type, name, from, duration, kept->Get(env.isolate));
  });
}

void NoteProcessStart() {
  process_start.hrtime = uv_hrtime();
  uv_timeval64_t now;
  CHECK(uv_gettimeofday(&now) == 0);
  process_start.timestamp = double(now.tv_sec) * 1e6 + double(now.tv_usec);
  process_start.node = uv_hrtime();
}

void NoteV8Start() { process_start.v8 = uv_hrtime(); }

void StartPerformanceClock(Env& env) {
  if (process_start.hrtime == 0) NoteProcessStart();
  State& state = env.State<State>();
  state.origin = double(process_start.hrtime);
  state.milestones[kTimeOriginTimestamp] = process_start.timestamp;
  state.milestones[kTimeOrigin] = state.origin;
  state.milestones[kMilestoneNodeStart] = double(process_start.node);
  state.milestones[kMilestoneV8Start] = process_start.v8 ? double(process_start.v8) : state.origin;
  state.milestones[kMilestoneEnvironment] = double(uv_hrtime());
  for (int i = kMilestoneLoopStart; i < kMilestoneCount; i++) state.milestones[i] = -1;
  uv_loop_configure(env.loop, UV_METRICS_IDLE_TIME);
}

void MarkMilestone(Env& env, Milestone milestone) {
  State& state = env.State<State>();
  if (state.origin == 0) StartPerformanceClock(env);
  state.milestones[milestone] = double(uv_hrtime());
}

extern const Binding kPerformanceBinding;
const Binding kPerformanceBinding = {.name = "performance",
                                     .functions = kFunctions,
                                     .classes = kClasses,
                                     .hidden_classes = kHiddenClasses,
                                     .init = Init};

}  // namespace kiln::runtime
