// AsyncWrap: a native resource with an async id (async_hooks), the base class of every handle and
// request. CallbackScope: must surround each call from the event loop into JavaScript. It pushes
// the async context, restores the AsyncLocalStorage frame, and the outermost scope drains
// process.nextTick and the microtasks when it closes (Node's InternalCallbackScope). Everything
// here is for the Env's thread.
#pragma once

#include <v8.h>

#include <span>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// The type of a resource. The numbers are visible to JavaScript as async_wrap.Providers, so the
// order is Node's.
enum class Provider : uint32_t {
#define KILN_PROVIDER(name) k##name,
#include "runtime-stub/binding/providers.inc"
#undef KILN_PROVIDER
  kCount
};

extern const ClassEntry kAsyncWrapClass;

// One resource of async_hooks. Attach() assigns its ids and runs the init hooks; the destroy hooks
// are queued when the object is deleted, or earlier by EmitDestroy(). A derived class that
// overrides OnAttach() must call AsyncWrap::OnAttach().
class AsyncWrap : public Wrapped {
 public:
  AsyncWrap(Env& env, Provider provider) : Wrapped(env), provider_(provider) {}
  ~AsyncWrap() override;

  double async_id() const { return async_id_; }
  double trigger_async_id() const { return trigger_async_id_; }
  Provider provider() const { return provider_; }
  // For an object that is reused as another type (HTTPParser); call it before AsyncReset().
  void set_provider(Provider provider) { provider_ = provider; }
  // The ids are -1 until Attach().
  ExecutionContextId ids() const { return {async_id_, trigger_async_id_}; }
  // The provider's name, such as "TCPWRAP": the `type` of the init hooks.
  const char* type_name() const override;
  // Whether process.getActiveResourcesInfo and related functions list the request while it is in
  // flight. False for work on the thread pool that Node does not represent as a request.
  virtual bool is_listed() const { return true; }
  // For a request in flight (Env::requests): tries to cancel it.
  virtual void CancelRequest() {}

  // Calls a method of the wrapper, or a function with the wrapper as `this`, inside a
  // CallbackScope. Empty if the method does not exist, if it threw (the exception has then been
  // reported as uncaught), or if the thread is ending. REQUIRES: attached, and a HandleScope.
  // JavaScript may delete `this`, unless it is pinned or a handle to object() is in scope.
  v8::MaybeLocal<v8::Value> MakeCallback(const char* method, std::span<v8::Local<v8::Value>> args);
  v8::MaybeLocal<v8::Value> MakeCallback(v8::Local<v8::Function> function,
                                         std::span<v8::Local<v8::Value>> args);
  v8::MaybeLocal<v8::Value> MakeCallback(const char* method,
                                         std::initializer_list<v8::Local<v8::Value>> args);

  // Assigns a new async id and runs the init hooks with `resource`, as for a new object (resources
  // that are reused). The destroy hooks of the old id are queued.
  void AsyncReset(v8::Local<v8::Object> resource);
  // Queues the destroy hooks; further calls have no effect until AsyncReset().
  void EmitDestroy();

  // Methods of kAsyncWrapClass.
  double GetProviderType() { return double(provider_); }
  void JsAsyncReset(const Args& args);
  void GetContextFrame(const Args& args);

  // The AsyncLocalStorage frame that was current when the ids were assigned.
  v8::Local<v8::Value> context_frame() const { return context_frame_.Get(env().isolate); }

 protected:
  void OnAttach() override;  // assigns the ids and runs the init hooks

 private:
  Provider provider_;
  double async_id_ = -1;
  double trigger_async_id_ = -1;
  v8::Global<v8::Value> context_frame_;
};

// Lives on the stack around one call into JavaScript. Scopes may be nested and must be closed in
// reverse order.
class CallbackScope {
 public:
  // Enters the main context and opens a HandleScope. `resource` is what executionAsyncResource()
  // returns. `ids` with async_id 0: no resource, no before and after hooks. `frame` is the
  // AsyncLocalStorage frame to run in; empty keeps the current one. `skip_hooks`: the callback
  // emits before and after itself.
  CallbackScope(Env& env, v8::Local<v8::Object> resource, ExecutionContextId ids,
                v8::Local<v8::Value> frame = {}, bool skip_hooks = false);
  // With the wrapper, ids and frame of `wrap`, which must be attached.
  explicit CallbackScope(AsyncWrap& wrap);
  ~CallbackScope() { Close(); }
  CallbackScope(const CallbackScope&) = delete;

  // Undoes the constructor, runs the after hooks, and drains if this is the outermost scope. Local
  // handles of the scope stay valid until the destructor. Runs JavaScript; further calls have no
  // effect. If the thread is ending, nothing runs.
  void Close();
  // An exception escaped from the callback: Close() skips the after hooks and does not drain.
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

// AsyncWrap::MakeCallback() for a receiver that is not an AsyncWrap. `ids` and `frame` are those of
// CallbackScope; the result is in the caller's HandleScope.
v8::MaybeLocal<v8::Value> MakeCallback(Env& env, v8::Local<v8::Object> receiver,
                                       v8::Local<v8::Function> function,
                                       std::span<v8::Local<v8::Value>> args,
                                       ExecutionContextId ids = {},
                                       v8::Local<v8::Value> frame = {});

// The async id stack, which JavaScript reads and writes too. PopAsyncContext() returns whether
// entries remain; with `threw` an exception of the callback is pending and is preserved. If
// validation is on (async_hooks) and the top is not `async_id`, it ends the process. An empty
// `resource`: JavaScript has put it in its own array (Slot::kExecutionAsyncResources).
// ClearAsyncIdStack() is for after an uncaught exception: all open scopes then pop nothing.
void PushAsyncContext(Env& env, double async_id, double trigger_async_id,
                      v8::Local<v8::Object> resource);
bool PopAsyncContext(Env& env, double async_id, bool threw = false);
void ClearAsyncIdStack(Env& env);
// Runs the init hooks, if any are enabled. An exception in one is fatal.
void EmitAsyncInit(Env& env, v8::Local<v8::Object> resource, v8::Local<v8::String> type,
                   double async_id, double trigger_async_id);
// Queues the destroy hooks of `async_id`; may be called during garbage collection.
// RunDestroyHooks() runs all that are queued; the loop calls it.
void QueueDestroy(Env& env, double async_id);
void RunDestroyHooks(Env& env);

// Runs microtasks and process.nextTick callbacks, as the outermost CallbackScope does when it
// closes. Exceptions are reported as uncaught.
void DrainTicks(Env& env);

}  // namespace kiln::runtime
