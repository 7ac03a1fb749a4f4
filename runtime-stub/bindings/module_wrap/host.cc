// V8's callbacks that concern modules, but not a single ModuleWrap: import(), import.meta, the
// facade that require() of an ES module returns, and the check for a pending top-level await at
// exit.
#include "runtime-stub/binding/realm.h"
#include "runtime-stub/bindings/contextify/contextify.h"
#include "runtime-stub/bindings/module_wrap.h"
#include "runtime-stub/bindings/module_wrap/wrap.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/exceptions/uncaught.h"

namespace kiln::runtime {

using v8::ScriptCompiler;

Local<v8::Object> AttributesObject(Env& env, Local<v8::FixedArray> raw, int stride) {
  Local<v8::Context> context = env.context();
  v8::LocalVector<v8::Name> names(env.isolate);
  v8::LocalVector<v8::Value> values(env.isolate);
  for (int i = 0; i + 1 < raw->Length(); i += stride) {
    names.push_back(raw->Get(context, i).As<v8::Name>());
    values.push_back(raw->Get(context, i + 1).As<v8::Value>());
  }
  Local<v8::Object> object = v8::Object::New(env.isolate, v8::Null(env.isolate), names.data(),
                                             values.data(), names.size());
  (void)object->SetIntegrityLevel(context, v8::IntegrityLevel::kFrozen);
  return object;
}

// ------------------------------------------------------------------ require(esm) facade

namespace {

struct FacadeState {
  explicit FacadeState(Env&) {}
  v8::Global<v8::Module> original;  // set while a facade is being linked
};

MaybeLocal<v8::Module> LinkFacade(Local<v8::Context> context, Local<v8::String>,
                                  Local<v8::FixedArray>, Local<v8::Module>) {
  Env& env = Env::From(context->GetIsolate());
  return env.State<FacadeState>().original.Get(env.isolate);
}

}  // namespace

// The namespace of a module that exports everything that `wrap` exports, and __esModule. require()
// returns it for an ES module with a default export.
void CreateRequiredModuleFacade(Env& env, const Args& args) {
  auto original = ModuleWrap::From(env, args[0]);
  if (!original) return ThrowBadArgument(env, 0);
  Local<v8::Context> context = env.isolate->GetCurrentContext();
  // Always the same source and name, so that V8 finds it in its compilation cache.
  v8::ScriptOrigin origin(env.Name("node:internal/require_module_default_facade"), 0, 0, true, -1,
                          {}, false, false, true);
  ScriptCompiler::Source source(
      env.Name("export * from 'original'; export { default } from 'original'; "
               "export const __esModule = true;"),
      origin);
  Local<v8::Module> facade;
  if (!ScriptCompiler::CompileModule(env.isolate, &source).ToLocal(&facade)) return;
  v8::Global<v8::Module>& slot = env.State<FacadeState>().original;
  slot.Reset(env.isolate, original->module());
  bool ok = facade->InstantiateModule(context, LinkFacade).IsJust();
  slot.Reset();
  if (!ok || facade->Evaluate(context).IsEmpty()) return;
  args.GetReturnValue().Set(facade->GetModuleNamespace());
}

// ------------------------------------------------------------------ import(), import.meta

namespace {

// The library's callback. An app that was restored from its snapshot has no module loaders until it
// needs them: internal/kiln/loaders then registers the callbacks.
Local<v8::Function> LoaderCallback(Env& env, Slot slot) {
  Local<v8::Function> callback = env.GetFunction(slot);
  Local<v8::Value> loaders, ignored;
  if (!callback.IsEmpty() || !env.payload) return callback;
  if (RequireBuiltin(env, "internal/kiln/loaders").ToLocal(&loaders)) {
    Local<v8::Value> prepare = env.Get(loaders.As<v8::Object>(), "prepare");
    if (prepare->IsFunction())
      (void)prepare.As<v8::Function>()->Call(env.context(), loaders, 0, nullptr).ToLocal(&ignored);
  }
  return env.GetFunction(slot);
}

MaybeLocal<v8::Promise> ImportWithPhase(Local<v8::Context> context,
                                        Local<v8::Data> host_defined_options,
                                        Local<v8::Value> resource_name, Local<v8::String> specifier,
                                        v8::ModuleImportPhase phase,
                                        Local<v8::FixedArray> attributes) {
  v8::Isolate* isolate = context->GetIsolate();
  Env& env = Env::From(isolate);
  v8::EscapableHandleScope scope(isolate);
  Local<v8::Function> import = LoaderCallback(env, Slot::kImportModuleDynamically);
  if (import.IsEmpty()) {
    Error::Type("ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING",
                "A dynamic import callback was not specified.")
        .Throw(env);
    return {};
  }
  // Code without host-defined options (such as eval in a vm context) uses those of its context.
  Local<v8::FixedArray> options = host_defined_options.As<v8::FixedArray>();
  Local<v8::Value> id;
  if (options->Length() == 1)
    id = options->Get(context, 0).As<v8::Value>();
  else if (!context->Global()
                ->GetPrivate(context, env.Private("host_defined_option_symbol"))
                .ToLocal(&id))
    return {};
  Local<v8::Value> args[] = {
      id, specifier,
      v8::Integer::New(isolate,
                       phase == v8::ModuleImportPhase::kSource ? kSourcePhase : kEvaluationPhase),
      AttributesObject(env, attributes, 2), resource_name};
  Local<v8::Value> result;
  if (!import->Call(context, env.Undefined(), std::size(args), args).ToLocal(&result)) return {};
  // The promise must belong to the context of the import() expression.
  Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) ||
      resolver->Resolve(context, result).IsNothing())
    return {};
  return scope.Escape(resolver->GetPromise());
}

