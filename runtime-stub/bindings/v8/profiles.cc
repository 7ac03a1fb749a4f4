#include "runtime-stub/bindings/v8/profiles.h"

#include <algorithm>
#include <vector>

#include "runtime-stub/binding/convert.h"

namespace kiln::runtime {

namespace {

struct State {
  explicit State(Env& e) : env(e) {}
  // A thread may end while profiles run. V8 does not stop them itself.
  ~State() {
    for (v8::ProfilerId id : profiles)
      if (v8::CpuProfile* profile = profiler->Stop(id)) profile->Delete();
    if (profiler) profiler->Dispose();
    if (samples_heap) env.isolate->GetHeapProfiler()->StopSamplingHeapProfiler();
  }
  Env& env;
  v8::CpuProfiler* profiler = nullptr;
  std::vector<v8::ProfilerId> profiles;  // of the running CPU profiles
  bool samples_heap = false;
};

class TextOutput final : public v8::OutputStream {
 public:
  int GetChunkSize() override { return 65536; }
  void EndOfStream() override {}
  WriteResult WriteAsciiChunk(char* data, int size) override {
    text.append(data, size_t(size));
    return kContinue;
  }
  std::string text;
};

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (uint8_t(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", unsigned(uint8_t(c)));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

void WriteNode(v8::Isolate* isolate, const v8::AllocationProfile::Node& node, std::string* out) {
  size_t self_size = 0;
  for (const auto& allocation : node.allocations) self_size += allocation.size * allocation.count;
  // Positions count from 0 there.
  *out += "{\"callFrame\":{\"functionName\":" + Quoted(ToUtf8(isolate, node.name)) +
          ",\"scriptId\":\"" + std::to_string(node.script_id) +
          "\",\"url\":" + Quoted(ToUtf8(isolate, node.script_name)) +
          ",\"lineNumber\":" + std::to_string(node.line_number - 1) +
          ",\"columnNumber\":" + std::to_string(node.column_number - 1) +
          "},\"selfSize\":" + std::to_string(self_size) +
          ",\"id\":" + std::to_string(node.node_id) + ",\"children\":[";
  for (size_t i = 0; i < node.children.size(); i++) {
    if (i > 0) *out += ',';
    WriteNode(isolate, *node.children[i], out);
  }
  *out += "]}";
}

}  // namespace

Result<v8::ProfilerId> StartCpuProfile(Env& env) {
  State& state = env.State<State>();
  if (!state.profiler) state.profiler = v8::CpuProfiler::New(env.isolate);
  v8::CpuProfilingOptions options(v8::CpuProfilingMode::kLeafNodeLineNumbers,
                                  v8::CpuProfilingOptions::kNoSampleLimit);
  v8::CpuProfilingResult result = state.profiler->Start(std::move(options));
  if (result.status == v8::CpuProfilingStatus::kErrorTooManyProfilers)
    return Error::Plain("ERR_CPU_PROFILE_TOO_MANY", "There are too many CPU profiles");
  state.profiles.push_back(result.id);
  return result.id;
}

Result<std::string> StopCpuProfile(Env& env, v8::ProfilerId id) {
  State& state = env.State<State>();
  v8::HandleScope scope(env.isolate);
  auto running = std::find(state.profiles.begin(), state.profiles.end(), id);
  v8::CpuProfile* profile = running == state.profiles.end() ? nullptr : state.profiler->Stop(id);
  if (!profile) return Error::Plain("ERR_CPU_PROFILE_NOT_STARTED", "CPU profile not started");
  state.profiles.erase(running);
  TextOutput output;
  profile->Serialize(&output, v8::CpuProfile::kJSON);
  profile->Delete();
  return std::move(output.text);
}

Result<v8::ProfilerId> StartHeapProfile(Env& env) {
  State& state = env.State<State>();
  if (state.samples_heap || !env.isolate->GetHeapProfiler()->StartSamplingHeapProfiler())
    return Error::Plain("ERR_HEAP_PROFILE_HAVE_BEEN_STARTED", "heap profiler have been started");
  state.samples_heap = true;
  return v8::ProfilerId(0);
}

Result<std::string> StopHeapProfile(Env& env) {
  State& state = env.State<State>();
  if (!state.samples_heap)
    return Error::Plain("ERR_HEAP_PROFILE_NOT_STARTED", "heap profile not started");
  v8::HeapProfiler* profiler = env.isolate->GetHeapProfiler();
  v8::HandleScope scope(env.isolate);
  std::unique_ptr<v8::AllocationProfile> profile(profiler->GetAllocationProfile());
  std::string out = "{\"head\":";
  WriteNode(env.isolate, *profile->GetRootNode(), &out);
  out += ",\"samples\":[";
  bool first = true;
  for (const v8::AllocationProfile::Sample& sample : profile->GetSamples()) {
    out += std::string(first ? "" : ",") +
           "{\"size\":" + std::to_string(sample.size * sample.count) +
           ",\"nodeId\":" + std::to_string(sample.node_id) +
           ",\"ordinal\":" + std::to_string(sample.sample_id) + "}";
    first = false;
  }
  out += "]}";
  profile.reset();
  profiler->StopSamplingHeapProfiler();
  state.samples_heap = false;
  return out;
}

}  // namespace kiln::runtime
