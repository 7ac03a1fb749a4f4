// The functions of binding.h that are not templates.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

void ThrowBadArgument(Env& env, int index) {
  Error::Type("ERR_INVALID_ARG_TYPE",
              "Native call: argument " + std::to_string(index) + " has the wrong type")
      .Throw(env);
}

bool RequireNew(Env& env, const Args& args) {
  if (args.IsConstructCall()) return true;
  Error::Type("ERR_CONSTRUCT_CALL_REQUIRED", "Cannot call constructor without `new`").Throw(env);
  return false;
}

void SetConstant(Env& env, v8::Local<v8::Object> object, const char* name, double value) {
  object
      ->DefineOwnProperty(env.context(), env.Name(name), v8::Number::New(env.isolate, value),
                          v8::PropertyAttribute(v8::ReadOnly | v8::DontDelete))
      .Check();
}

void SetConstant(Env& env, v8::Local<v8::Object> object, const char* name, std::string_view value) {
  object
      ->DefineOwnProperty(env.context(), env.Name(name), env.Str(value),
                          v8::PropertyAttribute(v8::ReadOnly | v8::DontDelete))
      .Check();
}

v8::Local<v8::Function> NewFunction(Env& env, v8::FunctionCallback call, const char* name,
                                    v8::Local<v8::Value> data) {
  auto function = v8::Function::New(env.context(), call, data, 0, v8::ConstructorBehavior::kThrow)
                      .ToLocalChecked();
  function->SetName(env.Name(name));
  return function;
}

v8::Local<v8::Object> NewNullProtoObject(Env& env) {
  return v8::Object::New(env.isolate, v8::Null(env.isolate), nullptr, nullptr, 0);
}

}  // namespace kiln::runtime
