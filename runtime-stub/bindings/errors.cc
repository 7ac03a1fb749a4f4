// internalBinding("errors"): the callbacks that format stack traces, and the function with which
// JavaScript reports an exception as uncaught.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/exceptions/uncaught.h"

namespace kiln::runtime {
namespace {

template <Slot slot>
void SetCallback(Env& env, v8::Local<v8::Function> f) {
  env.Set(slot, f);
}

void SetSourceMapsEnabled(Env& env, bool enabled) { env.source_maps_enabled = enabled; }

void SetEnhanceStack(Env& env, v8::Local<v8::Function> before, v8::Local<v8::Function> after) {
  env.Set(Slot::kEnhanceStackBefore, before);
  env.Set(Slot::kEnhanceStackAfter, after);
}

void NoSideEffectsToString(Env& env, const Args& args) {
  v8::Local<v8::String> text;
  if (args[0]->ToDetailString(env.context()).ToLocal(&text)) args.GetReturnValue().Set(text);
}

void TriggerUncaughtException(Env& env, const Args& args) {
  v8::Local<v8::Value> error = args[0];
  v8::Local<v8::Message> message = v8::Exception::CreateMessage(env.isolate, error);
  // If the process ends because of a rejected promise, the source line is shown, as for other
  // errors.
  if (env.abort_on_uncaught && env.abort_toggle[0]) AppendExceptionLine(env, error, message, true);
  env.UncaughtException(error, message, args[1]->IsTrue());
}

// {sourceLine, scriptResourceName, lineNumber, startColumn} of the position where an error was
// thrown.
void GetErrorSourcePositions(Env& env, const Args& args) {
  v8::Local<v8::Message> message = v8::Exception::CreateMessage(env.isolate, args[0]);
  v8::Local<v8::Object> result = v8::Object::New(env.isolate);
  v8::Local<v8::String> line;
  if (!message->GetSourceLine(env.context()).ToLocal(&line)) return;
  env.Set(result, "sourceLine", line);
  env.Set(result, "scriptResourceName", message->GetScriptOrigin().ResourceName());
  env.Set(result, "lineNumber", double(message->GetLineNumber(env.context()).FromMaybe(0)));
  env.Set(result, "startColumn", double(message->GetStartColumn(env.context()).FromMaybe(0)));
  args.GetReturnValue().Set(result);
}

constexpr Entry kFunctions[] = {
    Method<SetCallback<Slot::kPrepareStackTrace>>("setPrepareStackTraceCallback"),
    Method<SetCallback<Slot::kGetSourceMapErrorSource>>("setGetSourceMapErrorSource"),
    Method<SetSourceMapsEnabled>("setSourceMapsEnabled"),
    Method<SetCallback<Slot::kMaybeCacheSourceMap>>("setMaybeCacheGeneratedSourceMap"),
    Method<SetEnhanceStack>("setEnhanceStackForFatalException"),
    Method<NoSideEffectsToString>("noSideEffectsToString"),
    Method<TriggerUncaughtException>("triggerUncaughtException"),
    Method<GetErrorSourcePositions>("getErrorSourcePositions"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  constexpr std::pair<const char*, int> kExitCodes[] = {
      {"kNoFailure", 0},
      {"kGenericUserError", 1},
      {"kInternalJSParseError", 3},
      {"kInternalJSEvaluationFailure", 4},
      {"kV8FatalError", 5},
      {"kInvalidFatalExceptionMonkeyPatching", 6},
      {"kExceptionInFatalExceptionHandler", 7},
      {"kInvalidCommandLineArgument", 9},
      {"kBootstrapFailure", 10},
      {"kInvalidCommandLineArgument2", 12},
      {"kUnsettledTopLevelAwait", 13},
      {"kStartupSnapshotFailure", 14},
      {"kAbort", 134},
  };
  v8::Local<v8::Object> codes = v8::Object::New(env.isolate);
  for (auto [name, value] : kExitCodes) SetConstant(env, codes, name, value);
  env.Set(exports, "exitCodes", codes);
}

}  // namespace

extern const Binding kErrorsBinding;
const Binding kErrorsBinding = {.name = "errors", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
