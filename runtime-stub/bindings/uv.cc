// internalBinding("uv"): libuv's error codes, names and messages. The library builds names such as
// `UV_` + code at run time, so all of them are here.
#include <uv.h>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

struct UvError {
  int code;
  const char* name;
  const char* constant;
  const char* text;
};
constexpr UvError kErrors[] = {
#define V(name, text) {UV_##name, #name, "UV_" #name, text},
    UV_ERRNO_MAP(V)
#undef V
};

// The older function for a name: used by util._errnoException and by user code that has a code.
void ErrName(Env& env, const Args& args) {
  if (env.pending_deprecation)
    env.EmitWarning(
        "Directly calling process.binding('uv').errname(<val>) is being deprecated. Please "
        "make sure to use util.getSystemErrorName() instead.",
        "DeprecationWarning", "DEP0119");
  int32_t code;
  if (!args[0]->Int32Value(env.context()).To(&code)) return;
  char name[64];
  uv_err_name_r(code, name, sizeof name);
  args.GetReturnValue().Set(env.Str(name));
}

v8::Local<v8::Value> GetErrorMap(Env& env) {
  v8::Local<v8::Map> map = v8::Map::New(env.isolate);
  for (const UvError& error : kErrors) {
    v8::Local<v8::Value> pair[] = {env.Name(error.name), env.Str(error.text)};
    (void)map->Set(env.context(), v8::Integer::New(env.isolate, error.code),
                   v8::Array::New(env.isolate, pair, 2));
  }
  return map;
}

std::string GetErrorMessage(Env&, int32_t code) {
  char text[256];
  uv_strerror_r(code, text, sizeof text);
  return text;
}

constexpr Entry kFunctions[] = {
    Method<ErrName>("errname"),
    Method<GetErrorMap>("getErrorMap"),
    Method<GetErrorMessage>("getErrorMessage"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  for (const UvError& error : kErrors) SetConstant(env, exports, error.constant, error.code);
}

}  // namespace

extern const Binding kUvBinding;
const Binding kUvBinding = {.name = "uv", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
