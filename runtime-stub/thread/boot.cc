// Boots the JavaScript library in the order of contract 3.2: per-context scripts,
// `process`, the realm's loaders, bootstrap/node, the web globals, and the switches of a
// main thread that owns the process.
#include "runtime-stub/thread/boot.h"

#include <unistd.h>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/compile_cache.h"
#include "runtime-stub/bindings/module_wrap.h"
#include "runtime-stub/exceptions/fatal_error.h"
#include "runtime-stub/library/library.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/bindings/process_methods/process_object.h"
#include "runtime-stub/env/symbol_names.h"
#include "runtime-stub/exceptions/uncaught.h"

namespace kiln::runtime {

namespace {

// What the realm's internalBinding() falls back to: makes the binding's object.
v8::MaybeLocal<v8::Object> MakeBinding(Env& env, std::string name) {
  if (const Binding* binding = FindBinding(name)) return Instantiate(env, *binding);
  Error::Plain("ERR_INVALID_MODULE", "No such binding: " + name).Throw(env);
  return {};
}

v8::MaybeLocal<v8::Object> GetLinkedBinding(Env& env, std::string name) {
  Error::Plain("ERR_INVALID_MODULE", "No such binding: " + name).Throw(env);
  return {};
}

v8::MaybeLocal<v8::Value> Run(Env& env, std::string_view id,
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

// Primordials, DOMException and the message dispatcher: what each context has.
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

bool SetUpPerContextExports(Env& env) {
  v8::Local<v8::Object> exports;
  if (!RunPerContextScripts(env, env.context()).ToLocal(&exports)) return false;
  env.Set(Slot::kPerContextExports, exports);
  env.Set(Slot::kPrimordials, env.Get(exports, "primordials"));
  env.Set(Slot::kPrivateSymbols, env.Get(exports, "privateSymbols"));
  env.Set(Slot::kDomException, env.Get(exports, "DOMException"));
  env.Set(Slot::kEmitMessage, env.Get(exports, "emitMessage"));
  return true;
}

bool BootSteps(Env& env) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Value> intl = env.Get(context->Global(), "Intl");
  if (intl->IsObject()) (void)intl.As<v8::Object>()->Delete(context, env.Name("v8BreakIterator"));

  if (!SetUpPerContextExports(env)) return false;

  v8::Local<v8::Object> process = MakeProcessObject(env);
  env.Set(Slot::kProcess, process);
  v8::Local<v8::Value> primordials = env.Get(Slot::kPrimordials);
  if (Run(env, "internal/bootstrap/realm",
          {process, NewFunction(env, Thunk<GetLinkedBinding>::Call, "getLinkedBinding"),
           NewFunction(env, Thunk<MakeBinding>::Call, "getInternalBinding"), primordials})
          .IsEmpty())
    return false;
  for (const char* id : {"internal/bootstrap/node", "internal/bootstrap/web/exposed-wildcard",
                         "internal/bootstrap/web/exposed-window-or-worker",
                         "internal/bootstrap/switches/is_main_thread",
                         "internal/bootstrap/switches/does_own_process_state"})
    if (RunMainScript(env, id).IsEmpty()) return false;
  env.Set(process, "env", MakeEnvProxy(env));
  return true;
}

}  // namespace

// A vm context gets its own when it first needs them; its global keeps them.
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
  return Run(env, id,
             {env.process(), env.Get(Slot::kRequire), env.Get(Slot::kInternalBinding),
              env.Get(Slot::kPrimordials)});
}

bool BootLibrary(Env& env) {
  v8::HandleScope scope(env.isolate);
  v8::TryCatch caught(env.isolate);
  if (BootSteps(env)) return true;
  PrintException(env, caught);
  return false;
}

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

void InstallIsolateCallbacks(Env& env) {
  v8::Isolate* isolate = env.isolate;
  isolate->AddMessageListenerWithErrorLevel(
      OnMessage, v8::Isolate::kMessageError | v8::Isolate::kMessageWarning);
  isolate->SetPrepareStackTraceCallback(OnPrepareStackTrace);
  isolate->SetPromiseRejectCallback(OnPromiseReject);
  isolate->SetCaptureStackTraceForUncaughtExceptions(true, 10, v8::StackTrace::kDetailed);
  InstallModuleCallbacks(env);
  InstallFatalErrorHandlers(isolate);
}

void BootReferences(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<MakeBinding>::Call));
  out.push_back(Reference(Thunk<GetLinkedBinding>::Call));
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

void Env::Exit(int code) {
  stopping = true;
  FlushCompileCache(*this);
  std::fflush(nullptr);
  uv_tty_reset_mode();
  _exit(code);
}

}  // namespace kiln::runtime
