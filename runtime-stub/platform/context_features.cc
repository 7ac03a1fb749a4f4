// V8 adds the features if Isolate::serializer_enabled_ is false, which says that no snapshot will be
// taken (Genesis::Genesis, src/init/bootstrapper.cc). In the builder it is true. So the field is
// inverted while V8 creates a context, until Genesis::Genesis ends: the extensions and WebAssembly,
// which V8 installs afterwards under the same condition, depend on the process. That end is seen by the
// destructor of SaveContext, the last thing that the function does; the linker's --wrap
// (kiln_wrapped_functions in link.cmake) directs its calls to the functions below.
//
// The field has no function that sets it to false, and V8's private headers are not there. Its
// offset is found with Isolate::use_optimizer(), which reads it and else only flags.
#include "runtime-stub/platform/context_features.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>

static_assert(V8_MAJOR_VERSION == 13 && V8_MINOR_VERSION == 6 && V8_BUILD_NUMBER == 233,
              "another V8: look up Genesis::Genesis, Isolate::use_optimizer and the flags below");

// bool v8::internal::Isolate::use_optimizer()
bool UseOptimizer(v8::Isolate* isolate) __asm__("_ZN2v88internal7Isolate13use_optimizerEv");

// v8::internal::SaveContext::SaveContext(Isolate*) and ~SaveContext()
extern "C" void __real__ZN2v88internal11SaveContextC1EPNS0_7IsolateE(void* self, v8::Isolate*);
extern "C" void __wrap__ZN2v88internal11SaveContextC1EPNS0_7IsolateE(void* self, v8::Isolate*);
extern "C" void __real__ZN2v88internal11SaveContextD1Ev(void* self);
extern "C" void __wrap__ZN2v88internal11SaveContextD1Ev(void* self);

