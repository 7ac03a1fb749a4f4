#include "runtime-stub/platform/start_v8.h"

#include <v8.h>

#include <memory>

namespace absl {
// V8's archive was built without NDEBUG, so abseil records the order of all locks in a graph.
// Switching that off saves 260 page faults at start (docs/architecture.md).
enum class OnDeadlockCycle { kIgnore, kReport, kAbort };
void SetMutexDeadlockDetectionMode(OnDeadlockCycle mode);
}  // namespace absl

// Defined only if V8 was repaired (scripts/parts/v8_objects.py).
extern "C" [[gnu::weak]] const bool kiln_json_stringify_is_repaired;

namespace kiln::runtime {

namespace {

std::unique_ptr<Platform> platform;

}  // namespace

void SetV8Flags(const std::vector<std::string>& flags) {
  // V8 lets flags change later (v8.setFlagsFromString).
  v8::V8::SetFlagsFromString("--no-freeze-flags-after-init");
  // As Node does: `import source x from "x.wasm"`.
  v8::V8::SetFlagsFromString("--js-source-phase-imports");
  // On in the V8 that Node builds.
  v8::V8::SetFlagsFromString("--experimental-wasm-jspi");
  v8::V8::SetFlagsFromString("--experimental-wasm-exnref");
  // Node has this off because of faults that the patches repair.
  if (&kiln_json_stringify_is_repaired) v8::V8::SetFlagsFromString("--json-stringify-fast-path");
  for (const std::string& flag : flags) v8::V8::SetFlagsFromString(flag.c_str(), flag.size());
}

void StartV8(int threads) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  platform = Platform::Make(threads);
  v8::V8::InitializePlatform(platform.get());
  v8::V8::Initialize();
}

Platform& ThePlatform() { return *platform; }

}  // namespace kiln::runtime
