// Uncaught exceptions, rejected promises and stack traces: the callbacks that V8 calls, and what a
// process prints to stderr before it ends because of one.
#include "runtime-stub/exceptions/uncaught.h"

#include <unistd.h>

#include "runtime-stub/binding/async_wrap.h"
#include "runtime-stub/command_line/options.h"
#include "runtime-stub/exceptions/library_line.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/versions.h"

namespace kiln::runtime {

namespace report {
// Weak: null if the report binding is not linked.
[[gnu::weak]] void ReportUncaughtException(Env& env, std::string_view message,
                                           v8::Local<v8::Value> error);
}  // namespace report

namespace {

void Write(std::string_view text) {
  std::fflush(stdout);
  while (!text.empty()) {
    ssize_t n = write(2, text.data(), text.size());
    if (n <= 0) return;
    text.remove_prefix(size_t(n));
  }
}

std::string StackText(v8::Isolate* isolate, v8::Local<v8::StackTrace> stack) {
  std::string out;
  for (int i = 0; !stack.IsEmpty() && i < stack->GetFrameCount(); i++) {
    v8::Local<v8::StackFrame> frame = stack->GetFrame(isolate, i);
    std::string name =
        ToUtf8(isolate, frame->GetFunctionName().IsEmpty() ? v8::String::Empty(isolate)
                                                           : frame->GetFunctionName());
    std::string place =
        (frame->GetScriptName().IsEmpty() ? std::string()
                                          : ToUtf8(isolate, frame->GetScriptName())) +
        ":" + std::to_string(frame->GetLineNumber()) + ":" + std::to_string(frame->GetColumn());
    out += name.empty() ? "    at " + place + "\n" : "    at " + name + " (" + place + ")\n";
  }
  return out;
}

// The error as it is printed: JavaScript's enhancers add properties and colours when the
// process is still able to run them.
void ReportFatalException(Env& env, v8::Local<v8::Value> error, v8::Local<v8::Message> message,
                          bool enhance) {
  v8::Isolate* isolate = env.isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::Context> context = env.context();
  AppendExceptionLine(env, error, message, true);
  v8::Local<v8::Value> stack = env.Undefined(), arrow = env.Undefined();
  bool decorated = false;
  if (error->IsObject()) {
    v8::Local<v8::Object> object = error.As<v8::Object>();
    v8::Local<v8::Value> mark;
    decorated =
        object->GetPrivate(context, env.Private("decorated_private_symbol")).ToLocal(&mark) &&
        mark->IsTrue();
    if (enhance && env.can_call_into_js()) {
      for (Slot slot : {Slot::kEnhanceStackBefore, Slot::kEnhanceStackAfter}) {
        v8::Local<v8::Function> enhancer = env.GetFunction(slot);
        v8::Local<v8::Value> result, argument = error;
        if (!enhancer.IsEmpty() &&
            enhancer->Call(context, env.Undefined(), 1, &argument).ToLocal(&result))
          stack = result;
      }
    } else {
      (void)object->Get(context, env.Name("stack")).ToLocal(&stack);
    }
    (void)object->GetPrivate(context, env.Private("arrow_message_private_symbol")).ToLocal(&arrow);
  }
  std::string arrow_text;
  if (arrow->IsString() && !decorated) arrow_text = ToUtf8(isolate, arrow) + "\n";

  const bool trace_uncaught = env.options && env.options->GetBool("--trace-uncaught");
  std::string trace = stack->IsUndefined() ? "" : ToUtf8(isolate, stack);
  if (!trace.empty()) {
    Write(arrow_text + trace + "\n");
  } else {
    // Not an Error, or one without a stack.
    v8::Local<v8::Value> text = env.Undefined(), name = env.Undefined();
    if (error->IsObject()) {
      text = env.Get(error.As<v8::Object>(), "message");
      name = env.Get(error.As<v8::Object>(), "name");
    }
    if (text->IsUndefined() || name->IsUndefined()) {
      v8::Local<v8::String> string;
      v8::TryCatch ignored(isolate);  // of a symbol, and of toString() that throws: an empty line
      Write((error->ToString(context).ToLocal(&string) ? ToUtf8(isolate, string) : "") + "\n");
    } else {
      Write(arrow_text + ToUtf8(isolate, name) + ": " + ToUtf8(isolate, text) + "\n");
    }
    if (!trace_uncaught)
      Write("(Use `" + env.options->argv0_base() +
            " --trace-uncaught ...` to show where the exception was thrown)\n");
  }
  if (report::ReportUncaughtException) report::ReportUncaughtException(env, "Exception", error);
  if (trace_uncaught && !message.IsEmpty() && !message->GetStackTrace().IsEmpty())
    Write("Thrown at:\n" + StackText(isolate, message->GetStackTrace()) + "\n");
  if (env.options && env.options->GetBool("--extra-info-on-fatal-exception"))
    Write("\nNode.js v" KILN_NODE_VERSION "\n");
}

// Source maps are on, and there is one for the script: it names one, or it is the app's.
bool HasSourceMap(Env& env, const v8::ScriptOrigin& origin) {
  if (!env.source_maps_enabled) return false;
  if (!origin.SourceMapUrl().IsEmpty() && !origin.SourceMapUrl()->IsUndefined()) return true;
  return env.payload && !origin.ResourceName().IsEmpty() &&
         ToUtf8(env.isolate, origin.ResourceName()) == env.payload->entry;
}

// The line in the file that the script was made from, as JavaScript's side of source maps
// finds it; empty if it does not.
std::string OriginalErrorSource(Env& env, v8::Local<v8::Message> message) {
  v8::Local<v8::Function> find = env.GetFunction(Slot::kGetSourceMapErrorSource);
  if (find.IsEmpty() || !env.can_call_into_js()) return {};
  v8::Local<v8::Context> context = env.context();
  v8::Context::Scope entered(context);
  v8::TryCatch ignored(env.isolate);
  v8::Local<v8::Value> args[] = {
      message->GetScriptResourceName(),
      v8::Integer::New(env.isolate, message->GetLineNumber(context).FromMaybe(0)),
      v8::Integer::New(env.isolate, message->GetStartColumn(context).FromMaybe(0))};
  v8::Local<v8::Value> source;
  if (!find->Call(context, env.Undefined(), 3, args).ToLocal(&source) || !source->IsString())
    return {};
  return ToUtf8(env.isolate, source);
}

}  // namespace

std::string ErrorSource(Env& env, v8::Local<v8::Message> message) {
  v8::Isolate* isolate = env.isolate;
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::String> line_string;
  if (!message->GetSourceLine(context).ToLocal(&line_string)) return {};
  std::string line = ToUtf8(isolate, line_string);
  v8::ScriptOrigin origin = message->GetScriptOrigin();
  if (HasSourceMap(env, origin)) {
    std::string original = OriginalErrorSource(env, message);
    if (!original.empty()) return original;
  }
  if (line.find("node-do-not-add-exception-line") != std::string::npos) return {};
  int number = message->GetLineNumber(context).FromMaybe(0);
  int start = message->GetStartColumn(context).FromMaybe(0);
  int end = message->GetEndColumn(context).FromMaybe(0);
  int first = number - origin.LineOffset() == 1 ? origin.ColumnOffset() : 0;
  if (start >= first) {
    start -= first;
    end -= first;
  }
  v8::Local<v8::Value> resource = message->GetScriptResourceName();
  std::string name = resource->IsUndefined() ? "<anonymous_script>" : ToUtf8(isolate, resource);
  if (name.starts_with("node:")) line = WithoutLookups(line, &start, &end);
  std::string out = name + ":" + std::to_string(number) + "\n" + line + "\n";
  if (start > end || start < 0 || size_t(end) > line.size()) return out;
  constexpr int kLongest = 1020;
  std::string mark;
  for (int i = 0; i < start && int(mark.size()) < kLongest; i++)
    mark += line[size_t(i)] == '\t' ? '\t' : ' ';
  for (int i = start; i < end && int(mark.size()) < kLongest; i++) mark += '^';
  return out + mark + "\n";
}

void AppendExceptionLine(Env& env, v8::Local<v8::Value> error, v8::Local<v8::Message> message,
                         bool fatal) {
  if (message.IsEmpty()) return;
  v8::HandleScope scope(env.isolate);
  // Only the first place counts: the error may have been thrown again from elsewhere.
  v8::Local<v8::Value> known;
  if (!error.IsEmpty() && error->IsObject() &&
      (!error.As<v8::Object>()
            ->GetPrivate(env.context(), env.Private("arrow_message_private_symbol"))
            .ToLocal(&known) ||
       known->IsString()))
    return;
  std::string source = ErrorSource(env, message);
  if (source.empty()) return;
  bool is_object = !error.IsEmpty() && error->IsObject();
  if (!is_object || (fatal && !error->IsNativeError())) {
    if (env.printed_error) return;
    env.printed_error = true;
    Write("\n" + source);
    return;
  }
  (void)error.As<v8::Object>()->SetPrivate(
      env.context(), env.Private("arrow_message_private_symbol"), env.Str(source));
}

void PrintException(Env& env, v8::TryCatch& caught) {
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Context> context = env.isolate->GetCurrentContext();
  std::string out;
  if (!caught.Message().IsEmpty()) out = ErrorSource(env, caught.Message());
  v8::Local<v8::Value> stack;
  if (caught.StackTrace(context).ToLocal(&stack) && stack->IsString())
    out += ToUtf8(env.isolate, stack) + "\n";
  else if (!caught.Exception().IsEmpty())
    out += ToUtf8(env.isolate, caught.Exception()) + "\n";
  if (!caught.Message().IsEmpty() && !caught.Message()->GetStackTrace().IsEmpty())
    out += StackText(env.isolate, caught.Message()->GetStackTrace());
  Write(out);
}

void Env::UncaughtException(v8::Local<v8::Value> error, v8::Local<v8::Message> message,
                            bool from_promise) {
  if (error.IsEmpty() || !can_call_into_js()) return;
  v8::HandleScope scope(isolate);
  if (message.IsEmpty()) message = v8::Exception::CreateMessage(isolate, error);
  if (abort_on_uncaught && abort_toggle[0]) {
    ReportFatalException(*this, error, message, true);
    std::abort();
  }
  v8::Local<v8::Context> ctx = context();
  v8::Context::Scope entered(ctx);
  v8::Local<v8::Value> handler = Get(process(), "_fatalException");
  // The exception was thrown during boot, or the program replaced the handler by something else.
  if (!handler->IsFunction()) {
    ReportFatalException(*this, error, message, false);
    return Exit(6);
  }
  v8::Local<v8::Value> handled;
  {
    v8::TryCatch caught(isolate);
    v8::Local<v8::Value> args[] = {error, v8::Boolean::New(isolate, from_promise)};
    if (!handler.As<v8::Function>()->Call(ctx, process(), 2, args).ToLocal(&handled)) {
      if (caught.HasTerminated() || !caught.HasCaught()) return;
      v8::Local<v8::Value> inner = caught.Exception();
      v8::Local<v8::Message> inner_message = caught.Message();
      if (inner_message.IsEmpty()) inner_message = v8::Exception::CreateMessage(isolate, inner);
      ReportFatalException(*this, inner, inner_message, caught.CanContinue());
      return Exit(7);
    }
  }
  if (!handled->IsFalse()) return;
  if (inspector) inspector->UncaughtException(error, message);
  ReportFatalException(*this, error, message, true);
  Exit(exit_info[2] ? exit_info[1] : 1);
}

void OnMessage(v8::Local<v8::Message> message, v8::Local<v8::Value> error) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  Env* env = Env::MaybeFrom(isolate);
  if (!env) return;
  v8::HandleScope scope(isolate);
  if (message->ErrorLevel() == v8::Isolate::kMessageWarning) {
    env->EmitWarning(ToUtf8(isolate, message->GetScriptOrigin().ResourceName()) + ":" +
                         std::to_string(message->GetLineNumber(env->context()).FromMaybe(-1)) +
                         " " + ToUtf8(isolate, message->Get()),
                     "V8");
    return;
  }
  if (message->ErrorLevel() == v8::Isolate::kMessageError) env->UncaughtException(error, message);
}