namespace kiln::runtime {

namespace {

enum class Features { kAddedByV8, kPutIntoSnapshot, kInSnapshot };
Features g_features = Features::kAddedByV8;
std::optional<size_t> g_offset;  // of serializer_enabled_
bool g_flags_are_usual = true;
// V8's flags belong to the process.
std::mutex g_flags_mutex;

// In the thread that creates a context.
thread_local bool* g_inverted;            // the field, until it has its value again
thread_local int g_depth;                 // of SaveContext
thread_local bool t_has_context = false;  // a thread has one isolate

// Those of HARMONY_SHIPPING and JAVASCRIPT_SHIPPING_FEATURES (src/flags/flag-definitions.h) that
// add something to a context.
constexpr std::array kFlags = {"js-promise-try",   "js-atomics-pause",
                               "js-error-iserror", "js-regexp-escape",
                               "js-float16array",  "js-explicit-resource-management"};
// If it is on, SharedArrayBuffer is not added.
constexpr const char* kWithoutSharedArrayBuffer = "enable-sharedarraybuffer-per-context";

bool* FieldAt(v8::Isolate* isolate, size_t offset) {
  return reinterpret_cast<bool*>(isolate) + offset;
}

// Whether the byte is read as a condition against the optimizer. A value of 3 rules out the only
// other field that use_optimizer() reads, which is compared with 1.
bool IsSerializerEnabled(v8::Isolate* isolate, size_t offset) {
  auto* byte = reinterpret_cast<volatile uint8_t*>(FieldAt(isolate, offset));
  const uint8_t value = *byte;
  if (value > 1) return false;
  *byte = 0;
  const bool optimizes_without = UseOptimizer(isolate);
  *byte = 3;
  const bool optimizes_with = UseOptimizer(isolate);
  *byte = value;
  return optimizes_without && !optimizes_with;
}

bool FindField(v8::Isolate* isolate) {
  if (g_offset) return true;
  // On one of the targets. Classes of the C library have other sizes elsewhere.
  constexpr size_t kExpected = 0xff70, kDistance = 0x800;
  for (size_t distance = 0; distance <= kDistance; ++distance)
    for (size_t offset : {kExpected + distance, kExpected - distance})
      if (IsSerializerEnabled(isolate, offset)) {
        g_offset = offset;
        return true;
      }
  return false;
}

// Also if the app is run without optimizing compilers.
bool FindFieldWithAnyFlags(v8::Isolate* isolate) {
  if (FindField(isolate)) return true;
  v8::V8::SetFlagsFromString("--turbofan");
  const bool found = FindField(isolate);
  v8::V8::SetFlagsFromString("--no-turbofan");
  return found;
}

void SetFlag(const char* prefix, const char* name) {
  v8::V8::SetFlagsFromString((std::string(prefix) + name).c_str());
}

// So that V8 adds what other flags have enabled, but not what is in the snapshot.
void SwitchFeatures(bool on) {
  for (const char* flag : kFlags) SetFlag(on ? "--" : "--no-", flag);
  SetFlag(on ? "--no-" : "--", kWithoutSharedArrayBuffer);
}

void Restore() {
  *g_inverted = !*g_inverted;
  g_inverted = nullptr;
}

}  // namespace

bool PutFeaturesIntoSnapshot(v8::Isolate* isolate) {
  g_features = Features::kPutIntoSnapshot;
  return FindFieldWithAnyFlags(isolate);
}

void FeaturesAreInSnapshot(v8::Isolate* isolate) {
  g_features = Features::kInSnapshot;
  if (FindFieldWithAnyFlags(isolate)) return;
  std::fputs("kiln: V8's isolate has an unknown layout. This is a fault of Kiln.\n", stderr);
  std::abort();
}

void MoveFeaturesToEnd(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::HandleScope scope(isolate);
  auto name = [&](const char* text) {
    return v8::String::NewFromUtf8(isolate, text, v8::NewStringType::kInternalized)
        .ToLocalChecked();
  };
  auto move = [&](v8::Local<v8::Object> object, v8::Local<v8::String> key) {
    v8::Local<v8::Value> value;
    if (!object->HasOwnProperty(context, key).FromMaybe(false) ||
        !object->Get(context, key).ToLocal(&value))
      return;
    (void)object->Delete(context, key);
    (void)object->DefineOwnProperty(context, key, value, v8::DontEnum);
  };
  v8::Local<v8::Object> global = context->Global();
  for (const char* key : {"SuppressedError", "DisposableStack", "AsyncDisposableStack",
                          "Float16Array", "SharedArrayBuffer"})
    move(global, name(key));
  v8::Local<v8::Value> error;
  if (global->Get(context, name("Error")).ToLocal(&error) && error->IsObject())
    move(error.As<v8::Object>(), name("isError"));
}

std::string NoteFlags(const std::vector<std::string>& flags) {
  for (std::string flag : flags) {
    g_flags_are_usual = false;
    std::replace(flag.begin(), flag.end(), '_', '-');
    flag = flag.substr(0, flag.find('='));
    auto is = [&](const char* prefix, const char* name) {
      return flag == std::string(prefix) + name;
    };
    auto is_off = [&](const char* name) { return is("--no-", name) || is("--no", name); };
    if (std::any_of(kFlags.begin(), kFlags.end(), is_off) || is_off("harmony-shipping") ||
        is_off("js-shipping") || is("--", kWithoutSharedArrayBuffer))
      return flag;
  }
  return {};
}

// The field is only inverted for the first context of an isolate: V8 looks at it in many places. When it
// was inverted for later contexts, too, Node's tests of repl crashed now and then, while V8 wrote a
// filler (Heap::CreateFillerObjectAt) into a page of the read-only space.
ContextCreation::ContextCreation(v8::Isolate* isolate)
    : by_flags_(g_features == Features::kInSnapshot && (!g_flags_are_usual || t_has_context)) {
  if (by_flags_) {
    g_flags_mutex.lock();
    SwitchFeatures(false);
  } else if (g_features != Features::kAddedByV8) {
    g_inverted = FieldAt(isolate, *g_offset);
    *g_inverted = !*g_inverted;
    g_depth = 0;
  }
}

ContextCreation::~ContextCreation() {
  t_has_context = true;
  if (by_flags_) {
    SwitchFeatures(true);
    g_flags_mutex.unlock();
  }
  if (g_inverted) Restore();
}

}  // namespace kiln::runtime

void __wrap__ZN2v88internal11SaveContextC1EPNS0_7IsolateE(void* self, v8::Isolate* isolate) {
  kiln::runtime::g_depth++;
  __real__ZN2v88internal11SaveContextC1EPNS0_7IsolateE(self, isolate);
}

void __wrap__ZN2v88internal11SaveContextD1Ev(void* self) {
  __real__ZN2v88internal11SaveContextD1Ev(self);
  if (--kiln::runtime::g_depth == 0 && kiln::runtime::g_inverted) kiln::runtime::Restore();
}
