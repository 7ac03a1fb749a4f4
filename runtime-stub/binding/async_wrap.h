// AsyncWrap: a native resource with an async id, the base of every handle and request.
// CallbackScope: what surrounds each call from the loop into JavaScript. It pushes the
// async context, restores the AsyncLocalStorage frame, and at the outermost level drains
// process.nextTick and the microtasks (Node's InternalCallbackScope).
#pragma once

#include <v8.h>

#include <span>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// The order is part of the public contract: it is async_wrap.Providers.
enum class Provider : uint32_t {
#define KILN_PROVIDER(name) k##name,
#include "runtime-stub/binding/providers.inc"
#undef KILN_PROVIDER
  kCount
};

extern const ClassEntry kAsyncWrapClass;

class AsyncWrap : public Wrapped {
 public:
  AsyncWrap(Env& env, Provider provider) : Wrapped(env), provider_(provider) {}
  ~AsyncWrap() override;

  double async_id() const { return async_id_; }
  double trigger_async_id() const { return trigger_async_id_; }
  Provider provider() const { return provider_; }
  // For an object that serves as several kinds in turn (HTTPParser), before AsyncReset.
  void set_provider(Provider provider) { provider_ = provider; }
  ExecutionContextId ids() const { return {async_id_, trigger_async_id_}; }
  const char* type_name() const override;
  // Whether process.getActiveResourcesInfo and related functions list the request while it is in
  // flight. Work on the thread pool that is no request in Node either says no.
  virtual bool is_listed() const { return true; }

  // Calls a method of the wrapper (or a function with it as receiver) inside a
  // CallbackScope. An exception goes to the process's handlers, and the result is empty.
  v8::MaybeLocal<v8::Value> MakeCallback(const char* method, std::span<v8::Local<v8::Value>> args);
  v8::MaybeLocal<v8::Value> MakeCallback(v8::Local<v8::Function> function,
                                         std::span<v8::Local<v8::Value>> args);
  v8::MaybeLocal<v8::Value> MakeCallback(const char* method,
                                         std::initializer_list<v8::Local<v8::Value>> args);

  // Takes a new async id and runs init hooks, as if just made (pooled resources).
  void AsyncReset(v8::Local<v8::Object> resource);
  void EmitDestroy();

  // Methods of kAsyncWrapClass.
  double GetProviderType() { return double(provider_); }
  void JsAsyncReset(const Args& args);
  void GetContextFrame(const Args& args);

  v8::Local<v8::Value> context_frame() const { return context_frame_.Get(env().isolate); }

 protected:
  void OnAttach() override;  // assigns the ids and runs the init hooks

 private:
  Provider provider_;
  double async_id_ = -1;
  double trigger_async_id_ = -1;
  v8::Global<v8::Value> context_frame_;
};

class CallbackScope {
 public:
  // `frame` is the async context frame to run in; empty keeps the current one. With
  // `skip_hooks` JavaScript emits before/after itself.
  CallbackScope(Env& env, v8::Local<v8::Object> resource, ExecutionContextId ids,
                v8::Local<v8::Value> frame = {}, bool skip_hooks = false);
  explicit CallbackScope(AsyncWrap& wrap);
  ~CallbackScope() { Close(); }
  CallbackScope(const CallbackScope&) = delete;

  void Close();
  // An exception escaped from the callback: skip `after` hooks.
  void MarkFailed() { failed_ = true; }

 private:
  void Open(v8::Local<v8::Object> resource, v8::Local<v8::Value> frame);
  Env& env_;
  v8::HandleScope handles_;
  v8::Context::Scope context_;
  ExecutionContextId ids_;
  v8::Local<v8::Value> previous_frame_;
  bool swapped_frame_ = false;
  bool pushed_ = false;
  bool skip_hooks_ = false;
  bool failed_ = false;
  bool closed_ = false;
};

// Calls a function from the loop with Node's semantics (see AsyncWrap::MakeCallback).
v8::MaybeLocal<v8::Value> MakeCallback(Env& env, v8::Local<v8::Object> receiver,
                                       v8::Local<v8::Function> function,
                                       std::span<v8::Local<v8::Value>> args,
                                       ExecutionContextId ids = {},
                                       v8::Local<v8::Value> frame = {});

// Async id stack; `pop` returns whether the stack still has entries. `threw` says that an
// exception of the callback is pending.
void PushAsyncContext(Env& env, double async_id, double trigger_async_id,
                      v8::Local<v8::Object> resource);
bool PopAsyncContext(Env& env, double async_id, bool threw = false);
void ClearAsyncIdStack(Env& env);
void EmitAsyncInit(Env& env, v8::Local<v8::Object> resource, v8::Local<v8::String> type,
                   double async_id, double trigger_async_id);
// Has the destroy hooks called for `async_id`, from the loop; RunDestroyHooks calls them.
void QueueDestroy(Env& env, double async_id);
void RunDestroyHooks(Env& env);

// Runs microtasks and process.nextTick callbacks, as the outermost scope does on closing.
void DrainTicks(Env& env);

}  // namespace kiln::runtime
