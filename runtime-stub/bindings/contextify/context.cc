// Creates vm contexts. The global object of a contextified sandbox has interceptors that access the
// sandbox first (interceptors.cc); with DONT_CONTEXTIFY it is an ordinary global object.
#include <algorithm>

#include "runtime-stub/bindings/contextify/contextify.h"
#include "runtime-stub/bindings/contextify/disable_proto.h"
#include "runtime-stub/platform/context_features.h"

namespace kiln::runtime {

const ClassEntry kContextifyContextClass = {.name = "ContextifyContext"};

namespace {

struct VmContexts {
  explicit VmContexts(Env&) {}
  std::vector<ContextifyContext*> alive;
  int no_abort_depth = 0;
};

void SetPromiseHooks(Env& env, v8::Local<v8::Context> context) {
  context->SetPromiseHooks(
      env.GetFunction(Slot::kPromiseHookInit), env.GetFunction(Slot::kPromiseHookBefore),
      env.GetFunction(Slot::kPromiseHookAfter), env.GetFunction(Slot::kPromiseHookSettled));
}

}  // namespace

ContextifyContext::ContextifyContext(Env& env, std::unique_ptr<v8::MicrotaskQueue> queue)
    : Wrapped(env), queue_(std::move(queue)) {
  env.State<VmContexts>().alive.push_back(this);
}

ContextifyContext::~ContextifyContext() { std::erase(env().State<VmContexts>().alive, this); }

void UpdatePromiseHooks(Env& env) {
  v8::HandleScope scope(env.isolate);
  for (ContextifyContext* context : env.State<VmContexts>().alive)
    if (context->attached()) SetPromiseHooks(env, context->context());
}

ContextifyContext* ContextifyContext::FromHolder(Env& env, v8::Local<v8::Value> holder) {
  v8::Local<v8::Value> wrapper;
  if (!holder->IsObject() ||
      !holder.As<v8::Object>()
           ->GetPrivate(env.context(), env.Private("contextify_context_private_symbol"))
           .ToLocal(&wrapper))
    return nullptr;
  return UnwrapArgument<ContextifyContext>(env, kContextifyContextClass, wrapper);
}

ContextifyContext* ContextifyContext::FromContext(v8::Local<v8::Context> context) {
  if (context->GetNumberOfEmbedderDataFields() <= uint32_t(kContextifyField)) return nullptr;
  v8::Local<v8::Value> wrapper = context->GetEmbedderData(kContextifyField);
  if (!wrapper->IsObject()) return nullptr;
  return Unwrap<ContextifyContext>(wrapper.As<v8::Object>());
}

namespace {

struct ContextOptions {
  v8::Local<v8::Object> sandbox;  // empty: an ordinary global object
  v8::Local<v8::Value> allow_strings;
  v8::Local<v8::Value> allow_wasm;
  bool own_queue = false;
  std::string name, origin;  // for debuggers
  v8::Local<v8::Symbol> host_defined_option;
};

// The global object of the new context; empty with an exception pending.
v8::MaybeLocal<v8::Object> NewContext(Env& env, const ContextOptions& options) {
  v8::Isolate* isolate = env.isolate;
  v8::EscapableHandleScope scope(isolate);
  std::unique_ptr<v8::MicrotaskQueue> queue;
  if (options.own_queue) queue = v8::MicrotaskQueue::New(isolate, v8::MicrotasksPolicy::kExplicit);

  v8::Local<v8::ObjectTemplate> global_template;
  if (!options.sandbox.IsEmpty())
    global_template = env.Template(kContextifyGlobalClass)->InstanceTemplate();
  v8::Local<v8::Context> context;
  {
    ContextCreation creation(isolate);
    context = v8::Context::New(
        isolate, nullptr, global_template, {}, v8::DeserializeInternalFieldsCallback(),
        queue ? queue.get() : isolate->GetCurrentContext()->GetMicrotaskQueue());
  }
  if (context.IsEmpty()) return {};  // stack overflow, or execution was terminated
  ApplyDisableProto(env, context);

  v8::Local<v8::Object> global = context->Global();
  context->SetSecurityToken(env.context()->GetSecurityToken());
  context->SetEmbedderData(
      kSandboxField, options.sandbox.IsEmpty() ? env.Undefined() : options.sandbox.As<v8::Value>());
  // If this is off, V8 calls the isolate's callback, if there is one.
  context->AllowCodeGenerationFromStrings(options.allow_strings->IsTrue());
  context->SetEmbedderData(kAllowStringsField, options.allow_strings);
  context->SetEmbedderData(kAllowWasmField, options.allow_wasm);

  v8::Local<v8::Private> hdo = env.Private("host_defined_option_symbol");
  v8::Local<v8::Object> wrapper;
  {
    v8::Context::Scope entered(context);
    v8::Local<v8::Value> intl = env.Get(global, "Intl");
    if (intl->IsObject()) (void)intl.As<v8::Object>()->Delete(context, env.Name("v8BreakIterator"));
    if (!options.sandbox.IsEmpty()) {
      // The global object has the class name of the sandbox.
      v8::Local<v8::String> name = options.sandbox->GetConstructorName();
      if (!name->StringEquals(env.Name("Object")) &&
          global
              ->DefineOwnProperty(context, v8::Symbol::GetToStringTag(isolate), name, v8::DontEnum)
              .IsNothing())
        return {};
    }
    // import() in code that was compiled without host-defined options uses this.
    if (global->SetPrivate(context, hdo, options.host_defined_option).IsNothing()) return {};
    if (!env.Template(kContextifyContextClass)
             ->InstanceTemplate()
             ->NewInstance(context)
             .ToLocal(&wrapper))
      return {};
    (new ContextifyContext(env, std::move(queue)))->Attach(wrapper);
  }
  context->SetEmbedderData(kContextifyField, wrapper);
  SetPromiseHooks(env, context);
  if (env.inspector) env.inspector->ContextCreated(context, options.name, options.origin);

  v8::Local<v8::Object> holder = options.sandbox.IsEmpty() ? global : options.sandbox;
  if (holder->SetPrivate(context, env.Private("contextify_context_private_symbol"), wrapper)
          .IsNothing())
    return {};
  if (!options.sandbox.IsEmpty() &&
      options.sandbox->SetPrivate(context, hdo, options.host_defined_option).IsNothing())
    return {};
  return scope.Escape(global);
}

}  // namespace

// ------------------------------------------------------------------ callbacks

namespace {

bool AllowWasm(v8::Local<v8::Context> context, v8::Local<v8::String>) {
  if (context->GetNumberOfEmbedderDataFields() <= uint32_t(kAllowWasmField)) return true;
  return !context->GetEmbedderData(kAllowWasmField)->IsFalse();
}

// Called for eval and new Function where V8's own flag is off: in contexts that forbid it, and in
// the main context, where a sourceMappingURL in the code must be recorded.
v8::ModifyCodeGenerationFromStringsResult CheckStrings(v8::Local<v8::Context> context,
                                                       v8::Local<v8::Value> source, bool) {
  Env& env = Env::From(context->GetIsolate());
  v8::Local<v8::Function> cache = env.GetFunction(Slot::kMaybeCacheSourceMap);
  if (env.source_maps_enabled && !cache.IsEmpty()) {
    v8::TryCatch ignored(env.isolate);
    (void)cache->Call(context, context->Global(), 1, &source);
  }
  return {!context->GetEmbedderData(kAllowStringsField)->IsFalse(), {}};
}

bool ShouldAbort(v8::Isolate* isolate) {
  Env* env = Env::MaybeFrom(isolate);
  return env && env->abort_on_uncaught && !env->stopping && env->abort_toggle[0] &&
         env->State<VmContexts>().no_abort_depth == 0;
}

}  // namespace

NoAbortScope::NoAbortScope(Env& env) : env_(env) { env.State<VmContexts>().no_abort_depth++; }
NoAbortScope::~NoAbortScope() { env_.State<VmContexts>().no_abort_depth--; }

void InstallContextCallbacks(Env& env) {
  v8::Local<v8::Context> context = env.context();
  if (!context->GetEmbedderData(kAllowStringsField)->IsBoolean())
    context->SetEmbedderData(
        kAllowStringsField,
        v8::Boolean::New(env.isolate, context->IsCodeGenerationFromStringsAllowed()));
  context->AllowCodeGenerationFromStrings(false);
  env.isolate->SetModifyCodeGenerationFromStringsCallback(CheckStrings);
  env.isolate->SetAllowWasmCodeGenerationCallback(AllowWasm);
  env.isolate->SetAbortOnUncaughtExceptionCallback(ShouldAbort);
}

void MakeContext(Env& env, const Args& args) {
  ContextOptions options;
  if (args[0]->IsObject()) {
    options.sandbox = args[0].As<v8::Object>();
    if (ContextifyContext::FromHolder(env, options.sandbox)) return;  // already contextified
  }
  options.allow_strings = v8::Boolean::New(env.isolate, args[3]->IsTrue());
  options.allow_wasm = v8::Boolean::New(env.isolate, args[4]->IsTrue());
  options.own_queue = args[5]->IsTrue();
  if (args[1]->IsString()) options.name = ToUtf8(env.isolate, args[1]);
  if (args[2]->IsString()) options.origin = ToUtf8(env.isolate, args[2]);
  if (!args[6]->IsSymbol()) return ThrowBadArgument(env, 6);
  options.host_defined_option = args[6].As<v8::Symbol>();

  v8::Local<v8::Object> global;
  if (!NewContext(env, options).ToLocal(&global)) return;
  args.GetReturnValue().Set(options.sandbox.IsEmpty() ? global : options.sandbox);
}

}  // namespace kiln::runtime
