// internalBinding("async_wrap"): the async id stack and the hooks of node:async_hooks. JavaScript
// pushes and pops ids in shared arrays, whose layout is Env's, and calls native code only when an
// array must grow.
#include "runtime-stub/binding/async_wrap.h"

#include <iterator>
#include <utility>

#include "runtime-stub/bindings/contextify/contextify.h"

namespace kiln::runtime {
namespace {

// setupHooks({init, before, after, destroy, promise_resolve})
void SetupHooks(Env& env, const Args& args) {
  constexpr std::pair<const char*, Slot> kHooks[] = {
      {"init", Slot::kAsyncHookInit},
      {"before", Slot::kAsyncHookBefore},
      {"after", Slot::kAsyncHookAfter},
      {"destroy", Slot::kAsyncHookDestroy},
      {"promise_resolve", Slot::kAsyncHookPromiseResolve},
  };
  if (!args[0]->IsObject()) return ThrowBadArgument(env, 0);
  v8::Local<v8::Value> hooks[std::size(kHooks)];
  for (size_t i = 0; i < std::size(kHooks); i++) {
    hooks[i] = env.Get(args[0].As<v8::Object>(), kHooks[i].first);
    if (!hooks[i]->IsFunction()) return ThrowBadArgument(env, 0);
  }
  for (size_t i = 0; i < std::size(kHooks); i++) env.Set(kHooks[i].second, hooks[i]);
}

void SetCallbackTrampoline(Env& env, const Args& args) {
  env.Set(Slot::kCallbackTrampoline, args[0]);
}

constexpr Slot kPromiseHooks[] = {Slot::kPromiseHookInit, Slot::kPromiseHookBefore,
                                  Slot::kPromiseHookAfter, Slot::kPromiseHookSettled};

void SetPromiseHooks(Env& env, const Args& args) {
  v8::Local<v8::Function> hooks[4];
  for (int i = 0; i < 4; i++) {
    env.Set(kPromiseHooks[i], args[i]);
    if (args[i]->IsFunction()) hooks[i] = args[i].As<v8::Function>();
  }
  env.context()->SetPromiseHooks(hooks[0], hooks[1], hooks[2], hooks[3]);
  UpdatePromiseHooks(env);  // also in vm contexts
}

v8::Local<v8::Array> GetPromiseHooks(Env& env) {
  v8::Local<v8::Value> hooks[4];
  for (int i = 0; i < 4; i++) hooks[i] = env.Get(kPromiseHooks[i]);
  return v8::Array::New(env.isolate, hooks, 4);
}

void PushContext(Env& env, double async_id, double trigger_async_id) {
  PushAsyncContext(env, async_id, trigger_async_id, {});
}
bool PopContext(Env& env, double async_id) { return PopAsyncContext(env, async_id); }
void ClearStack(Env& env) { ClearAsyncIdStack(env); }

// The resource of a scope that native code opened; JavaScript keeps those of its own scopes.
void ExecutionAsyncResource(Env& env, const Args& args) {
  uint32_t index = args[0]->IsUint32() ? args[0].As<v8::Uint32>()->Value() : ~0u;
  if (index < env.execution_resources.size() && !env.execution_resources[index].IsEmpty())
    args.GetReturnValue().Set(env.execution_resources[index]);
}

void QueueDestroyAsyncId(Env& env, double async_id) { QueueDestroy(env, async_id); }

// Emits destroy when a resource that JavaScript created is collected, unless its `destroyed` object
// says that it was emitted explicitly.
struct DestroyParameter {
  Env* env;
  double async_id;
  v8::Global<v8::Object> target;
  v8::Global<v8::Object> state;
};

// registerDestroyHook(resource, async id, {destroyed} or undefined)
void RegisterDestroyHook(Env& env, const Args& args) {
  if (!args[0]->IsObject()) return ThrowBadArgument(env, 0);
  if (!args[1]->IsNumber()) return ThrowBadArgument(env, 1);
  auto* parameter = new DestroyParameter{&env, args[1].As<v8::Number>()->Value(), {}, {}};
  parameter->target.Reset(env.isolate, args[0].As<v8::Object>());
  if (args[2]->IsObject()) parameter->state.Reset(env.isolate, args[2].As<v8::Object>());
  parameter->target.SetWeak(
      parameter,
      [](const v8::WeakCallbackInfo<DestroyParameter>& info) {
        info.GetParameter()->target.Reset();
        info.SetSecondPassCallback([](const v8::WeakCallbackInfo<DestroyParameter>& second) {
          std::unique_ptr<DestroyParameter> p(second.GetParameter());
          Env& e = *p->env;
          v8::HandleScope scope(e.isolate);
          if (!p->state.IsEmpty()) {
            v8::Context::Scope entered(e.context());
            if (e.Get(p->state.Get(e.isolate), "destroyed")->IsTrue()) return;
          }
          QueueDestroy(e, p->async_id);
        });
      },
      v8::WeakCallbackType::kParameter);
}

constexpr Entry kFunctions[] = {
    Method<SetupHooks>("setupHooks"),
    Method<SetCallbackTrampoline>("setCallbackTrampoline"),
    Method<RegisterDestroyHook>("registerDestroyHook"),
    Method<PushContext>("pushAsyncContext"),
    Fast<PopContext>("popAsyncContext"),
    Method<ExecutionAsyncResource>("executionAsyncResource"),
    Method<ClearStack>("clearAsyncIdStack"),
    Method<QueueDestroyAsyncId>("queueDestroyAsyncId"),
    Method<SetPromiseHooks>("setPromiseHooks"),
    Method<GetPromiseHooks>("getPromiseHooks"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "async_hook_fields", env.async_hook_fields.js());
  env.Set(exports, "async_id_fields", env.async_id_fields.js());
  env.Set(exports, "async_ids_stack", env.async_ids_stack.js());
  v8::Local<v8::Array> resources = v8::Array::New(env.isolate);
  env.Set(Slot::kExecutionAsyncResources, resources);
  env.Set(exports, "execution_async_resources", resources);
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  constexpr std::pair<const char*, int> kConstants[] = {
      {"kInit", Env::kInit},
      {"kBefore", Env::kBefore},
      {"kAfter", Env::kAfter},
      {"kDestroy", Env::kDestroy},
      {"kPromiseResolve", Env::kPromiseResolve},
      {"kTotals", Env::kTotals},
      {"kCheck", Env::kCheck},
      {"kExecutionAsyncId", Env::kExecutionAsyncId},
      {"kTriggerAsyncId", Env::kTriggerAsyncId},
      {"kAsyncIdCounter", Env::kAsyncIdCounter},
      {"kDefaultTriggerAsyncId", Env::kDefaultTriggerAsyncId},
      {"kUsesExecutionAsyncResource", Env::kUsesExecutionAsyncResource},
      {"kStackLength", Env::kStackLength},
  };
  for (auto [name, value] : kConstants) SetConstant(env, constants, name, value);
  env.Set(exports, "constants", constants);
  v8::Local<v8::Object> providers = v8::Object::New(env.isolate);
  int number = 0;
#define KILN_PROVIDER(name) SetConstant(env, providers, #name, number++);
#include "runtime-stub/binding/providers.inc"
#undef KILN_PROVIDER
  env.Set(exports, "Providers", providers);
  // The initial values are Node's: ids are validated, and the first ids are the same.
  env.async_hook_fields[Env::kCheck] = 1;
  env.async_id_fields[Env::kDefaultTriggerAsyncId] = -1;
  env.async_id_fields[Env::kAsyncIdCounter] = 1;
}

constexpr const ClassEntry* kHidden[] = {&kAsyncWrapClass};

}  // namespace

extern const Binding kAsyncWrapBinding;
const Binding kAsyncWrapBinding = {
    .name = "async_wrap", .functions = kFunctions, .hidden_classes = kHidden, .init = Init};

}  // namespace kiln::runtime
