#include "runtime-stub/platform/start_v8.h"

#include <sys/random.h>
#include <v8.h>

#include <memory>

namespace absl {
// V8's archive was built without NDEBUG, so abseil records the order of all locks in a graph.
// Switching that off saves 260 page faults at start (docs/architecture.md).
enum class OnDeadlockCycle { kIgnore, kReport, kAbort };
void SetMutexDeadlockDetectionMode(OnDeadlockCycle mode);
}  // namespace absl

// ICU is part of the V8 archive, with version numbers in its names and without headers.
extern "C" void uloc_setDefault_77(const char* locale, int* error);
// icu::Locale::getDefault(): the locale that LC_ALL, LC_MESSAGES or LANG names. It returns a
// reference, which is null if ICU cannot make a locale of the name.
const void* IcuDefaultLocale() __asm__("_ZN6icu_776Locale10getDefaultEv");

// Defined only if V8 was repaired (scripts/parts/v8_objects.py).
extern "C" [[gnu::weak]] const bool kiln_json_stringify_is_repaired;

namespace kiln::runtime {

namespace {

std::unique_ptr<Platform> platform;

// V8 reads ICU's default locale also if there is none (LC_ALL="not a locale!!"), which ends node with
// SIGSEGV. Such a name is the locale C here, as for libc. ICU keeps the locale, so V8's own request
// in Isolate::Initialize() costs nothing afterwards.
void EnsureDefaultLocale() {
  int error = 0;
  if (!IcuDefaultLocale()) uloc_setDefault_77("en_US_POSIX", &error);
}

// V8 reads its seeds from /dev/urandom otherwise, 4 kB for each.
bool FillWithRandomBytes(unsigned char* bytes, size_t length) {
  return getrandom(bytes, length, GRND_NONBLOCK) == ssize_t(length);
}

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
  EnsureDefaultLocale();
  v8::V8::SetEntropySource(FillWithRandomBytes);
  platform = Platform::Make(threads);
  v8::V8::InitializePlatform(platform.get());
  v8::V8::Initialize();
}

Platform& ThePlatform() { return *platform; }

}  // namespace kiln::runtime
