// AsyncWrap and CallbackScope. A scope opens and closes in the order of Node's
// InternalCallbackScope. JavaScript reads and writes the same id stack through
// internalBinding('async_wrap'), so its layout is fixed.
#include "runtime-stub/binding/async_wrap.h"

#include "runtime-stub/binding/realm.h"

namespace kiln::runtime {

namespace {

constexpr size_t kManyDestroyed = 16384;

constexpr const char* kProviderNames[] = {
#define KILN_PROVIDER(name) #name,
#include "runtime-stub/binding/providers.inc"
#undef KILN_PROVIDER
};

void RunHook(Env& env, Slot slot, double async_id) {
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Function> hook = env.GetFunction(slot);
  if (hook.IsEmpty()) return;
  v8::Local<v8::Value> id = v8::Number::New(env.isolate, async_id);
  (void)hook->Call(env.context(), env.Undefined(), 1, &id);
}

// Runs a hook of async_hooks. An exception in a hook does not propagate: it is fatal.
void EmitHook(Env& env, Env::AsyncHookField field, Slot slot, double async_id) {
  if (env.async_hook_fields[field] != 0 && env.can_call_into_js()) RunHook(env, slot, async_id);
}

v8::Local<v8::Value> ExchangeFrame(Env& env, v8::Local<v8::Value> frame) {
  v8::Local<v8::Value> previous = env.isolate->GetContinuationPreservedEmbedderData();
  env.isolate->SetContinuationPreservedEmbedderData(frame);
  return previous;
}

}  // namespace

// ------------------------------------------------------------------ the id stack

namespace {

// Removes the resources above `depth` that JavaScript put on the stack (callbackTrampoline).
void DropJsResources(Env& env, uint32_t depth) {
  if (env.js_execution_resources.IsEmpty()) {
    v8::Local<v8::Value> array = env.Get(Slot::kExecutionAsyncResources);
    if (!array->IsArray() || env.building_snapshot) return;
    env.js_execution_resources.Reset(env.isolate, array.As<v8::Array>());
  }
  v8::Local<v8::Array> resources = Strong(env.js_execution_resources);
  if (resources->Length() > depth) env.Set(resources.As<v8::Object>(), "length", double(depth));
}

}  // namespace

void PushAsyncContext(Env& env, double async_id, double trigger_async_id,
                      v8::Local<v8::Object> resource) {
  uint32_t depth = env.async_hook_fields[Env::kStackLength];
  DropJsResources(env, depth);  // of a callback that threw
  if (depth * 2 >= env.async_ids_stack.length()) {
    env.async_ids_stack.Resize(env.async_ids_stack.length() * 3);
    v8::Local<v8::Value> binding;
    if (BindingObject(env, "async_wrap").ToLocal(&binding))
      env.Set(binding.As<v8::Object>(), "async_ids_stack", env.async_ids_stack.js());
  }
  env.async_ids_stack[2 * depth] = env.async_id_fields[Env::kExecutionAsyncId];
  env.async_ids_stack[2 * depth + 1] = env.async_id_fields[Env::kTriggerAsyncId];
  env.async_hook_fields[Env::kStackLength] = depth + 1;
  env.async_id_fields[Env::kExecutionAsyncId] = async_id;
  env.async_id_fields[Env::kTriggerAsyncId] = trigger_async_id;
  if (!resource.IsEmpty()) {
    env.execution_resources.resize(depth);
    env.execution_resources.push_back(resource);
  }
}

bool PopAsyncContext(Env& env, double async_id, bool threw) {
  uint32_t depth = env.async_hook_fields[Env::kStackLength];
  if (depth == 0) return false;  // cleared after an uncaught exception
  if (env.async_hook_fields[Env::kCheck] > 0 &&
      env.async_id_fields[Env::kExecutionAsyncId] != async_id) {
    std::fprintf(stderr,
                 "Error: async hook stack has become corrupted (actual: %.f, expected: %.f)\n",
                 env.async_id_fields[Env::kExecutionAsyncId], async_id);
    env.Exit(1);
    return false;
  }
  depth--;
  env.async_id_fields[Env::kExecutionAsyncId] = env.async_ids_stack[2 * depth];
  env.async_id_fields[Env::kTriggerAsyncId] = env.async_ids_stack[2 * depth + 1];
  env.async_hook_fields[Env::kStackLength] = depth;
  if (env.execution_resources.size() > depth) env.execution_resources.resize(depth);
  // Setting a property would clear the pending exception.
  if (!threw) DropJsResources(env, depth);
  return depth > 0;
}

void ClearAsyncIdStack(Env& env) {
  env.async_id_fields[Env::kExecutionAsyncId] = 0;
  env.async_id_fields[Env::kTriggerAsyncId] = 0;
  env.async_hook_fields[Env::kStackLength] = 0;
  env.execution_resources.clear();
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Value> js_resources = env.Get(Slot::kExecutionAsyncResources);
  if (js_resources->IsArray()) env.Set(js_resources.As<v8::Object>(), "length", 0.0);
}

void EmitAsyncInit(Env& env, v8::Local<v8::Object> resource, v8::Local<v8::String> type,
                   double async_id, double trigger_async_id) {
  if (env.async_hook_fields[Env::kInit] == 0 || !env.can_call_into_js()) return;
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Function> hook = env.GetFunction(Slot::kAsyncHookInit);
  if (hook.IsEmpty()) return;
  v8::Local<v8::Value> args[] = {v8::Number::New(env.isolate, async_id), type,
                                 v8::Number::New(env.isolate, trigger_async_id), resource};
  (void)hook->Call(env.context(), resource, 4, args);
}

void QueueDestroy(Env& env, double async_id) {
  if (async_id < 0 || env.async_hook_fields[Env::kDestroy] == 0 || !env.can_call_into_js()) return;
  if (env.destroy_queue.empty()) env.SetImmediate(RunDestroyHooks, false);
  env.destroy_queue.push_back(async_id);
  // Code that never returns to the loop would accumulate them. During garbage collection, where
  // this may run, no microtask can be queued, so an interrupt queues it.
  if (env.destroy_queue.size() != kManyDestroyed) return;
  env.isolate->RequestInterrupt(
      [](v8::Isolate* isolate, void* data) {
        isolate->EnqueueMicrotask([](void* data) { RunDestroyHooks(*static_cast<Env*>(data)); },
                                  data);
      },
      &env);
}

void RunDestroyHooks(Env& env) {
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  while (!env.destroy_queue.empty()) {
    std::vector<double> ids;
    ids.swap(env.destroy_queue);
    for (double id : ids) EmitHook(env, Env::kDestroy, Slot::kAsyncHookDestroy, id);
  }
}

// ------------------------------------------------------------------ CallbackScope

CallbackScope::CallbackScope(Env& env, v8::Local<v8::Object> resource, ExecutionContextId ids,
                             v8::Local<v8::Value> frame, bool skip_hooks)
    : env_(env),
      handles_(env.isolate),
      context_(env.context()),
      ids_(ids),
      skip_hooks_(skip_hooks) {
  Open(resource, frame);
}

CallbackScope::CallbackScope(AsyncWrap& wrap)
    : env_(wrap.env()), handles_(env_.isolate), context_(env_.context()), ids_(wrap.ids()) {
  Open(wrap.object(), wrap.context_frame());
}

void CallbackScope::Open(v8::Local<v8::Object> resource, v8::Local<v8::Value> frame) {
  env_.callback_depth++;
  if (!env_.can_call_into_js()) {
    failed_ = true;
    return;
  }
  if (!frame.IsEmpty()) {
    previous_frame_ = ExchangeFrame(env_, frame);
    swapped_frame_ = true;
  }
  PushAsyncContext(env_, ids_.async_id, ids_.trigger_async_id, resource);
  pushed_ = true;
  if (ids_.async_id != 0 && !skip_hooks_)
    EmitHook(env_, Env::kBefore, Slot::kAsyncHookBefore, ids_.async_id);
}

void CallbackScope::Close() {
  if (closed_) return;
  closed_ = true;
  struct Leave {
    Env& env;
    ~Leave() { env.callback_depth--; }
  } leave{env_};
  if (env_.stopping) return;
  if (!failed_ && ids_.async_id != 0 && !skip_hooks_)
    EmitHook(env_, Env::kAfter, Slot::kAsyncHookAfter, ids_.async_id);
  if (pushed_) PopAsyncContext(env_, ids_.async_id, failed_);
  if (swapped_frame_) env_.isolate->SetContinuationPreservedEmbedderData(previous_frame_);
  if (failed_ || env_.callback_depth > 1) return;
  DrainTicks(env_);
}

void DrainTicks(Env& env) {
  if (!env.tick_info[0]) env.isolate->PerformMicrotaskCheckpoint();
  if (!env.can_call_into_js()) return;
  if (!env.tick_info[0] && !env.tick_info[1]) return;
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Function> tick = env.GetFunction(Slot::kTickCallback);
  if (!tick.IsEmpty()) (void)tick->Call(env.isolate, env.context(), env.process(), 0, nullptr);
}

v8::MaybeLocal<v8::Value> MakeCallback(Env& env, v8::Local<v8::Object> receiver,
                                       v8::Local<v8::Function> function,
                                       std::span<v8::Local<v8::Value>> args, ExecutionContextId ids,
                                       v8::Local<v8::Value> frame) {
  v8::EscapableHandleScope handles(env.isolate);
  // When JavaScript has before or after hooks, its trampoline calls them.
  v8::Local<v8::Function> trampoline;
  if (ids.async_id != 0 &&
      env.async_hook_fields[Env::kBefore] + env.async_hook_fields[Env::kAfter] > 0)
    trampoline = env.GetFunction(Slot::kCallbackTrampoline);
  CallbackScope scope(env, receiver, ids, frame, !trampoline.IsEmpty());
  if (!env.can_call_into_js()) return {};
  v8::MaybeLocal<v8::Value> result;
  if (!trampoline.IsEmpty()) {
    std::vector<v8::Local<v8::Value>> all = {v8::Number::New(env.isolate, ids.async_id), receiver,
                                             function};
    all.insert(all.end(), args.begin(), args.end());
    result = trampoline->Call(env.context(), receiver, int(all.size()), all.data());
  } else {
    result = function->Call(env.isolate, env.context(), receiver, int(args.size()), args.data());
  }
  v8::Local<v8::Value> value;
  if (!result.ToLocal(&value)) {
    scope.MarkFailed();
    return {};
  }
  // The scope's HandleScope ends first, so the result must be in the caller's.
  return handles.Escape(value);
}

// ------------------------------------------------------------------ AsyncWrap

AsyncWrap::~AsyncWrap() { EmitDestroy(); }

const char* AsyncWrap::type_name() const { return kProviderNames[uint32_t(provider_)]; }

void AsyncWrap::OnAttach() { AsyncReset(object()); }

void AsyncWrap::AsyncReset(v8::Local<v8::Object> resource) {
  if (async_id_ >= 0) EmitDestroy();
  async_id_ = env().NewAsyncId();
  trigger_async_id_ = env().default_trigger_async_id();
  v8::HandleScope scope(env().isolate);
  // executionAsyncResource() returns the value of this property instead of the wrapper.
  if (resource != object())
    (void)object()->Set(env().context(), env().Symbol("resource_symbol"), resource);
  context_frame_.Reset(env().isolate, env().isolate->GetContinuationPreservedEmbedderData());
  if (env().async_hook_fields[Env::kInit] > 0)
    EmitAsyncInit(env(), resource, env().Name(type_name()), async_id_, trigger_async_id_);
}

void AsyncWrap::EmitDestroy() {
  if (async_id_ >= 0) QueueDestroy(env(), async_id_);
  async_id_ = -1;
}

v8::MaybeLocal<v8::Value> AsyncWrap::MakeCallback(v8::Local<v8::Function> function,
                                                  std::span<v8::Local<v8::Value>> args) {
  return kiln::runtime::MakeCallback(env(), object(), function, args, ids(), context_frame());
}

v8::MaybeLocal<v8::Value> AsyncWrap::MakeCallback(const char* method,
                                                  std::span<v8::Local<v8::Value>> args) {
  v8::Local<v8::Value> function;
  if (!object()->Get(env().context(), env().Name(method)).ToLocal(&function) ||
      !function->IsFunction())
    return {};
  return MakeCallback(function.As<v8::Function>(), args);
}

v8::MaybeLocal<v8::Value> AsyncWrap::MakeCallback(
    const char* method, std::initializer_list<v8::Local<v8::Value>> args) {
  std::vector<v8::Local<v8::Value>> list(args);
  return MakeCallback(method, std::span<v8::Local<v8::Value>>(list));
}

void AsyncWrap::JsAsyncReset(const Args& args) {
  AsyncReset(args[0]->IsObject() ? args[0].As<v8::Object>() : object());
}
void AsyncWrap::GetContextFrame(const Args& args) { args.GetReturnValue().Set(context_frame()); }

namespace {
// A request object has its native part, and an id, only while it is in flight.
void GetAsyncId(const Args& args) {
  AsyncWrap* self = Unwrap<AsyncWrap>(args.This());
  args.GetReturnValue().Set(self ? self->async_id() : -1.0);
}

constexpr Entry kMethods[] = {
    {"getAsyncId", GetAsyncId},
    Method<&AsyncWrap::JsAsyncReset>("asyncReset"),
    Method<&AsyncWrap::GetContextFrame>("getAsyncContextFrameForDebuggingOnly"),
    Method<&AsyncWrap::GetProviderType>("getProviderType"),
};
}  // namespace

const ClassEntry kAsyncWrapClass = {.name = "AsyncWrap", .methods = kMethods};

}  // namespace kiln::runtime