void OnPromiseReject(v8::PromiseRejectMessage message) {
  v8::Local<v8::Promise> promise = message.GetPromise();
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  Env* env = Env::MaybeFrom(isolate);
  if (!env || !env->can_call_into_js()) return;
  v8::Local<v8::Function> callback = env->GetFunction(Slot::kPromiseReject);
  if (callback.IsEmpty()) return;
  v8::Local<v8::Value> value = message.GetValue();
  if (value.IsEmpty()) value = env->Undefined();
  v8::Local<v8::Value> args[] = {v8::Number::New(isolate, message.GetEvent()), promise, value};
  v8::TryCatch caught(isolate);
  // Hooks must see the promise's own async context (async_hooks gives promises an id).
  double async_id = 0, trigger_id = 0;
  v8::Local<v8::Value> id;
  if (promise->Get(env->context(), env->Symbol("async_id_symbol")).ToLocal(&id) && id->IsNumber()) {
    async_id = id.As<v8::Number>()->Value();
    v8::Local<v8::Value> trigger;
    if (promise->Get(env->context(), env->Symbol("trigger_async_id_symbol")).ToLocal(&trigger) &&
        trigger->IsNumber())
      trigger_id = trigger.As<v8::Number>()->Value();
    PushAsyncContext(*env, async_id, trigger_id, promise);
  }
  (void)callback->Call(env->context(), env->Undefined(), 3, args);
  if (async_id != 0) PopAsyncContext(*env, async_id);
  if (caught.HasCaught() && !caught.HasTerminated()) {
    Write("Exception in PromiseRejectCallback:\n");
    PrintException(*env, caught);
  }
}

v8::MaybeLocal<v8::Value> OnPrepareStackTrace(v8::Local<v8::Context> context,
                                              v8::Local<v8::Value> error,
                                              v8::Local<v8::Array> sites) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  Env* env = Env::MaybeFrom(isolate);
  v8::Local<v8::Function> prepare;
  if (env) prepare = env->GetFunction(Slot::kPrepareStackTrace);
  if (prepare.IsEmpty()) {
    v8::Local<v8::String> text;
    if (!error->ToString(context).ToLocal(&text)) return {};
    return text;
  }
  v8::Local<v8::Value> args[] = {context->Global(), error, sites};
  return prepare->Call(context, v8::Undefined(isolate), 3, args);
}

}  // namespace kiln::runtime
