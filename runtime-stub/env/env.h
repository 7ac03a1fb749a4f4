// Env: the state of one JavaScript thread. Exactly one exists per isolate. It is the first
// parameter of native functions, and Env::From(isolate) returns it in any V8 callback.
//
// Three kinds of state, and where each belongs:
//  - JavaScript values that native code keeps (callbacks, arrays, caches) are in slots: embedder
//    data fields of the main context (env/slots.h). V8 writes them to a snapshot and restores them
//    together with the context, so they need no further code.
//  - Numbers that both sides read and write on hot paths are in a SharedArray: a typed array in a
//    slot (docs/node-library.md).
//  - C++ state of one binding is in State<T>(). A snapshot does not contain it.
//
// Threads: everything here is for the Env's thread (the one that runs its isolate and its loop),
// except PostFromAnyThread().
#pragma once

#include <uv.h>
#include <v8.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime-stub/env/error.h"
#include "runtime-stub/env/inspector.h"
#include "runtime-stub/env/slots.h"

namespace kiln::runtime {

struct ClassEntry;   // binding/binding.h
class Wrapped;       // binding/wrapped.h
class HandleWrap;    // binding/handle.h
class AsyncWrap;     // binding/async_wrap.h
class Permissions;   // env/permissions.h
class Variables;     // env/variables.h
class WorkerThread;  // bindings/worker/worker_thread.h
struct Payload;
struct RunOptions;

// A typed array in a slot whose elements native code accesses through a plain pointer. Declare it
// as a member of Env or of a binding's state. The JavaScript array is created, zero-filled, on
// first use; if a restored snapshot contains one, that one is used, with its contents. The Env must
// outlive this object, and the slot must not be set by other code.
template <class T>
class SharedArray {
 public:
  SharedArray(Env& env, Slot slot, size_t length) : env_(env), slot_(slot), length_(length) {}
  SharedArray(const SharedArray&) = delete;

  T& operator[](size_t i) { return data()[i]; }  // not range-checked
  // Valid until Resize(); requires that the main context is set.
  T* data() {
    if (!data_) Bind();
    return data_;
  }
  size_t length() const { return length_; }  // in elements; before first use, the requested length
  // The typed array, for JavaScript. Opens no HandleScope for the result: the caller must have one.
  v8::Local<v8::Value> js();
  // Replaces the array by a new one of `length` elements: copies what fits, zero-fills the rest.
  // JavaScript must then fetch the new array; the old one is no longer shared, and pointers from
  // data() are invalid as soon as it is collected.
  void Resize(size_t length);

 private:
  void Bind();  // sets data_ and length_ from the array in the slot, which it creates if needed
  Env& env_;
  Slot slot_;
  size_t length_;
  T* data_ = nullptr;  // memory of the array in the slot; null before first use
};

// The ids of an async resource as async_hooks defines them: its own and that of the resource that
// caused it. 0 means none.
struct ExecutionContextId {
  double async_id = 0;
  double trigger_async_id = 0;
};

class CallObserver;

// The Local that a Global holds, without a new handle: both are one pointer to the same kind of
// cell. It is valid until the Global is reset. REQUIRES: the Global is not weak.
template <class T>
const v8::Local<T>& Strong(const v8::Global<T>& global) {
  static_assert(sizeof(v8::Local<T>) == sizeof(v8::Global<T>) &&
                sizeof(v8::Local<T>) == sizeof(void*));
#ifdef V8_ENABLE_DIRECT_HANDLE
#error "a Local is not a pointer to a cell in this V8"
#endif
  return reinterpret_cast<const v8::Local<T>&>(global);
}

class Env {
 public:
  // Borrows both; they must outlive the Env. Call set_context() before anything that uses slots,
  // then StartLoop() unless a snapshot is being built. The main thread's Env is never destroyed:
  // Exit() ends the process. That of a worker is, after CleanUp(). Sets the isolate's data slot 0, which no other code may use.
  Env(v8::Isolate* isolate, uv_loop_t* loop);
  ~Env();
  Env(const Env&) = delete;

