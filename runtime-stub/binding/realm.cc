// Calls the functions that the library's bootstrap stored in Env's slots.
#include "runtime-stub/binding/realm.h"

namespace kiln::runtime {

v8::MaybeLocal<v8::Value> BindingObject(Env& env, std::string_view name) {
  v8::Local<v8::Function> internal_binding = env.GetFunction(Slot::kInternalBinding);
  CHECK(!internal_binding.IsEmpty());
  v8::Local<v8::Value> argument = env.Name(name);
  return internal_binding->Call(env.context(), env.Undefined(), 1, &argument);
}

v8::MaybeLocal<v8::Value> RequireBuiltin(Env& env, std::string_view id) {
  v8::Local<v8::Function> require = env.GetFunction(Slot::kRequire);
  CHECK(!require.IsEmpty());
  v8::Local<v8::Value> argument = env.Name(id);
  return require->Call(env.context(), env.Undefined(), 1, &argument);
}

void Env::EmitWarning(std::string_view text, std::string_view type, std::string_view code) {
  if (!can_call_into_js()) return;
  v8::HandleScope scope(isolate);
  v8::Context::Scope entered(context());
  v8::Local<v8::Value> emit = Get(process(), "emitWarning");
  if (!emit->IsFunction()) return;
  v8::Local<v8::Value> args[] = {Str(text), Str(type), Str(code)};
  (void)emit.As<v8::Function>()->Call(context(), process(), code.empty() ? 2 : 3, args);
}

}  // namespace kiln::runtime