MaybeLocal<v8::Promise> Import(Local<v8::Context> context, Local<v8::Data> host_defined_options,
                               Local<v8::Value> resource_name, Local<v8::String> specifier,
                               Local<v8::FixedArray> attributes) {
  return ImportWithPhase(context, host_defined_options, resource_name, specifier,
                         v8::ModuleImportPhase::kEvaluation, attributes);
}

void InitializeMeta(Local<v8::Context> context, Local<v8::Module> module, Local<v8::Object> meta) {
  Env& env = Env::From(context->GetIsolate());
  v8::HandleScope scope(env.isolate);
  auto wrap = ModuleWrap::Of(env, module);
  Local<v8::Function> initialize = LoaderCallback(env, Slot::kInitializeImportMeta);
  if (!wrap || initialize.IsEmpty()) return;
  Local<v8::Object> object = wrap->object();
  Local<v8::Value> id;
  if (!object->GetPrivate(context, env.Private("host_defined_option_symbol")).ToLocal(&id) ||
      !id->IsSymbol())
    return;
  Local<v8::Value> args[] = {id, meta, object};
  (void)initialize->Call(context, env.Undefined(), std::size(args), args);
}

}  // namespace

void InstallModuleCallbacks(Env& env) {
  env.isolate->SetHostImportModuleDynamicallyCallback(Import);
  env.isolate->SetHostImportModuleWithPhaseDynamicallyCallback(ImportWithPhase);
  env.isolate->SetHostInitializeImportMetaObjectCallback(InitializeMeta);
  InstallContextCallbacks(env);
}

bool CheckUnsettledTopLevelAwait(Env& env) {
  v8::HandleScope scope(env.isolate);
  Local<v8::Context> context = env.context();
  v8::Context::Scope entered(context);
  auto mark = [&](const char* name) {
    Local<v8::Value> value;
    if (!context->Global()->GetPrivate(context, env.Private(name)).ToLocal(&value))
      value = env.Undefined();
    return value;
  };
  Local<v8::Value> promise = mark("entry_point_promise_private_symbol");
  if (!promise->IsPromise() || promise.As<v8::Promise>()->State() != v8::Promise::kPending)
    return true;
  auto wrap = ModuleWrap::From(env, mark("entry_point_module_private_symbol"));
  if (!wrap) return true;
  Local<v8::Module> module = wrap->module();
  if (!module->IsSourceTextModule() || module->GetStatus() < v8::Module::kInstantiated ||
      !module->IsGraphAsync())
    return true;
  auto stalled = std::get<1>(module->GetStalledTopLevelAwaitMessages(env.isolate));
  if (stalled.empty()) return true;
  if (!env.options || env.options->GetBool("--warnings")) {
    for (Local<v8::Message> message : stalled)
      std::fprintf(stderr, "Warning: Detected unsettled top-level await at %s\n\n\n",
                   ErrorSource(env, message).c_str());
  }
  return false;
}

}  // namespace kiln::runtime