  // The Env of an isolate (its data slot 0). MaybeFrom() returns null before construction and after
  // destruction, for V8 callbacks that can run then.
  static Env& From(v8::Isolate* isolate) { return *static_cast<Env*>(isolate->GetData(0)); }
  static Env* MaybeFrom(v8::Isolate* isolate) { return static_cast<Env*>(isolate->GetData(0)); }

  v8::Isolate* const isolate;
  uv_loop_t* const loop;

  // The main context: that of Node's library and of the app, as opposed to the contexts of vm. Code
  // that libuv calls must enter it first; CallbackScope (binding/async_wrap.h) does. The result is
  // valid as long as the Env. set_context() also reserves the context's embedder data for the slots.
  v8::Local<v8::Context> context() const { return Strong(context_); }
  void set_context(v8::Local<v8::Context> context);

  // ---- Slots: JavaScript values that native code keeps (env/slots.h). They live as long as the
  // main context and are part of a snapshot.

  // undefined if the slot was never set.
  v8::Local<v8::Value> Get(Slot slot) const {
    return context()->GetEmbedderData(kSlotBase + int(slot));
  }
  void Set(Slot slot, v8::Local<v8::Value> value) {
    context()->SetEmbedderData(kSlotBase + int(slot), value);
  }
  // The function in the slot; empty if JavaScript has not registered one.
  v8::Local<v8::Function> GetFunction(Slot slot) const {
    v8::Local<v8::Value> value = Get(slot);
    return value->IsFunction() ? value.As<v8::Function>() : v8::Local<v8::Function>();
  }
  // The object `process`. REQUIRES: the library has been booted or restored.
  v8::Local<v8::Object> process() const { return Get(Slot::kProcess).As<v8::Object>(); }

  // ---- Strings, symbols and properties

  // An internalized string, for property names. One character per byte; must fit
  // v8::String::kMaxLength.
  v8::Local<v8::String> Name(std::string_view latin1) const;
  // A string, for values. Invalid UTF-8 becomes U+FFFD. Empty string when the text is longer than
  // v8::String::kMaxLength.
  v8::Local<v8::String> Str(std::string_view utf8) const;
  // A private symbol by its property name in internalBinding('util').privateSymbols; the names are
  // in env/symbol_names.h, and another name is a failed CHECK.
  v8::Local<v8::Private> Private(std::string_view name) const;
  // A symbol of internalBinding('symbols'), by its name there.
  v8::Local<v8::Symbol> Symbol(std::string_view name) const;
  v8::Local<v8::Value> Undefined() const { return v8::Undefined(isolate); }
  // Property access in the current context. Failure is ignored: Set() has no effect and Get()
  // returns undefined, but the exception stays pending. Use them on objects whose accessors cannot
  // throw, such as objects that native code has just created.
  void Set(v8::Local<v8::Object> object, std::string_view name, v8::Local<v8::Value> value);
  void Set(v8::Local<v8::Object> object, std::string_view name, double number);
  v8::Local<v8::Value> Get(v8::Local<v8::Object> object, std::string_view name);

  // ---- Classes (binding/binding.h). The template of a class is created on first use, once per
  // isolate, and is part of a snapshot if it was used before the snapshot was written.

  v8::Local<v8::FunctionTemplate> Template(const ClassEntry& entry);
  // A new instance; the `construct` callback is not called. The caller must attach a Wrapped to it.
  v8::Local<v8::Object> NewInstance(const ClassEntry& entry);
  // The class as JavaScript sees it, in the main context; the same function at every call.
  v8::Local<v8::Function> Constructor(const ClassEntry& entry);

  // ---- State of one binding: one T per Env, created as T(Env&) on first use, destroyed with the
  // Env. The reference is valid that long. The state is not part of a snapshot.
  template <class T>
  T& State() {
    static const int kKey = 0;
    std::shared_ptr<void>& slot = states_[&kKey];
    if (!slot) slot = std::make_shared<T>(*this);
    return *static_cast<T*>(slot.get());
  }

  // ---- Deferred work. `work` runs on the Env's thread, inside a HandleScope and the main context. To
  // call JavaScript, open a CallbackScope.

