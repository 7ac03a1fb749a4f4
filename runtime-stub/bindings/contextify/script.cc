// ContextifyScript, the base class of vm.Script: compiled once, run in any context. The script is
// in an internal field of the object, so there is no C++ object, and a snapshot can contain it.
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/contextify/contextify.h"
#include "runtime-stub/bindings/watchdog.h"
#include "runtime-stub/exceptions/uncaught.h"

namespace kiln::runtime {
namespace {

constexpr int kScriptField = 1;

v8::Local<v8::UnboundScript> ScriptOf(const Args& args) {
  v8::Local<v8::Data> data = args.This()->GetInternalField(kScriptField);
  if (data->IsValue()) return {};  // undefined: the constructor did not finish
  return data.As<v8::UnboundScript>();
}

// new ContextifyScript(code, filename, lineOffset, columnOffset, cachedData,
//                      produceCachedData, parsingContext, hostDefinedOption)
void NewScript(Env& env, const Args& args) {
  if (!RequireNew(env, args)) return;
  if (!args[0]->IsString() || !args[1]->IsString())
    return ThrowBadArgument(env, args[0]->IsString() ? 1 : 0);
  v8::Local<v8::Object> self = args.This();
  v8::Local<v8::Context> parsing_context = env.context();
  if (!args[6]->IsUndefined()) {
    ContextifyContext* context = ContextifyContext::FromHolder(env, args[6]);
    if (!context) return ThrowBadArgument(env, 6);
    parsing_context = context->context();
  }
  v8::Local<v8::Symbol> id =
      args[7]->IsSymbol() ? args[7].As<v8::Symbol>() : env.Symbol("vm_dynamic_import_no_callback");
  int line = args[2]->IsInt32() ? args[2].As<v8::Int32>()->Value() : 0;
  int column = args[3]->IsInt32() ? args[3].As<v8::Int32>()->Value() : 0;
  bool produce = args[5]->IsTrue();

  v8::ScriptCompiler::Source source(args[0].As<v8::String>(),
                                    MakeOrigin(env, args[1], line, column, id, false),
                                    TakeCachedData(args[4]));
  v8::Local<v8::UnboundScript> script;
  {
    NoAbortScope no_abort(env);
    v8::TryCatch caught(env.isolate);
    v8::Context::Scope entered(parsing_context);
    if (!v8::ScriptCompiler::CompileUnboundScript(env.isolate, &source,
                                                  source.GetCachedData()
                                                      ? v8::ScriptCompiler::kConsumeCodeCache
                                                      : v8::ScriptCompiler::kNoCompileOptions)
             .ToLocal(&script)) {
      if (caught.HasTerminated()) return;
      DecorateErrorStack(env, caught.Exception(), caught.Message());
      caught.ReThrow();
      return;
    }
  }
  self->SetInternalField(kScriptField, script);
  if (self->SetPrivate(env.context(), env.Private("host_defined_option_symbol"), id).IsNothing())
    return;
  std::unique_ptr<v8::ScriptCompiler::CachedData> produced;
  if (produce) produced.reset(v8::ScriptCompiler::CreateCodeCache(script));
  StoreCacheResult(env, self, source, produce, std::move(produced));
  env.Set(self, "sourceURL", script->GetSourceURL());
  env.Set(self, "sourceMapURL", script->GetSourceMappingURL());
}

// runInContext(contextified object or null, timeout, displayErrors, breakOnSigint,
//              breakOnFirstLine)
void RunInContext(Env& env, const Args& args) {
  v8::Local<v8::UnboundScript> unbound = ScriptOf(args);
  if (unbound.IsEmpty())
    return Error::Type("ERR_INVALID_THIS", "Script methods can only be called on script instances.")
        .Throw(env);
  v8::Local<v8::Context> context = env.context();
  v8::MicrotaskQueue* queue = nullptr;
  if (args[0]->IsObject()) {
    ContextifyContext* contextified = ContextifyContext::FromHolder(env, args[0]);
    if (!contextified) return ThrowBadArgument(env, 0);
    context = contextified->context();
    queue = contextified->queue();
  }
  if (!args[1]->IsNumber()) return ThrowBadArgument(env, 1);
  int64_t timeout = Saturate<int64_t>(args[1].As<v8::Number>()->Value());
  bool display_errors = args[2]->IsTrue();
  if (!env.can_call_into_js()) return;

  v8::Context::Scope entered(context);
  v8::TryCatch caught(env.isolate);
  v8::Local<v8::Script> script = unbound->BindToCurrentContext();
  if (args[4]->IsTrue() && env.inspector) env.inspector->PauseOnNextStatement("Break on start");
  v8::MaybeLocal<v8::Value> result;
  bool limited = RunLimited(env, timeout, args[3]->IsTrue(), [&] {
    result = script->Run(context);
    if (!result.IsEmpty() && queue) queue->PerformCheckpoint(env.isolate);
  });
  if (caught.HasCaught()) {
    if (!limited && display_errors && !caught.HasTerminated())
      DecorateErrorStack(env, caught.Exception(), caught.Message());
    if (!caught.HasTerminated()) caught.ReThrow();
    return;
  }
  v8::Local<v8::Value> value;
  if (result.ToLocal(&value)) args.GetReturnValue().Set(value);
}

void CreateCachedData(Env& env, const Args& args) {
  v8::Local<v8::UnboundScript> script = ScriptOf(args);
  if (script.IsEmpty()) return;
  args.GetReturnValue().Set(CacheToBuffer(env, std::unique_ptr<v8::ScriptCompiler::CachedData>(
                                                   v8::ScriptCompiler::CreateCodeCache(script))));
}

constexpr Entry kMethods[] = {
    Method<CreateCachedData>("createCachedData"),
    Method<RunInContext>("runInContext"),
};

}  // namespace

const ClassEntry kContextifyScriptClass = {.name = "ContextifyScript",
                                           .construct = Thunk<NewScript>::Call,
                                           .methods = kMethods,
                                           .fields = 2};

}  // namespace kiln::runtime
