// Boots the JavaScript library in the order of docs/node-library.md: per-context scripts,
// `process`, the realm's loaders, bootstrap/node, the web globals, and the switches of a
// main thread that owns the process.
#include "runtime-stub/thread/boot.h"

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/binding/registry.h"
#include "runtime-stub/bindings/module_wrap.h"
#include "runtime-stub/bindings/process_methods/process_object.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/exceptions/fatal_error.h"
#include "runtime-stub/exceptions/uncaught.h"
#include "runtime-stub/library/library_scripts.h"

namespace kiln::runtime {

namespace {

// The realm's getInternalBinding(): creates the binding's object. The realm caches it.
v8::MaybeLocal<v8::Object> MakeBinding(Env& env, std::string name) {
  if (const Binding* binding = FindBinding(name)) return Instantiate(env, *binding);
  Error::Plain("ERR_INVALID_MODULE", "No such binding: " + name).Throw(env);
  return {};
}

v8::MaybeLocal<v8::Object> GetLinkedBinding(Env& env, std::string name) {
  if (Refuses(env, Permission::kAddon, name)) return {};
  Error::Plain("ERR_INVALID_MODULE", "No such binding was linked: " + name).Throw(env);
  return {};
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

bool BootSteps(Env& env, ThreadKind kind) {
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Value> intl = env.Get(context->Global(), "Intl");
  if (intl->IsObject()) (void)intl.As<v8::Object>()->Delete(context, env.Name("v8BreakIterator"));

  if (!SetUpPerContextExports(env)) return false;

  v8::Local<v8::Object> process = MakeProcessObject(env);
  env.Set(Slot::kProcess, process);
  v8::Local<v8::Value> primordials = env.Get(Slot::kPrimordials);
  if (RunLibraryScript(
          env, "internal/bootstrap/realm",
          {process, NewFunction(env, Thunk<GetLinkedBinding>::Call, "getLinkedBinding"),
           NewFunction(env, Thunk<MakeBinding>::Call, "getInternalBinding"), primordials})
          .IsEmpty())
    return false;
  for (const char* id :
       {"internal/bootstrap/node", "internal/bootstrap/web/exposed-wildcard",
        "internal/bootstrap/web/exposed-window-or-worker",
        kind == ThreadKind::kWorker ? "internal/bootstrap/switches/is_not_main_thread"
                                    : "internal/bootstrap/switches/is_main_thread",
        kind == ThreadKind::kWorker ? "internal/bootstrap/switches/does_not_own_process_state"
                                    : "internal/bootstrap/switches/does_own_process_state"})
    if (RunMainScript(env, id).IsEmpty()) return false;
  env.Set(process, "env", MakeEnvProxy(env));
  return true;
}

}  // namespace

bool BootLibrary(Env& env, ThreadKind kind) {
  v8::HandleScope scope(env.isolate);
  v8::TryCatch caught(env.isolate);
  if (BootSteps(env, kind)) return true;
  if (env.stopping) return false;
  PrintException(env, caught);
  return false;
}

void InstallIsolateCallbacks(Env& env) {
  v8::Isolate* isolate = env.isolate;
  isolate->AddMessageListenerWithErrorLevel(
      OnMessage, v8::Isolate::kMessageError | v8::Isolate::kMessageWarning);
  isolate->SetPrepareStackTraceCallback(OnPrepareStackTrace);
  isolate->SetPromiseRejectCallback(OnPromiseReject);
  // As in Node, only on request: it computes the positions of all frames whenever an Error is created.
  if (env.options && env.options->GetBool("--trace-uncaught"))
    isolate->SetCaptureStackTraceForUncaughtExceptions(true, 10, v8::StackTrace::kDetailed);
  InstallModuleCallbacks(env);
  InstallFatalErrorHandlers(isolate);
}

void BootReferences(std::vector<intptr_t>& out) {
  out.push_back(Reference(Thunk<MakeBinding>::Call));
  out.push_back(Reference(Thunk<GetLinkedBinding>::Call));
}

}  // namespace kiln::runtime