  // Runs `work` in the check phase of the loop, before JavaScript's immediates. Immediates that it
  // adds run in the same phase; ticks and microtasks run after all of them. With `ref` the loop stays alive until `work` has run. Work is
  // dropped when the thread ends first. Callable during garbage collection if `ref` is false.
  void SetImmediate(std::function<void(Env&)> work, bool ref = true);
  // Number of SetImmediate() calls so far: whether others came after one's own.
  uint64_t immediates_added() const { return native_immediates_added_; }
  // Thread-safe. Wakes the loop, which runs `work`; work that is posted before StartLoop() waits
  // for it. Does not keep the loop alive. Runs in the order of the calls. The caller must ensure
  // that the Env still exists.
  void PostFromAnyThread(std::function<void(Env&)> work);

  // ---- Async ids (async_hooks). Doubles, because JavaScript shares the counter.
  double NewAsyncId() { return async_id_fields[kAsyncIdCounter] += 1; }
  // The ids of the callback that is running; 0 outside callbacks.
  double execution_async_id() { return async_id_fields[kExecutionAsyncId]; }
  double trigger_async_id() { return async_id_fields[kTriggerAsyncId]; }
  // The trigger id of a resource that is created now: the default if one is set
  // (DefaultTriggerScope, binding/stream.h), else the current execution id.
  double default_trigger_async_id();

  // ---- Warnings, errors and the end of the process

  // Calls process.emitWarning(message, type, code): runs JavaScript. Has no effect once the thread
  // is ending, and before the library has defined emitWarning.
  void EmitWarning(std::string_view message, std::string_view type = "Warning",
                   std::string_view code = {});
  // Handles an exception that no JavaScript caught, as Node does: 'uncaughtException' listeners,
  // otherwise prints it and ends the process. Returns if a listener handled it
  // (exceptions/uncaught.cc). `from_promise`: `error` is the reason of an unhandled rejection.
  void UncaughtException(v8::Local<v8::Value> error, v8::Local<v8::Message> message,
                         bool from_promise = false);
  // Ends the thread, as process.reallyExit(code) does: no JavaScript runs any more. The main thread's
  // end is that of the process: buffered output of stdio is flushed, C++ destructors do not run, and
  // this does not return (process/exit.cc). In a worker it returns, and the caller has to return too,
  // until the thread's loop finds `stopping`.
  void Exit(int code);

  // ---- Which thread

  // 0 for the main thread.
  uint64_t thread_id = 0;
  // The worker that this thread is, which outlives the Env; null for the main thread.
  WorkerThread* worker = nullptr;
  // The variables of process.env; null: those of the process.
  std::shared_ptr<Variables> variables;
  // Workers that this thread has started and that have not ended. They end before it does.
  std::vector<WorkerThread*> workers;

  // ---- Mode and progress of the thread

  // False once the thread is ending. Callbacks from libuv and V8 check it before they call
  // JavaScript.
  bool can_call_into_js() const {
    return can_call_into_js_ && !stopping.load(std::memory_order_relaxed);
  }
  std::atomic<bool> stopping = false;  // Exit() was called; any thread
  bool can_call_into_js_ = true;       // false: a fatal error is being reported
  // Watches native calls while an app is observed (binding/call_observer.h); otherwise null.
  CallObserver* observer = nullptr;
  // Null in executables without the inspector, and while a snapshot is built.
  std::unique_ptr<InspectorHooks> inspector;
  bool building_snapshot = false;    // in the snapshot builder: no loop handles exist
  bool abort_on_uncaught = false;    // --abort-on-uncaught-exception
  bool source_maps_enabled = false;  // process.setSourceMapsEnabled
  bool printed_error = false;        // the message of a fatal error was written to stderr
  // The parsed command line; set after construction, outlives the Env.
  const RunOptions* options = nullptr;
  // The app in this executable; outlives the Env. Null for the plain runtime.
  const Payload* payload = nullptr;
  // What the thread may do; null: everything (env/permissions.h).
  std::shared_ptr<Permissions> permissions;
  int debug_port = -1;               // process.debugPort, once it was set or opened
  bool pending_deprecation = false;  // --pending-deprecation
  bool warned_env_value = false;     // the DEP0104 warning was emitted (once per Env)
  int callback_depth = 0;  // open CallbackScopes; the outermost drains ticks and microtasks

