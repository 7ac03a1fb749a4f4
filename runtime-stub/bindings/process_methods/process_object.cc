// process.version and related properties, and the interceptors of process.env. The versions are
// those of the linked libraries, if these report them; otherwise those for which Node's library of
// this release was made.
#include "runtime-stub/bindings/process_methods/process_object.h"

#include <unistd.h>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/call_observer.h"
#include "runtime-stub/env/symbol_names.h"
#include "runtime-stub/env/variables.h"
#include "runtime-stub/platform/environment.h"
#include "runtime-stub/platform/target.h"
#include "runtime-stub/platform/versions.h"

namespace kiln::runtime {

namespace {

void ProcessConstructor(const Args&) {}

// process._rawDebug: writes text to stderr without using streams.
void RawDebug(Env& env, std::string text) {
  text += '\n';
  for (size_t done = 0; done < text.size();) {
    ssize_t n = write(2, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += size_t(n);
  }
}

// ------------------------------------------------------------------ process.env

using Info = v8::PropertyCallbackInfo<v8::Value>;
using EnvAccess = CallObserver::EnvAccess;

// After a change of the variable `name`: if it is TZ, libc must read it again, and so must V8,
// which caches the time zone.
void UpdateTimeZone(Env& env, const std::string& name) {
  if (name != "TZ" || env.variables) return;
  tzset();
  env.isolate->DateTimeConfigurationChangeNotification(v8::Isolate::TimeZoneDetection::kRedetect);
}

std::optional<std::string> Variable(Env& env, const std::string& name) {
  return env.variables ? env.variables->Get(name) : ReadUntrusted(name);
}

v8::Intercepted EnvGet(v8::Local<v8::Name> property, const Info& info) {
  Env& env = Env::From(info.GetIsolate());
  if (property->IsSymbol()) {
    info.GetReturnValue().SetUndefined();
    return v8::Intercepted::kYes;
  }
  std::string key = ToUtf8(env.isolate, property);
  if (env.observer) env.observer->OnEnv(EnvAccess::kGet, key);
  std::optional<std::string> value = Variable(env, key);
  if (!value) return v8::Intercepted::kNo;
  info.GetReturnValue().Set(env.Str(*value));
  return v8::Intercepted::kYes;
}

v8::Intercepted EnvSet(v8::Local<v8::Name> property, v8::Local<v8::Value> value,
                       const v8::PropertyCallbackInfo<void>& info) {
  Env& env = Env::From(info.GetIsolate());
  if (!value->IsString() && !value->IsNumber() && !value->IsBoolean() && env.pending_deprecation &&
      !env.warned_env_value) {
    env.warned_env_value = true;
    env.EmitWarning(
        "Assigning any value other than a string, number, or boolean to a process.env property "
        "is deprecated. Please make sure to convert the value to a string before setting "
        "process.env with it.",
        "DeprecationWarning", "DEP0104");
  }
  v8::Local<v8::String> text;
  if (property->IsSymbol()) {
    env.isolate->ThrowException(
        v8::Exception::TypeError(env.Str("Cannot convert a Symbol value to a string")));
    return v8::Intercepted::kYes;
  }
  if (!value->ToString(env.context()).ToLocal(&text)) return v8::Intercepted::kYes;
  std::string key = ToUtf8(env.isolate, property);
  if (env.observer) env.observer->OnEnv(EnvAccess::kSet, key);
  if (env.variables) {
    env.variables->Set(key, ToUtf8(env.isolate, text));
    return v8::Intercepted::kYes;
  }
  NoteEnvironmentChange();
  if (!key.empty()) SetVariable(key, ToUtf8(env.isolate, text));
  UpdateTimeZone(env, key);
  return v8::Intercepted::kYes;
}

v8::Intercepted EnvQuery(v8::Local<v8::Name> property,
                         const v8::PropertyCallbackInfo<v8::Integer>& info) {
  Env& env = Env::From(info.GetIsolate());
  if (property->IsSymbol()) return v8::Intercepted::kNo;
  std::string key = ToUtf8(env.isolate, property);
  if (env.observer) env.observer->OnEnv(EnvAccess::kQuery, key);
  if (!Variable(env, key)) return v8::Intercepted::kNo;
  info.GetReturnValue().Set(v8::None);
  return v8::Intercepted::kYes;
}

v8::Intercepted EnvDelete(v8::Local<v8::Name> property,
                          const v8::PropertyCallbackInfo<v8::Boolean>& info) {
  Env& env = Env::From(info.GetIsolate());
  if (property->IsString()) {
    std::string name = ToUtf8(env.isolate, property);
    if (env.observer) env.observer->OnEnv(EnvAccess::kDelete, name);
    if (env.variables) {
      env.variables->Remove(name);
    } else {
      NoteEnvironmentChange();
      RemoveVariable(name);
      UpdateTimeZone(env, name);
    }
  }
  // process.env has no non-configurable properties, so delete always succeeds.
  info.GetReturnValue().Set(true);
  return v8::Intercepted::kYes;
}

void EnvEnumerate(const v8::PropertyCallbackInfo<v8::Array>& info) {
  Env& env = Env::From(info.GetIsolate());
  if (env.observer) env.observer->OnEnv(EnvAccess::kAll, {});
  std::vector<v8::Local<v8::Value>> names;
  if (env.variables) {
    for (auto& [name, value] : env.variables->All()) names.push_back(env.Str(name));
  } else {
    for (auto& [name, value] : AllVariables()) names.push_back(env.Str(name));
  }
  info.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

v8::Intercepted EnvDefine(v8::Local<v8::Name> property, const v8::PropertyDescriptor& d,
                          const v8::PropertyCallbackInfo<void>& info) {
  Env& env = Env::From(info.GetIsolate());
  auto refuse = [&](const char* text) {
    Error::Type("ERR_INVALID_OBJECT_DEFINE_PROPERTY", text).Throw(env);
    return v8::Intercepted::kYes;
  };
  if (d.has_value()) {
    if (!d.has_writable() || !d.has_enumerable() || !d.has_configurable() || !d.writable() ||
        !d.enumerable() || !d.configurable())
      return refuse(
          "'process.env' only accepts a configurable, writable, and enumerable data descriptor");
    return EnvSet(property, d.value(), info);
  }
  if (d.has_get() || d.has_set())
    return refuse("'process.env' does not accept an accessor(getter/setter) descriptor");
  return refuse(
      "'process.env' only accepts a configurable, writable, and enumerable data descriptor");
}

// Indices are names too: process.env[0].
v8::Local<v8::Name> IndexName(v8::Isolate* isolate, uint32_t i) {
  return Env::From(isolate).Name(std::to_string(i));
}
v8::Intercepted EnvGetIndex(uint32_t i, const Info& info) {
  return EnvGet(IndexName(info.GetIsolate(), i), info);
}
v8::Intercepted EnvSetIndex(uint32_t i, v8::Local<v8::Value> value,
                            const v8::PropertyCallbackInfo<void>& info) {
  return EnvSet(IndexName(info.GetIsolate(), i), value, info);
}
v8::Intercepted EnvQueryIndex(uint32_t i, const v8::PropertyCallbackInfo<v8::Integer>& info) {
  return EnvQuery(IndexName(info.GetIsolate(), i), info);
}
v8::Intercepted EnvDeleteIndex(uint32_t i, const v8::PropertyCallbackInfo<v8::Boolean>& info) {
  return EnvDelete(IndexName(info.GetIsolate(), i), info);
}
v8::Intercepted EnvDefineIndex(uint32_t i, const v8::PropertyDescriptor& d,
                               const v8::PropertyCallbackInfo<void>& info) {
  return EnvDefine(IndexName(info.GetIsolate(), i), d, info);
}

void SetReadOnly(Env& env, v8::Local<v8::Object> object, const char* name,
                 v8::Local<v8::Value> value) {
  object->DefineOwnProperty(env.context(), env.Name(name), value, v8::ReadOnly).Check();
}

}  // namespace

v8::Local<v8::Object> MakeEnvProxy(Env& env) {
  auto maker = v8::FunctionTemplate::New(env.isolate);
  auto instance = v8::ObjectTemplate::New(env.isolate, maker);
  instance->SetHandler(v8::NamedPropertyHandlerConfiguration(
      EnvGet, EnvSet, EnvQuery, EnvDelete, EnvEnumerate, EnvDefine, nullptr, {},
      v8::PropertyHandlerFlags::kHasNoSideEffect));
  instance->SetHandler(v8::IndexedPropertyHandlerConfiguration(
      EnvGetIndex, EnvSetIndex, EnvQueryIndex, EnvDeleteIndex, nullptr, EnvDefineIndex, nullptr, {},
      v8::PropertyHandlerFlags::kHasNoSideEffect));
  return instance->NewInstance(env.context()).ToLocalChecked();
}

v8::Local<v8::Object> MakeProcessObject(Env& env) {
  v8::Local<v8::Context> context = env.context();
  auto maker = v8::FunctionTemplate::New(env.isolate, ProcessConstructor);
  maker->SetClassName(env.Name("process"));
  v8::Local<v8::Object> process =
      maker->GetFunction(context).ToLocalChecked()->NewInstance(context).ToLocalChecked();

  (void)process->SetPrivate(context, env.Private("exit_info_private_symbol"), env.exit_info.js());
  SetReadOnly(env, process, "version", env.Str("v" KILN_NODE_VERSION));
  v8::Local<v8::Object> versions = v8::Object::New(env.isolate);
  for (auto [name, version] : RuntimeVersions()) SetReadOnly(env, versions, name, env.Str(version));
  SetReadOnly(env, process, "versions", versions);
  SetReadOnly(env, process, "arch", env.Str(kTargetArchName));
  SetReadOnly(env, process, "platform", env.Str(kTargetOs));
  v8::Local<v8::Object> release = v8::Object::New(env.isolate);
  SetReadOnly(env, release, "name", env.Str("node"));
  SetReadOnly(env, release, "lts", env.Str("Krypton"));
  constexpr const char* kDownloads =
      "https://nodejs.org/download/release/v" KILN_NODE_VERSION "/node-v" KILN_NODE_VERSION;
  SetReadOnly(env, release, "sourceUrl", env.Str(std::string(kDownloads) + ".tar.gz"));
  SetReadOnly(env, release, "headersUrl", env.Str(std::string(kDownloads) + "-headers.tar.gz"));
  SetReadOnly(env, process, "release", release);
  env.Set(process, "_rawDebug", NewFunction(env, Thunk<RawDebug>::Call, "_rawDebug"));
  return process;
}

void ProcessReferences(std::vector<intptr_t>& out) {
  for (intptr_t r :
       {Reference(ProcessConstructor), Reference(Thunk<RawDebug>::Call), Reference(EnvGet),
        Reference(EnvSet), Reference(EnvQuery), Reference(EnvDelete), Reference(EnvEnumerate),
        Reference(EnvDefine), Reference(EnvGetIndex), Reference(EnvSetIndex),
        Reference(EnvQueryIndex), Reference(EnvDeleteIndex), Reference(EnvDefineIndex)})
    out.push_back(r);
}

}  // namespace kiln::runtime
