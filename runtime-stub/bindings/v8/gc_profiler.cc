// v8.GCProfiler: records heap statistics before and after each collection, and returns the list as
// JSON.
#include "runtime-stub/bindings/v8/v8.h"

namespace kiln::runtime {
namespace {

std::string Field(const char* name, double value, bool last = false) {
  char text[96];
  std::snprintf(text, sizeof(text), "\"%s\":%.15g%s", name, value, last ? "" : ",");
  return text;
}

const char* TypeName(v8::GCType type) {
  switch (type) {
    case v8::kGCTypeScavenge:
      return "Scavenge";
    case v8::kGCTypeMinorMarkSweep:
      return "MinorMarkSweep";
    case v8::kGCTypeMarkSweepCompact:
      return "MarkSweepCompact";
    case v8::kGCTypeIncrementalMarking:
      return "IncrementalMarking";
    case v8::kGCTypeProcessWeakCallbacks:
      return "ProcessWeakCallbacks";
    default:
      return "Unknown";
  }
}

std::string Heap(v8::Isolate* isolate) {
  v8::HeapStatistics heap;
  isolate->GetHeapStatistics(&heap);
  std::string out = "{\"heapStatistics\":{" + Field("totalHeapSize", heap.total_heap_size()) +
                    Field("totalHeapSizeExecutable", heap.total_heap_size_executable()) +
                    Field("totalPhysicalSize", heap.total_physical_size()) +
                    Field("totalAvailableSize", heap.total_available_size()) +
                    Field("totalGlobalHandlesSize", heap.total_global_handles_size()) +
                    Field("usedGlobalHandlesSize", heap.used_global_handles_size()) +
                    Field("usedHeapSize", heap.used_heap_size()) +
                    Field("heapSizeLimit", heap.heap_size_limit()) +
                    Field("mallocedMemory", heap.malloced_memory()) +
                    Field("externalMemory", heap.external_memory()) +
                    Field("peakMallocedMemory", heap.peak_malloced_memory(), true) +
                    "},\"heapSpaceStatistics\":[";
  size_t count = isolate->NumberOfHeapSpaces();
  for (size_t i = 0; i < count; i++) {
    v8::HeapSpaceStatistics space;
    isolate->GetHeapSpaceStatistics(&space, i);
    out += (i ? ",{\"spaceName\":\"" : "{\"spaceName\":\"") + std::string(space.space_name()) +
           "\"," + Field("spaceSize", space.space_size()) +
           Field("spaceUsedSize", space.space_used_size()) +
           Field("spaceAvailableSize", space.space_available_size()) +
           Field("physicalSpaceSize", space.physical_space_size(), true) + "}";
  }
  return out + "]}";
}

double Milliseconds() {
  uv_timeval64_t now;
  uv_gettimeofday(&now);
  return double(now.tv_sec) * 1e3 + double(now.tv_usec / 1000);
}

class GcProfiler final : public Wrapped {
 public:
  GcProfiler(Env& env, const Args&) : Wrapped(env) {}
  ~GcProfiler() override { Unhook(); }
  const char* type_name() const override { return "GCProfiler"; }

  void Start() {
    if (state_ != State::kNew) return;
    state_ = State::kRunning;
    start_time_ = Milliseconds();
    env().isolate->AddGCPrologueCallback(Before, this);
    env().isolate->AddGCEpilogueCallback(After, this);
  }

  void Stop(const Args& args) {
    if (state_ != State::kRunning) return;
    Unhook();
    std::string report = "{\"version\":1," + Field("startTime", start_time_) + "\"statistics\":[" +
                         collections_ + "]," + Field("endTime", Milliseconds(), true) + "}";
    args.GetReturnValue().Set(env().Str(report));
  }

 private:
  enum class State { kNew, kRunning, kStopped };

  static void Before(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags, void* data) {
    auto* self = static_cast<GcProfiler*>(data);
    // Collections can nest (a scavenge during incremental marking): only the outer one is recorded.
    if (self->current_type_ != 0) return;
    self->current_type_ = type;
    self->current_ =
        std::string("{\"gcType\":\"") + TypeName(type) + "\",\"beforeGC\":" + Heap(isolate) + ",";
    self->current_start_ = uv_hrtime();
  }
  static void After(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags, void* data) {
    auto* self = static_cast<GcProfiler*>(data);
    if (self->current_type_ != type) return;
    self->current_type_ = 0;
    double cost = double(uv_hrtime() - self->current_start_) / 1e3;
    if (!self->collections_.empty()) self->collections_ += ",";
    self->collections_ +=
        self->current_ + Field("cost", cost) + "\"afterGC\":" + Heap(isolate) + "}";
  }
  void Unhook() {
    if (state_ != State::kRunning) return;
    state_ = State::kStopped;
    env().isolate->RemoveGCPrologueCallback(Before, this);
    env().isolate->RemoveGCEpilogueCallback(After, this);
  }

  State state_ = State::kNew;
  double start_time_ = 0;
  int current_type_ = 0;
  uint64_t current_start_ = 0;
  std::string current_;
  std::string collections_;
};

constexpr Entry kMethods[] = {
    Method<&GcProfiler::Start>("start"),
    Method<&GcProfiler::Stop>("stop"),
};

}  // namespace

const ClassEntry kGcProfilerClass = {
    .name = "GCProfiler", .construct = Construct<GcProfiler>, .methods = kMethods};

}  // namespace kiln::runtime
