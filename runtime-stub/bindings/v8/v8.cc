// internalBinding("v8"): heap statistics, flags, CPU profiles. Statistics are stored in three
// arrays, which JavaScript reads after it called an update function.
#include "runtime-stub/bindings/v8/v8.h"

#include <cppgc/heap-statistics.h>
#include <v8-cppgc.h>
#include <v8-profiler.h>

#include <algorithm>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/v8/heap_snapshot.h"
#include "runtime-stub/bindings/v8/profiles.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/platform/context_features.h"

namespace kiln::runtime {
namespace {

// In the order of the index constants below.
constexpr const char* kHeapIndexes[] = {"kTotalHeapSizeIndex",
                                        "kTotalHeapSizeExecutableIndex",
                                        "kTotalPhysicalSizeIndex",
                                        "kTotalAvailableSize",
                                        "kUsedHeapSizeIndex",
                                        "kHeapSizeLimitIndex",
                                        "kMallocedMemoryIndex",
                                        "kPeakMallocedMemoryIndex",
                                        "kDoesZapGarbageIndex",
                                        "kNumberOfNativeContextsIndex",
                                        "kNumberOfDetachedContextsIndex",
                                        "kTotalGlobalHandlesSizeIndex",
                                        "kUsedGlobalHandlesSizeIndex",
                                        "kExternalMemoryIndex"};
constexpr const char* kCodeIndexes[] = {
    "kCodeAndMetadataSizeIndex", "kBytecodeAndMetadataSizeIndex", "kExternalScriptSourceSizeIndex",
    "kCPUProfilerMetaDataSizeIndex"};
constexpr const char* kSpaceIndexes[] = {"kSpaceSizeIndex", "kSpaceUsedSizeIndex",
                                         "kSpaceAvailableSizeIndex", "kPhysicalSpaceSizeIndex"};

struct State {
  explicit State(Env& env)
      : env(env),
        heap(env, Slot::kHeapStatistics, std::size(kHeapIndexes)),
        code(env, Slot::kHeapCodeStatistics, std::size(kCodeIndexes)),
        space(env, Slot::kHeapSpaceStatistics, std::size(kSpaceIndexes)) {}
  Env& env;
  SharedArray<double> heap;
  SharedArray<double> code;
  SharedArray<double> space;
  uint32_t snapshots_left = 0;  // that may still be written near the heap limit
  bool taking_snapshot = false;
};

void UpdateHeapStatisticsBuffer(Env& env) {
  State& state = env.State<State>();
  v8::HeapStatistics s;
  env.isolate->GetHeapStatistics(&s);
  const double values[] = {double(s.total_heap_size()),
                           double(s.total_heap_size_executable()),
                           double(s.total_physical_size()),
                           double(s.total_available_size()),
                           double(s.used_heap_size()),
                           double(s.heap_size_limit()),
                           double(s.malloced_memory()),
                           double(s.peak_malloced_memory()),
                           double(s.does_zap_garbage()),
                           double(s.number_of_native_contexts()),
                           double(s.number_of_detached_contexts()),
                           double(s.total_global_handles_size()),
                           double(s.used_global_handles_size()),
                           double(s.external_memory())};
  static_assert(std::size(values) == std::size(kHeapIndexes));
  std::copy(std::begin(values), std::end(values), state.heap.data());
}

void UpdateHeapCodeStatisticsBuffer(Env& env) {
  SharedArray<double>& code = env.State<State>().code;
  v8::HeapCodeStatistics s;
  env.isolate->GetHeapCodeAndMetadataStatistics(&s);
  code[0] = double(s.code_and_metadata_size());
  code[1] = double(s.bytecode_and_metadata_size());
  code[2] = double(s.external_script_source_size());
  code[3] = double(s.cpu_profiler_metadata_size());
}

void UpdateHeapSpaceStatisticsBuffer(Env& env, double index) {
  SharedArray<double>& space = env.State<State>().space;
  v8::HeapSpaceStatistics s;
  if (!env.isolate->GetHeapSpaceStatistics(&s, Saturate<size_t>(index))) return;
  space[0] = double(s.space_size());
  space[1] = double(s.space_used_size());
  space[2] = double(s.space_available_size());
  space[3] = double(s.physical_space_size());
}

// ---------------------------------------------------------------- C++ heap

v8::Local<v8::Object> Sizes(Env& env, size_t committed, size_t resident, size_t used) {
  v8::Local<v8::Object> out = NewNullProtoObject(env);
  env.Set(out, "committed_size_bytes", double(committed));
  env.Set(out, "resident_size_bytes", double(resident));
  env.Set(out, "used_size_bytes", double(used));
  return out;
}

v8::Local<v8::Array> Numbers(Env& env, const std::vector<size_t>& list) {
  v8::LocalVector<v8::Value> values(env.isolate);
  for (size_t n : list) values.push_back(v8::Number::New(env.isolate, double(n)));
  return v8::Array::New(env.isolate, values.data(), values.size());
}

v8::Local<v8::Value> SpaceToJs(Env& env, const cppgc::HeapStatistics::SpaceStatistics& space) {
  v8::Local<v8::Object> out = NewNullProtoObject(env);
  env.Set(out, "name", env.Str(space.name));
  env.Set(out, "committed_size_bytes", double(space.committed_size_bytes));
  env.Set(out, "resident_size_bytes", double(space.resident_size_bytes));
  env.Set(out, "used_size_bytes", double(space.used_size_bytes));
  v8::LocalVector<v8::Value> pages(env.isolate);
  for (const auto& page : space.page_stats) {
    v8::LocalVector<v8::Value> objects(env.isolate);
    for (const auto& entry : page.object_statistics) {
      v8::Local<v8::Object> object = NewNullProtoObject(env);
      env.Set(object, "allocated_bytes", double(entry.allocated_bytes));
      env.Set(object, "object_count", double(entry.object_count));
      objects.push_back(object);
    }
    v8::Local<v8::Object> js =
        Sizes(env, page.committed_size_bytes, page.resident_size_bytes, page.used_size_bytes);
    env.Set(js, "object_statistics", v8::Array::New(env.isolate, objects.data(), objects.size()));
    pages.push_back(js);
  }
  env.Set(out, "page_stats", v8::Array::New(env.isolate, pages.data(), pages.size()));
  v8::Local<v8::Object> free_list = NewNullProtoObject(env);
  env.Set(free_list, "bucket_size", Numbers(env, space.free_list_stats.bucket_size));
  env.Set(free_list, "free_count", Numbers(env, space.free_list_stats.free_count));
  env.Set(free_list, "free_size", Numbers(env, space.free_list_stats.free_size));
  env.Set(out, "free_list_stats", free_list);
  return out;
}

v8::Local<v8::Object> GetCppHeapStatistics(Env& env, int32_t detail) {
  cppgc::HeapStatistics s;
  if (v8::CppHeap* heap = env.isolate->GetCppHeap())
    s = heap->CollectStatistics(detail == cppgc::HeapStatistics::kDetailed
                                    ? cppgc::HeapStatistics::kDetailed
                                    : cppgc::HeapStatistics::kBrief);
  v8::Local<v8::Object> out =
      Sizes(env, s.committed_size_bytes, s.resident_size_bytes, s.used_size_bytes);
  v8::LocalVector<v8::Value> spaces(env.isolate);
  for (const auto& space : s.space_stats) spaces.push_back(SpaceToJs(env, space));
  env.Set(out, "space_statistics", v8::Array::New(env.isolate, spaces.data(), spaces.size()));
  v8::LocalVector<v8::Value> names(env.isolate);
  for (const auto& name : s.type_names) names.push_back(env.Str(name));
  env.Set(out, "type_names", v8::Array::New(env.isolate, names.data(), names.size()));
  return out;
}

// ---------------------------------------------------------------- profiles

void JsStartCpuProfile(Env& env, const Args& args) { Return(env, args, StartCpuProfile(env)); }

void JsStopCpuProfile(Env& env, const Args& args) {
  v8::ProfilerId id = args[0]->IsUint32() ? args[0].As<v8::Uint32>()->Value() : 0;
  Return(env, args, StopCpuProfile(env, id));
}

// ---------------------------------------------------------------- the rest

double CachedDataVersionTag(Env&) { return v8::ScriptCompiler::CachedDataVersionTag(); }

// Some flags make V8 write files, wherever they say or in the current folder. Node sets them all.
bool WritesFiles(std::string flags) {
  std::replace(flags.begin(), flags.end(), '_', '-');
  constexpr const char* kNames[] = {
      "--prof",       "--log",         "--ll-prof",         "--perf",
      "--gdbjit",     "--trace-turbo", "--turbo-profiling", "--redirect-code-traces",
      "--trace-file", "--testing-d8"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](const char* name) { return flags.find(name) != flags.npos; });
}

Result<> SetFlagsFromString(Env& env, std::string flags) {
  if (env.permissions && WritesFiles(flags) && Refuses(env, Permission::kFileSystemWrite, flags))
    return Error::Pending();
  v8::V8::SetFlagsFromString(flags.data(), flags.size());
  NoteFlags({flags});
  return {};
}

bool IsStringOneByteRepresentation(Env&, v8::Local<v8::String> text) { return text->IsOneByte(); }

v8::Local<v8::Value> GetHashSeed(Env& env) {
  return v8::BigInt::NewFromUnsigned(env.isolate, env.isolate->GetHashSeed());
}

// V8 calls it instead of failing. It returns a larger limit, because writing the snapshot needs
// memory too.
size_t OnNearHeapLimit(void* data, size_t current, size_t initial) {
  State& state = *static_cast<State*>(data);
  constexpr size_t kRoom = size_t(512) << 20;
  if (state.taking_snapshot) return current + kRoom;
  if (state.snapshots_left == 0) return initial;
  state.snapshots_left--;
  state.taking_snapshot = true;
  Env& env = state.env;
  v8::HandleScope scope(env.isolate);
  std::string path = HeapSnapshotName();
  const std::string& directory = env.options->GetString("--diagnostic-dir");
  if (!directory.empty()) path = directory + "/" + path;
  std::fprintf(stderr, "Invoked near heap limit callback, writing %s\n", path.c_str());
  int err = WriteHeapSnapshot(*TakeHeapSnapshot(env, {}), path);
  if (err == 0)
    std::fprintf(stderr, "Wrote snapshot to %s\n", path.c_str());
  else
    std::fprintf(stderr, "Cannot write %s: %s\n", path.c_str(), uv_strerror(err));
  state.taking_snapshot = false;
  env.isolate->AutomaticallyRestoreInitialHeapLimit(0.95);
  if (state.snapshots_left == 0) env.isolate->RemoveNearHeapLimitCallback(OnNearHeapLimit, 0);
  return current + kRoom;
}

constexpr Entry kFunctions[] = {
    Method<CachedDataVersionTag>("cachedDataVersionTag"),
    Method<SetHeapSnapshotNearHeapLimit>("setHeapSnapshotNearHeapLimit"),
    Method<UpdateHeapStatisticsBuffer>("updateHeapStatisticsBuffer"),
    Method<UpdateHeapCodeStatisticsBuffer>("updateHeapCodeStatisticsBuffer"),
    Method<GetCppHeapStatistics>("getCppHeapStatistics"),
    Method<UpdateHeapSpaceStatisticsBuffer>("updateHeapSpaceStatisticsBuffer"),
    Method<SetFlagsFromString>("setFlagsFromString"),
    Method<JsStartCpuProfile>("startCpuProfile"),
    Method<JsStopCpuProfile>("stopCpuProfile"),
    Method<IsStringOneByteRepresentation>("isStringOneByteRepresentation"),
    Method<GetHashSeed>("getHashSeed"),
};
const ClassEntry* const kClasses[] = {&kGcProfilerClass};

template <size_t n>
void SetIndexes(Env& env, v8::Local<v8::Object> exports, const char* const (&names)[n]) {
  for (size_t i = 0; i < n; i++) env.Set(exports, names[i], double(i));
}

void Init(Env& env, v8::Local<v8::Object> exports) {
  State& state = env.State<State>();
  env.Set(exports, "heapStatisticsBuffer", state.heap.js());
  env.Set(exports, "heapCodeStatisticsBuffer", state.code.js());
  env.Set(exports, "heapSpaceStatisticsBuffer", state.space.js());
  v8::LocalVector<v8::Value> spaces(env.isolate);
  for (size_t i = 0; i < env.isolate->NumberOfHeapSpaces(); i++) {
    v8::HeapSpaceStatistics space;
    env.isolate->GetHeapSpaceStatistics(&space, i);
    spaces.push_back(env.Str(space.space_name()));
  }
  env.Set(exports, "kHeapSpaces", v8::Array::New(env.isolate, spaces.data(), spaces.size()));
  SetIndexes(env, exports, kHeapIndexes);
  SetIndexes(env, exports, kCodeIndexes);
  SetIndexes(env, exports, kSpaceIndexes);
  v8::Local<v8::Object> detail = v8::Object::New(env.isolate);
  SetConstant(env, detail, "DETAILED", cppgc::HeapStatistics::kDetailed);
  SetConstant(env, detail, "BRIEF", cppgc::HeapStatistics::kBrief);
  env.Set(exports, "detailLevel", detail);
}

}  // namespace

void SetHeapSnapshotNearHeapLimit(Env& env, uint32_t limit) {
  const std::string& directory = env.options->GetString("--diagnostic-dir");
  if (Refuses(env, Permission::kFileSystemWrite, directory.empty() ? ResolvedPath(".") : directory))
    return;
  State& state = env.State<State>();
  if (state.snapshots_left == 0 && limit > 0)
    env.isolate->AddNearHeapLimitCallback(OnNearHeapLimit, &state);
  state.snapshots_left = limit;
}

extern const Binding kV8Binding;
const Binding kV8Binding = {
    .name = "v8", .functions = kFunctions, .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
