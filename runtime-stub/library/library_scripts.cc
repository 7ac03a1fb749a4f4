#include "runtime-stub/library/library_scripts.h"

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/env/symbol_names.h"
#include "runtime-stub/library/library.h"

namespace kiln::runtime {

v8::MaybeLocal<v8::Value> RunLibraryScript(Env& env, std::string_view id,
                                           std::vector<v8::Local<v8::Value>> args) {
  v8::EscapableHandleScope scope(env.isolate);
  v8::Local<v8::Function> function;
  v8::Local<v8::Value> result;
  if (!CompileLibraryFunction(env, id).ToLocal(&function) ||
      !function->Call(env.context(), env.Undefined(), int(args.size()), args.data())
           .ToLocal(&result))
    return {};
  return scope.Escape(result);
}

v8::MaybeLocal<v8::Object> RunPerContextScripts(Env& env, v8::Local<v8::Context> context) {
  v8::Context::Scope entered(context);
  v8::Isolate* isolate = env.isolate;
  v8::EscapableHandleScope scope(isolate);
  v8::Local<v8::Object> exports = v8::Object::New(isolate);
  v8::Local<v8::Object> primordials = NewNullProtoObject(env);
  v8::Local<v8::Object> privates = NewNullProtoObject(env);
  v8::Local<v8::Object> symbols = NewNullProtoObject(env);
  for (const PrivateSymbolName& p : kPrivateSymbols)
    env.Set(privates, p.property, env.Private(p.property).As<v8::Value>());
  for (const SymbolName& s : kPerIsolateSymbols)
    env.Set(symbols, s.per_context_name, env.Symbol(s.name));
  env.Set(exports, "primordials", primordials);
  env.Set(exports, "privateSymbols", privates);
  env.Set(exports, "perIsolateSymbols", symbols);
  v8::Local<v8::Value> args[] = {exports, primordials, privates, symbols};
  for (const char* id : {"internal/per_context/primordials", "internal/per_context/domexception",
                         "internal/per_context/messageport"}) {
    v8::Local<v8::Function> script;
    if (!CompileLibraryFunction(env, id, context).ToLocal(&script) ||
        script->Call(context, env.Undefined(), 4, args).IsEmpty())
      return {};
  }
  return scope.Escape(exports);
}

// A vm context gets its own exports when they are first needed; a private property of its global
// object keeps them.
v8::MaybeLocal<v8::Object> PerContextExports(Env& env, v8::Local<v8::Context> context) {
  if (context == env.context()) return env.Get(Slot::kPerContextExports).As<v8::Object>();
  v8::Local<v8::Private> key =
      v8::Private::ForApi(env.isolate, env.Name("node:per_context_binding_exports"));
  v8::Local<v8::Value> known;
  if (!context->Global()->GetPrivate(context, key).ToLocal(&known)) return {};
  if (known->IsObject()) return known.As<v8::Object>();
  v8::Local<v8::Object> exports;
  if (!RunPerContextScripts(env, context).ToLocal(&exports) ||
      context->Global()->SetPrivate(context, key, exports).IsNothing())
    return {};
  return exports;
}

v8::MaybeLocal<v8::Value> RunMainScript(Env& env, std::string_view id) {
  return RunLibraryScript(env, id,
                          {env.process(), env.Get(Slot::kRequire), env.Get(Slot::kInternalBinding),
                           env.Get(Slot::kPrimordials)});
}

}  // namespace kiln::runtime
