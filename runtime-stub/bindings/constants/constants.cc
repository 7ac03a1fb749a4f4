// internalBinding("constants"): numbers that the library shares with the operating system and with
// the linked libraries. The objects have no prototype and are read-only. Each is made when it is first
// read, since a snapshot contains all names of one that was made.
#include "runtime-stub/bindings/constants/constants.h"

#include <uv.h>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

// The phases of trace events, which have the same names in V8.
// clang-format off
#define KILN_PHASES(V) \
  V(BEGIN, 'B') V(END, 'E') V(COMPLETE, 'X') V(INSTANT, 'I') V(ASYNC_BEGIN, 'S') \
  V(ASYNC_STEP_INTO, 'T') V(ASYNC_STEP_PAST, 'p') V(ASYNC_END, 'F') V(NESTABLE_ASYNC_BEGIN, 'b') \
  V(NESTABLE_ASYNC_END, 'e') V(NESTABLE_ASYNC_INSTANT, 'n') V(FLOW_BEGIN, 's') V(FLOW_STEP, 't') \
  V(FLOW_END, 'f') V(METADATA, 'M') V(COUNTER, 'C') V(SAMPLE, 'P') V(CREATE_OBJECT, 'N') \
  V(SNAPSHOT_OBJECT, 'O') V(DELETE_OBJECT, 'D') V(MEMORY_DUMP, 'v') V(MARK, 'R') \
  V(CLOCK_SYNC, 'c') V(ENTER_CONTEXT, '(') V(LEAVE_CONTEXT, ')') V(LINK_IDS, '=')
// clang-format on

constexpr Constant kTrace[] = {
#define V(name, phase) {"TRACE_EVENT_PHASE_" #name, phase},
    KILN_PHASES(V)
#undef V
};

constexpr Constant kPriority[] = {
    {"PRIORITY_LOW", UV_PRIORITY_LOW},       {"PRIORITY_BELOW_NORMAL", UV_PRIORITY_BELOW_NORMAL},
    {"PRIORITY_NORMAL", UV_PRIORITY_NORMAL}, {"PRIORITY_ABOVE_NORMAL", UV_PRIORITY_ABOVE_NORMAL},
    {"PRIORITY_HIGH", UV_PRIORITY_HIGH},     {"PRIORITY_HIGHEST", UV_PRIORITY_HIGHEST},
};

// The results of fs.getFormatOfExtensionlessFile.
constexpr Constant kInternal[] = {
    {"EXTENSIONLESS_FORMAT_JAVASCRIPT", 0},
    {"EXTENSIONLESS_FORMAT_WASM", 1},
};

void Add(Env& env, v8::Local<v8::Object> object, std::span<const Constant> table) {
  for (const Constant& constant : table) SetConstant(env, object, constant.name, constant.value);
}

enum class Part { kDlopen, kErrno, kSignals, kPriority, kFs, kCrypto, kZlib, kTrace, kInternal };

std::span<const Constant> ConstantsOf(Part part) {
  switch (part) {
    case Part::kDlopen:
      return DlopenConstants();
    case Part::kErrno:
      return ErrnoConstants();
    case Part::kSignals:
      return SignalConstants();
    case Part::kPriority:
      return kPriority;
    case Part::kFs:
      return FsConstants();
    case Part::kCrypto:
      return CryptoConstants();
    case Part::kZlib:
      return ZlibConstants();
    case Part::kTrace:
      return kTrace;
    case Part::kInternal:
      return kInternal;
  }
  return {};
}

void MakePart(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Env& env = Env::From(info.GetIsolate());
  Part part = Part(info.Data().As<v8::Int32>()->Value());
  v8::Local<v8::Object> object = NewNullProtoObject(env);
  Add(env, object, ConstantsOf(part));
  if (part == Part::kCrypto) {
    SetConstant(env, object, "defaultCoreCipherList", kDefaultCipherList);
    Add(env, object, TlsConstants());
  }
  info.GetReturnValue().Set(object);
}

void Init(Env& env, v8::Local<v8::Object> exports) {
  auto add = [&](v8::Local<v8::Object> parent, const char* name, Part part) {
    (void)parent->SetLazyDataProperty(env.context(), env.Name(name), MakePart,
                                      v8::Integer::New(env.isolate, int(part)));
  };
  v8::Local<v8::Object> os = NewNullProtoObject(env);
  env.Set(exports, "os", os);
  SetConstant(env, os, "UV_UDP_REUSEADDR", UV_UDP_REUSEADDR);
  add(os, "dlopen", Part::kDlopen);
  add(os, "errno", Part::kErrno);
  add(os, "signals", Part::kSignals);
  add(os, "priority", Part::kPriority);
  add(exports, "fs", Part::kFs);
  add(exports, "crypto", Part::kCrypto);
  add(exports, "zlib", Part::kZlib);
  add(exports, "trace", Part::kTrace);
  add(exports, "internal", Part::kInternal);
}

void References(std::vector<intptr_t>& out) { out.push_back(Reference(MakePart)); }

}  // namespace

extern const Binding kConstantsBinding;
const Binding kConstantsBinding = {.name = "constants", .init = Init, .references = References};

}  // namespace kiln::runtime