  // ---- Memory shared with JavaScript (docs/node-library.md). The order of the elements is what
  // Node's library expects, so it must not change.

  // Indexes of async_hook_fields: how many hooks of each type are enabled, then kCheck (whether ids
  // are validated), kStackLength (entries in use of async_ids_stack), and whether
  // executionAsyncResource() is in use.
  enum AsyncHookField {
    kInit,
    kBefore,
    kAfter,
    kDestroy,
    kPromiseResolve,
    kTotals,
    kCheck,
    kStackLength,
    kUsesExecutionAsyncResource
  };
  // Indexes of async_id_fields.
  enum AsyncIdField { kExecutionAsyncId, kTriggerAsyncId, kAsyncIdCounter, kDefaultTriggerAsyncId };
  SharedArray<uint32_t> async_hook_fields;
  SharedArray<double> async_id_fields;
  SharedArray<double> async_ids_stack;     // pairs: execution id, trigger id; grows on demand
  SharedArray<uint8_t> tick_info;          // [has tick scheduled, has rejection to warn]
  SharedArray<uint32_t> immediate_info;    // [count, referenced count, has outstanding]
  SharedArray<int32_t> timeout_info;       // [number of active, referenced timeouts]
  SharedArray<int32_t> exit_info;          // [exiting, exit code, has exit code]
  SharedArray<int32_t> stream_base_state;  // indexes: StreamBaseState (binding/stream.h)
  SharedArray<uint32_t> abort_toggle;      // [1; 0 suppresses abort_on_uncaught]

  // ---- Timers and immediates (thread/loop_handles.cc). One libuv timer serves all of JavaScript's
  // timers, one check handle all immediates. Before StartLoop() these functions do nothing.

  // Creates the handles and sets timer_base. Call once; never while a snapshot is being built.
  void StartLoop();
  // Runs JavaScript's processTimers in `delay_ms` milliseconds (not negative); replaces an earlier
  // call. processTimers returns when it wants to run next, and is then scheduled without this call.
  void ScheduleTimer(int64_t delay_ms);
  // Adds to the number of reasons for which the loop stays alive, in addition to its handles. Work
  // that other threads will post is one.
  void AddRefs(int count);
  // Whether the timer keeps the loop alive.
  void ToggleTimerRef(bool ref);
  // With true the loop does not block in poll, so that pending immediates run.
  void ToggleImmediateRef(bool ref);
  // uv_now() at StartLoop(), in milliseconds. 0 before. timers.getLibuvNow() and performance are
  // relative to it.
  uint64_t timer_base = 0;
  uv_timer_t timer_handle;
  uv_check_t immediate_check;
  uv_idle_t immediate_idle;
  uv_async_t task_async;
  void* platform_handles = nullptr;  // of thread/run_loop.cc

  // ---- Live objects. These lists do not own: objects add and remove themselves.
  std::vector<HandleWrap*> handles;  // open handles, in order of creation
  std::vector<AsyncWrap*> requests;  // requests in flight, in order of dispatch
  Wrapped* first_wrapped = nullptr;  // head of the intrusive list of all Wrapped, newest first
  // The resources of the open CallbackScopes, outermost first, parallel to async_ids_stack. The
  // handles belong to the scopes' HandleScopes. An empty handle: JavaScript's array has the
  // resource.
  std::vector<v8::Local<v8::Object>> execution_resources;
  // The array in Slot::kExecutionAsyncResources; empty before its first use, and always empty in the
  // snapshot builder.
  v8::Global<v8::Array> js_execution_resources;
  std::vector<double> destroy_queue;  // async ids whose destroy hooks have not run yet

  // Run posted work and native immediates; for thread/loop_handles.cc and the run loop, which have
  // entered the main context. RunNativeImmediates() stops early once the thread is ending.
  void DrainPosted();
  void RunNativeImmediates();
  bool has_native_immediates() const { return !native_immediates_.empty(); }
  bool has_ref_native_immediates() const { return native_immediates_ref_ > 0; }

  // ---- The end of the process, when its loop has become empty: not after process.exit(). In order.
  std::vector<void (*)(Env&)> at_end;

