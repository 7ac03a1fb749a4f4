// internalBinding("task_queue"): microtasks, the nextTick flags that JavaScript shares with native
// code, and the callback for rejected promises.
#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {
namespace {

void EnqueueMicrotask(Env& env, v8::Local<v8::Function> task) {
  env.isolate->EnqueueMicrotask(task);
}
void RunMicrotasks(Env& env) { env.isolate->PerformMicrotaskCheckpoint(); }
void SetTickCallback(Env& env, v8::Local<v8::Function> f) { env.Set(Slot::kTickCallback, f); }
void SetPromiseRejectCallback(Env& env, v8::Local<v8::Function> f) {
  env.Set(Slot::kPromiseReject, f);
}

constexpr Entry kFunctions[] = {
    Method<EnqueueMicrotask>("enqueueMicrotask"),
    Method<SetTickCallback>("setTickCallback"),
    Method<RunMicrotasks>("runMicrotasks"),
    Method<SetPromiseRejectCallback>("setPromiseRejectCallback"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "tickInfo", env.tick_info.js());
  v8::Local<v8::Object> events = v8::Object::New(env.isolate);
  SetConstant(env, events, "kPromiseRejectWithNoHandler", v8::kPromiseRejectWithNoHandler);
  SetConstant(env, events, "kPromiseHandlerAddedAfterReject", v8::kPromiseHandlerAddedAfterReject);
  SetConstant(env, events, "kPromiseResolveAfterResolved", v8::kPromiseResolveAfterResolved);
  SetConstant(env, events, "kPromiseRejectAfterResolved", v8::kPromiseRejectAfterResolved);
  env.Set(exports, "promiseRejectEvents", events);
}

}  // namespace

extern const Binding kTaskQueueBinding;
const Binding kTaskQueueBinding = {.name = "task_queue", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
