// internalBinding("contextify"): the table of the binding, and the functions that do not concern
// contexts: SIGINT watchdog and memory measurement.
#include "runtime-stub/bindings/contextify/contextify.h"

#include "runtime-stub/bindings/watchdog.h"

namespace kiln::runtime {

namespace {

bool StartSigintWatchdog(Env&) { return SigintWatchdogHelper::Get().Start(); }
bool StopSigintWatchdog(Env&) { return SigintWatchdogHelper::Get().Stop(); }
bool WatchdogHasPendingSigint(Env&) { return SigintWatchdogHelper::Get().HasPending(); }

// A promise for V8's estimate of the memory use of each context.
v8::MaybeLocal<v8::Value> MeasureMemory(Env& env, int32_t mode, int32_t execution) {
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  env.isolate->MeasureMemory(
      v8::MeasureMemoryDelegate::Default(env.isolate, context, resolver,
                                         static_cast<v8::MeasureMemoryMode>(mode)),
      static_cast<v8::MeasureMemoryExecution>(execution));
  return resolver->GetPromise();
}

constexpr Entry kFunctions[] = {
    Method<MakeContext>("makeContext"),
    Method<CompileFunction>("compileFunction"),
    Method<StartSigintWatchdog>("startSigintWatchdog"),
    Method<StopSigintWatchdog>("stopSigintWatchdog"),
    MethodNoSideEffect<WatchdogHasPendingSigint>("watchdogHasPendingSigint"),
    Method<MeasureMemory>("measureMemory"),
    Method<CompileFunctionForCjsLoader>("compileFunctionForCJSLoader"),
    Method<ContainsModuleSyntax>("containsModuleSyntax"),
};

const ClassEntry* const kClasses[] = {&kContextifyScriptClass};
const ClassEntry* const kHiddenClasses[] = {&kContextifyContextClass, &kContextifyGlobalClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> mode = v8::Object::New(env.isolate);
  SetConstant(env, mode, "SUMMARY", double(v8::MeasureMemoryMode::kSummary));
  SetConstant(env, mode, "DETAILED", double(v8::MeasureMemoryMode::kDetailed));
  v8::Local<v8::Object> execution = v8::Object::New(env.isolate);
  SetConstant(env, execution, "DEFAULT", double(v8::MeasureMemoryExecution::kDefault));
  SetConstant(env, execution, "EAGER", double(v8::MeasureMemoryExecution::kEager));
  v8::Local<v8::Object> measure = v8::Object::New(env.isolate);
  env.Set(measure, "mode", mode);
  env.Set(measure, "execution", execution);
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  env.Set(constants, "measureMemory", measure);
  env.Set(exports, "constants", constants);
}

}  // namespace

extern const Binding kContextifyBinding;
const Binding kContextifyBinding = {.name = "contextify",
                                    .functions = kFunctions,
                                    .classes = kClasses,
                                    .hidden_classes = kHiddenClasses,
                                    .init = Init};

}  // namespace kiln::runtime