  // ---- The end of a worker's Env (thread/teardown.cc)

  // Ends the workers of this thread, cancels all requests, closes all handles of the loop, and deletes
  // all native objects. No JavaScript runs. Afterwards the Env can only be destroyed.
  void CleanUp();

  // ---- Class templates in snapshots (binding/class_templates.cc, docs/snapshots.md)

  // The classes that have a template, in the order of AllClasses().
  std::vector<const ClassEntry*> templated_classes() const;
  // Adds all templates to the snapshot as isolate data and releases them. They must be the first
  // data that is added. No class may be used afterwards.
  void FreezeTemplates(v8::SnapshotCreator& creator);
  // All Envs of one isolate, of which the snapshot builder has several in turn, share the templates.
  void TakeTemplates(Env& predecessor) { templates_.swap(predecessor.templates_); }
  // After FreezeTemplates(), for another context of the same snapshot.
  void CopyTemplateList(v8::Local<v8::Context> other);
  // Reads which templates the snapshot has; each is fetched when its class is first used.
  void RestoreTemplates();

 private:
  static constexpr int kSlotBase = 8;  // field 0 is V8's; fields 1 to 4: ContextField, contextify.h
  v8::Global<v8::Context> context_;
  std::unordered_map<const ClassEntry*, v8::Global<v8::FunctionTemplate>> templates_;
  std::unordered_map<const ClassEntry*, size_t> frozen_templates_;  // index in the snapshot's data
  std::unordered_map<const int*, std::shared_ptr<void>> states_;    // by address of State<T>::kKey
  struct NativeImmediate {
    std::function<void(Env&)> work;
    bool ref;
  };
  std::vector<NativeImmediate> native_immediates_;
  int native_immediates_ref_ = 0;
  uint64_t native_immediates_added_ = 0;
  int refs_ = 0;             // of AddRefs()
  uv_mutex_t posted_mutex_;  // guards posted_ and loop_started_
  std::vector<std::function<void(Env&)>> posted_;
  bool loop_started_ = false;
};

// The V8 class of a typed array with elements of T.
template <class T>
struct TypedArrayOf;
template <>
struct TypedArrayOf<uint8_t> {
  using type = v8::Uint8Array;
};
template <>
struct TypedArrayOf<int32_t> {
  using type = v8::Int32Array;
};
template <>
struct TypedArrayOf<uint32_t> {
  using type = v8::Uint32Array;
};
template <>
struct TypedArrayOf<double> {
  using type = v8::Float64Array;
};
template <>
struct TypedArrayOf<int64_t> {
  using type = v8::BigInt64Array;
};
template <>
struct TypedArrayOf<uint64_t> {
  using type = v8::BigUint64Array;
};

template <class T>
v8::Local<v8::Value> SharedArray<T>::js() {
  Bind();
  return env_.Get(slot_);
}

template <class T>
void SharedArray<T>::Bind() {
  v8::HandleScope scope(env_.isolate);
  v8::Local<v8::Value> value = env_.Get(slot_);
  if (!value->IsTypedArray()) {
    auto buffer = v8::ArrayBuffer::New(env_.isolate, length_ * sizeof(T));
    value = TypedArrayOf<T>::type::New(buffer, 0, length_);
    env_.Set(slot_, value);
  }
  auto array = value.As<v8::TypedArray>();
  length_ = array->Length();
  data_ = reinterpret_cast<T*>(static_cast<char*>(array->Buffer()->Data()) + array->ByteOffset());
}

template <class T>
void SharedArray<T>::Resize(size_t length) {
  v8::HandleScope scope(env_.isolate);
  T* old = data();
  size_t keep = length_ < length ? length_ : length;
  auto buffer = v8::ArrayBuffer::New(env_.isolate, length * sizeof(T));
  auto* fresh = static_cast<T*>(buffer->Data());
  for (size_t i = 0; i < keep; i++) fresh[i] = old[i];
  env_.Set(slot_, TypedArrayOf<T>::type::New(buffer, 0, length));
  data_ = fresh;
  length_ = length;
}

}  // namespace kiln::runtime
