#include "runtime-stub/thread/isolate.h"

#include <algorithm>
#include <cstring>

#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/wasm_web_api.h"
#include "runtime-stub/platform/array_buffer_allocator.h"
#include "runtime-stub/platform/memory_limit.h"

namespace kiln::runtime {

namespace {

// Whether a V8 flag sets the size of the young generation, which the flags do after the constraints.
bool SetsYoungGeneration(const RunOptions& options, const Payload* payload) {
  auto sets = [](std::string flag) {
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag.starts_with("--max-semi-space-size");
  };
  return std::any_of(options.v8_flags.begin(), options.v8_flags.end(), sets) ||
         (payload && std::any_of(payload->v8_flags.begin(), payload->v8_flags.end(), sets));
}

}  // namespace

void PrepareIsolate(const RunOptions& options, const Payload* payload, v8::StartupData* blob,
                    v8::Isolate::CreateParams* params) {
  params->array_buffer_allocator = BufferAllocator();
  params->external_references = ExternalReferences().data();
  if (uint64_t memory = UsableMemory()) params->constraints.ConfigureDefaults(memory, 0);
  // At most three semi-spaces of 8 MB. V8's own limit is 16 MB, which a busy server reaches within
  // two minutes regardless of how much it keeps: 16 MB more memory (28 %) without a measurable gain
  // in speed. --max-semi-space-size overrides this. The old generation gets the difference, so that
  // the limit of the whole heap (v8.getHeapStatistics().heap_size_limit) is Node's.
  constexpr size_t kMaxYoungGeneration = 3 * (size_t{8} << 20);
  v8::ResourceConstraints& limits = params->constraints;
  if (size_t young = limits.max_young_generation_size_in_bytes();
      young > kMaxYoungGeneration && !SetsYoungGeneration(options, payload)) {
    limits.set_max_young_generation_size_in_bytes(kMaxYoungGeneration);
    limits.set_max_old_generation_size_in_bytes(limits.max_old_generation_size_in_bytes() + young -
                                                kMaxYoungGeneration);
  }
  if (!HasSnapshot(payload)) return;
  *blob = {reinterpret_cast<const char*>(payload->snapshot.data()), int(payload->snapshot.size())};
  params->snapshot_blob = blob;
}

bool HasWorkerContext(const Payload* payload) {
  // V8's blob begins with the number of its contexts, of which one is the default context.
  uint32_t count = 0;
  if (!HasSnapshot(payload) || payload->snapshot.size() < sizeof count) return false;
  std::memcpy(&count, payload->snapshot.data(), sizeof count);
  return count > 1 + kWorkerContext;
}

void InitializeIsolate(v8::Isolate* isolate, const v8::Isolate::CreateParams& params) {
  v8::Isolate::Initialize(isolate, params);
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  // A context gets WebAssembly.compileStreaming only if this is known when it is made.
  isolate->SetWasmStreamingCallback(OnWasmStreaming);
}

}  // namespace kiln::runtime
