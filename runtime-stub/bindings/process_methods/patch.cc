// process.title, argv, execArgv, pid, ppid, execPath and debugPort. They differ in each process, so
// they are set after a snapshot was restored.
#include <uv.h>

#include "runtime-stub/bindings/process_methods/process_methods.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime::process_methods {

namespace {

using Info = v8::PropertyCallbackInfo<v8::Value>;
using SetInfo = v8::PropertyCallbackInfo<void>;

void GetTitle(v8::Local<v8::Name>, const Info& info) {
  Env& env = Env::From(info.GetIsolate());
  std::string title(256, '\0');
  int rc;
  while ((rc = uv_get_process_title(title.data(), title.size())) == UV_ENOBUFS &&
         title.size() < (1 << 20))
    title.resize(title.size() * 2);
  if (rc < 0) return info.GetReturnValue().Set(env.Str("node"));
  info.GetReturnValue().Set(env.Str(title.c_str()));
}

void SetTitle(v8::Local<v8::Name>, v8::Local<v8::Value> value, const SetInfo& info) {
  Env& env = Env::From(info.GetIsolate());
  v8::Local<v8::String> text;
  if (!value->ToString(env.context()).ToLocal(&text)) return;
  uv_set_process_title(ToUtf8(env.isolate, text).c_str());
}

void GetParent(v8::Local<v8::Name>, const Info& info) {
  info.GetReturnValue().Set(int32_t(uv_os_getppid()));
}

void GetDebugPort(v8::Local<v8::Name>, const Info& info) {
  Env& env = Env::From(info.GetIsolate());
  if (env.debug_port < 0 && env.options)
    env.debug_port = env.options->GetHostPort("--inspect-port").port;
  info.GetReturnValue().Set(env.debug_port);
}

void SetDebugPort(v8::Local<v8::Name>, v8::Local<v8::Value> value, const SetInfo& info) {
  Env& env = Env::From(info.GetIsolate());
  int32_t port;
  if (!value->Int32Value(env.context()).To(&port)) return;
  if ((port != 0 && port < 1024) || port > 65535)
    return Error::Range("ERR_OUT_OF_RANGE", "process.debugPort must be 0 or in range 1024 to 65535")
        .Throw(env);
  env.debug_port = port;
}

v8::Local<v8::Array> Strings(Env& env, const std::vector<std::string>& list) {
  std::vector<v8::Local<v8::Value>> values;
  values.reserve(list.size());
  for (const std::string& item : list) values.push_back(env.Str(item));
  return v8::Array::New(env.isolate, values.data(), values.size());
}

}  // namespace

void PatchProcessObject(Env& env, v8::Local<v8::Object> process) {
  static const RunOptions kNone;
  const RunOptions& options = env.options ? *env.options : kNone;
  v8::Local<v8::Context> context = env.context();
  auto native = [&](const char* name, v8::AccessorNameGetterCallback get,
                    v8::AccessorNameSetterCallback set) {
    process
        ->SetNativeDataProperty(context, env.Name(name), get, set, {}, v8::None,
                                v8::SideEffectType::kHasNoSideEffect)
        .Check();
  };
  native("title", GetTitle, env.worker ? nullptr : SetTitle);  // of the process
  env.Set(process, "argv", Strings(env, options.argv));
  env.Set(process, "execArgv", Strings(env, options.exec_argv));
  // The builder's pid must not be in a snapshot: equal inputs must produce equal bytes.
  int pid = env.building_snapshot && !env.observer ? 0 : uv_os_getpid();
  process
      ->DefineOwnProperty(context, env.Name("pid"), v8::Integer::New(env.isolate, pid),
                          v8::ReadOnly)
      .Check();
  native("ppid", GetParent, nullptr);
  env.Set(process, "execPath", env.Str(options.exec_path));
  native("debugPort", GetDebugPort, env.worker ? nullptr : SetDebugPort);
}

void PatchReferences(std::vector<intptr_t>& out) {
  for (intptr_t r : {Reference(GetTitle), Reference(SetTitle), Reference(GetParent),
                     Reference(GetDebugPort), Reference(SetDebugPort)})
    out.push_back(r);
}

}  // namespace kiln::runtime::process_methods
