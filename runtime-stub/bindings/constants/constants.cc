// internalBinding("constants"): numbers that the library shares with the operating system and with
// the linked libraries. The objects have no prototype and are read-only.
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

v8::Local<v8::Object> AddObject(Env& env, v8::Local<v8::Object> parent, const char* name,
                                std::span<const Constant> table = {}) {
  v8::Local<v8::Object> object = NewNullProtoObject(env);
  Add(env, object, table);
  env.Set(parent, name, object);
  return object;
}

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> os = AddObject(env, exports, "os");
  SetConstant(env, os, "UV_UDP_REUSEADDR", UV_UDP_REUSEADDR);
  AddObject(env, os, "dlopen", DlopenConstants());
  AddObject(env, os, "errno", ErrnoConstants());
  AddObject(env, os, "signals", SignalConstants());
  AddObject(env, os, "priority", kPriority);
  AddObject(env, exports, "fs", FsConstants());
  v8::Local<v8::Object> crypto = AddObject(env, exports, "crypto", CryptoConstants());
  SetConstant(env, crypto, "defaultCoreCipherList", kDefaultCipherList);
  Add(env, crypto, TlsConstants());
  AddObject(env, exports, "zlib", ZlibConstants());
  AddObject(env, exports, "trace", kTrace);
  AddObject(env, exports, "internal", kInternal);
}

}  // namespace

extern const Binding kConstantsBinding;
const Binding kConstantsBinding = {.name = "constants", .init = Init};

}  // namespace kiln::runtime
