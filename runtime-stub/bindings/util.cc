// internalBinding("util"): access to state that JavaScript cannot read (promises, proxies, the
// entries of collections), the call stack, and the private symbols that native code and the library
// share.
#include <uv.h>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/call_observer.h"
#include "runtime-stub/command_line/dotenv.h"
#include "runtime-stub/env/symbol_names.h"

namespace kiln::runtime {
namespace {

v8::Local<v8::Value> NewArray(Env& env, std::initializer_list<v8::Local<v8::Value>> values) {
  std::vector<v8::Local<v8::Value>> list(values);
  return v8::Array::New(env.isolate, list.data(), list.size());
}

// ---------------------------------------------------------------- inspection of values

// [state] or [state, result]; undefined for anything but a promise.
void GetPromiseDetails(Env& env, const Args& args) {
  if (!args[0]->IsPromise()) return;
  auto promise = args[0].As<v8::Promise>();
  v8::Local<v8::Value> state = v8::Integer::New(env.isolate, promise->State());
  args.GetReturnValue().Set(promise->State() == v8::Promise::kPending
                                ? NewArray(env, {state})
                                : NewArray(env, {state, promise->Result()}));
}

// [target, handler], or the target alone when the second argument is false.
void GetProxyDetails(Env& env, const Args& args) {
  if (!args[0]->IsProxy()) return;
  auto proxy = args[0].As<v8::Proxy>();
  if (args.Length() == 1 || args[1]->IsTrue())
    args.GetReturnValue().Set(NewArray(env, {proxy->GetTarget(), proxy->GetHandler()}));
  else
    args.GetReturnValue().Set(proxy->GetTarget());
}

// The entries of a collection or iterator; with a second argument, [entries, isKeyValue].
void PreviewEntries(Env& env, const Args& args) {
  if (!args[0]->IsObject()) return;
  bool is_key_value;
  v8::Local<v8::Array> entries;
  if (!args[0].As<v8::Object>()->PreviewEntries(&is_key_value).ToLocal(&entries)) return;
  if (args.Length() == 1)
    args.GetReturnValue().Set(entries);
  else
    args.GetReturnValue().Set(
        NewArray(env, {entries, v8::Boolean::New(env.isolate, is_key_value)}));
}

Result<v8::Local<v8::Value>> GetOwnNonIndexProperties(Env& env, v8::Local<v8::Object> object,
                                                      uint32_t filter) {
  v8::Local<v8::Array> names;
  if (!object
           ->GetPropertyNames(env.isolate->GetCurrentContext(), v8::KeyCollectionMode::kOwnOnly,
                              v8::PropertyFilter(filter), v8::IndexFilter::kSkipIndices)
           .ToLocal(&names))
    return Error::Pending();
  return v8::Local<v8::Value>(names);
}

v8::Local<v8::String> GetConstructorName(Env&, v8::Local<v8::Object> object) {
  return object->GetConstructorName();
}

void GetExternalValue(Env& env, const Args& args) {
  if (!args[0]->IsExternal()) return ThrowBadArgument(env, 0);
  auto address = reinterpret_cast<uint64_t>(args[0].As<v8::External>()->Value());
  args.GetReturnValue().Set(v8::BigInt::NewFromUnsigned(env.isolate, address));
}

bool ArrayBufferViewHasBuffer(Env&, v8::Local<v8::ArrayBufferView> view) {
  return view->HasBuffer();
}

void MarkPromiseAsHandled(Env&, v8::Local<v8::Promise> promise) { promise->MarkAsHandled(); }

// Created with V8's API, not with the global constructor, which scripts may have replaced, and
// which does not exist while a snapshot is being built.
Result<v8::Local<v8::Value>> ConstructSharedArrayBuffer(Env& env, double length) {
  if (!(length >= 0 && length <= double(v8::TypedArray::kMaxByteLength)))
    return Error::Range("ERR_OUT_OF_RANGE", "Invalid array buffer length");
  return v8::Local<v8::Value>(v8::SharedArrayBuffer::New(env.isolate, size_t(length)));
}

// ---------------------------------------------------------------- the call stack

// [line, column, file] of the caller's caller.
void GetCallerLocation(Env& env, const Args& args) {
  auto trace = v8::StackTrace::CurrentStackTrace(env.isolate, 2);
  if (trace->GetFrameCount() != 2) return;
  auto frame = trace->GetFrame(env.isolate, 1);
  v8::Local<v8::Value> file = frame->GetScriptNameOrSourceURL();
  if (file.IsEmpty()) return;
  args.GetReturnValue().Set(
      NewArray(env, {v8::Integer::New(env.isolate, frame->GetLineNumber()),
                     v8::Integer::New(env.isolate, frame->GetColumn()), file}));
}

// getCallSites(count): objects without prototype. Frame 0 is util itself.
void GetCallSites(Env& env, const Args& args) {
  uint32_t count = args[0]->IsUint32() ? args[0].As<v8::Uint32>()->Value() : 0;
  if (count < 1 || count > 200) return ThrowBadArgument(env, 0);
  auto stack = v8::StackTrace::CurrentStackTrace(env.isolate, int(count) + 1);
  v8::Local<v8::Name> names[] = {env.Name("functionName"), env.Name("scriptId"),
                                 env.Name("scriptName"),   env.Name("lineNumber"),
                                 env.Name("columnNumber"), env.Name("column")};
  auto or_empty = [&](v8::Local<v8::Value> string) {
    return string.IsEmpty() ? v8::Local<v8::Value>(v8::String::Empty(env.isolate)) : string;
  };
  std::vector<v8::Local<v8::Value>> sites;
  for (int i = 1; i < stack->GetFrameCount(); i++) {
    auto frame = stack->GetFrame(env.isolate, uint32_t(i));
    v8::Local<v8::Value> column = v8::Integer::New(env.isolate, frame->GetColumn());
    v8::Local<v8::Value> values[] = {or_empty(frame->GetFunctionName()),
                                     env.Str(std::to_string(frame->GetScriptId())),
                                     or_empty(frame->GetScriptName()),
                                     v8::Integer::New(env.isolate, frame->GetLineNumber()),
                                     column,
                                     column};
    sites.push_back(
        v8::Object::New(env.isolate, v8::Null(env.isolate), names, values, std::size(names)));
  }
  args.GetReturnValue().Set(v8::Array::New(env.isolate, sites.data(), sites.size()));
}

// Whether the innermost frame outside of Node's library is in node_modules, among the first `limit`
// frames.
void IsInsideNodeModules(Env& env, const Args& args) {
  int limit = args[0]->IsInt32() ? args[0].As<v8::Int32>()->Value() : 10;
  auto stack = v8::StackTrace::CurrentStackTrace(env.isolate, limit);
  bool inside = false;
  for (int i = 0; i < stack->GetFrameCount(); i++) {
    auto script = stack->GetFrame(env.isolate, uint32_t(i))->GetScriptName();
    if (script.IsEmpty() || script->Length() == 0) continue;
    std::string name = ToUtf8(env.isolate, script);
    if (name.starts_with("node:")) continue;
    for (const char* part :
         {"/node_modules/", "\\node_modules\\", "/node_modules\\", "\\node_modules/"})
      inside = inside || name.find(part) != std::string::npos;
    break;
  }
  args.GetReturnValue().Set(inside);
}

// ---------------------------------------------------------------- lazy properties

// Data properties whose value is require(id)[name], loaded on first use.
void LazyProperty(v8::Local<v8::Name> name, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Env& env = Env::From(info.GetIsolate());
  v8::Local<v8::Function> require = env.GetFunction(Slot::kRequire);
  if (require.IsEmpty())
    return Error::Plain("ERR_INVALID_STATE", "The library is not loaded yet").Throw(env);
  v8::Local<v8::Value> id = info.Data();
  v8::Local<v8::Value> module, value;
  if (!require->Call(env.context(), v8::Null(env.isolate), 1, &id).ToLocal(&module)) return;
  if (!module.As<v8::Object>()->Get(env.context(), name).ToLocal(&value)) return;
  info.GetReturnValue().Set(value);
}

// defineLazyProperties(target, id, keys, enumerable = true)
void DefineLazyProperties(Env& env, const Args& args) {
  if (!args[0]->IsObject()) return ThrowBadArgument(env, 0);
  if (!args[1]->IsString()) return ThrowBadArgument(env, 1);
  if (!args[2]->IsArray()) return ThrowBadArgument(env, 2);
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  auto attributes = args.Length() == 3 || args[3]->IsTrue() ? v8::None : v8::DontEnum;
  auto keys = args[2].As<v8::Array>();
  for (uint32_t i = 0; i < keys->Length(); i++) {
    v8::Local<v8::Value> key;
    if (!keys->Get(context, i).ToLocal(&key)) return;
    if (!key->IsName()) return ThrowBadArgument(env, 2);
    if (args[0]
            .As<v8::Object>()
            ->SetLazyDataProperty(context, key.As<v8::Name>(), LazyProperty, args[1], attributes)
            .IsNothing())
      return;
    if (env.observer) env.observer->OnLazyProperty(args[0].As<v8::Object>(), key.As<v8::Name>());
  }
}

// ---------------------------------------------------------------- the system

void Sleep(Env&, uint32_t milliseconds) { uv_sleep(milliseconds); }

// An index into ['TCP', 'TTY', 'UDP', 'FILE', 'PIPE', 'UNKNOWN'].
uint32_t GuessHandleType(Env&, int32_t fd) {
  switch (fd < 0 ? UV_UNKNOWN_HANDLE : uv_guess_handle(fd)) {
    case UV_TCP:
      return 0;
    case UV_TTY:
      return 1;
    case UV_UDP:
      return 2;
    case UV_FILE:
      return 3;
    case UV_NAMED_PIPE:
      return 4;
    default:
      return 5;
  }
}

v8::Local<v8::Object> ParseEnv(Env& env, std::string text) {
  v8::Local<v8::Object> object = v8::Object::New(env.isolate);
  DotenvValues values;
  ParseDotenv(text, &values);
  for (auto& [name, value] : values)
    (void)object->CreateDataProperty(env.context(), env.Str(name), env.Str(value));
  return object;
}

constexpr Entry kFunctions[] = {
    MethodNoSideEffect<IsInsideNodeModules>("isInsideNodeModules"),
    Method<DefineLazyProperties>("defineLazyProperties"),
    MethodNoSideEffect<GetPromiseDetails>("getPromiseDetails"),
    MethodNoSideEffect<GetProxyDetails>("getProxyDetails"),
    MethodNoSideEffect<GetCallerLocation>("getCallerLocation"),
    MethodNoSideEffect<PreviewEntries>("previewEntries"),
    MethodNoSideEffect<GetOwnNonIndexProperties>("getOwnNonIndexProperties"),
    MethodNoSideEffect<GetConstructorName>("getConstructorName"),
    MethodNoSideEffect<GetExternalValue>("getExternalValue"),
    Method<GetCallSites>("getCallSites"),
    Method<Sleep>("sleep"),
    Method<ParseEnv>("parseEnv"),
    Method<ArrayBufferViewHasBuffer>("arrayBufferViewHasBuffer"),
    Method<ConstructSharedArrayBuffer>("constructSharedArrayBuffer"),
    Method<MarkPromiseAsHandled>("markPromiseAsHandled"),
    Fast<GuessHandleType>("guessHandleType"),
};

// internal/util/types copies further functions onto this object; these are the native ones.
struct Number {
  const char* name;
  int value;
};
constexpr Number kConstants[] = {
    {"kPending", v8::Promise::kPending},
    {"kFulfilled", v8::Promise::kFulfilled},
    {"kRejected", v8::Promise::kRejected},
    // Indices of process's exit_info array (Env::exit_info)
    {"kExiting", 0},
    {"kExitCode", 1},
    {"kHasExitCode", 2},
    // Filters of getOwnNonIndexProperties
    {"ALL_PROPERTIES", v8::ALL_PROPERTIES},
    {"ONLY_WRITABLE", v8::ONLY_WRITABLE},
    {"ONLY_ENUMERABLE", v8::ONLY_ENUMERABLE},
    {"ONLY_CONFIGURABLE", v8::ONLY_CONFIGURABLE},
    {"SKIP_STRINGS", v8::SKIP_STRINGS},
    {"SKIP_SYMBOLS", v8::SKIP_SYMBOLS},
    // Values of transfer_mode_private_symbol
    {"kDisallowCloneAndTransfer", 0},
    {"kTransferable", 1},
    {"kCloneable", 2},
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  // Private symbols are not JavaScript values; only a template can create an object with them.
  auto symbols = v8::ObjectTemplate::New(env.isolate);
  for (const PrivateSymbolName& symbol : kPrivateSymbols)
    symbols->Set(env.Name(symbol.property), env.Private(symbol.property));
  env.Set(exports, "privateSymbols", symbols->NewInstance(env.context()).ToLocalChecked());

  auto constants = v8::Object::New(env.isolate);
  for (const Number& constant : kConstants)
    env.Set(constants, constant.name, double(constant.value));
  env.Set(exports, "constants", constants);

  // 1 until a domain or a capture callback handles exceptions.
  env.abort_toggle[0] = 1;
  env.Set(exports, "shouldAbortOnUncaughtToggle", env.abort_toggle.js());
}

void References(std::vector<intptr_t>& out) { out.push_back(Reference(&LazyProperty)); }

}  // namespace

extern const Binding kUtilBinding;
const Binding kUtilBinding = {
    .name = "util", .functions = kFunctions, .init = Init, .references = References};

}  // namespace kiln::runtime
