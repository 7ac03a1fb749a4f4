// Env: everything one JavaScript thread owns. It is the first parameter of all native
// code and is reached from any callback by isolate.
//
// What JavaScript and native code share lives in Slots: values in the embedder data of
// the main context. They are part of a snapshot by themselves, so a restored Env needs
// no code to find its callbacks and arrays again. SharedArray is a typed array in a slot
// whose memory native code reads and writes directly.
#pragma once

#include <uv.h>
#include <v8.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime-stub/env/error.h"
#include "runtime-stub/env/slots.h"

namespace kiln::runtime {

struct ClassEntry;
class Wrapped;
class HandleWrap;
class AsyncWrap;
struct Payload;
struct RunOptions;

// A typed array shared with JavaScript. Declare it as a member of Env or of a binding's
// state; the array is made on first use, or found again after a snapshot was restored.
template <class T>
class SharedArray {
 public:
  SharedArray(Env& env, Slot slot, size_t length) : env_(env), slot_(slot), length_(length) {}
  SharedArray(const SharedArray&) = delete;

  T& operator[](size_t i) { return data()[i]; }
  T* data() {
    if (!data_) Bind();
    return data_;
  }
  size_t length() const { return length_; }
  v8::Local<v8::Value> js();  // the typed array itself
  // Replaces the array by one of another length; the first elements are kept.
  void Resize(size_t length);

 private:
  void Bind();
  Env& env_;
  Slot slot_;
  size_t length_;
  T* data_ = nullptr;
};

struct ExecutionContextId {
  double async_id = 0;
  double trigger_async_id = 0;
};

class Env {
 public:
  Env(v8::Isolate* isolate, uv_loop_t* loop);
  ~Env();
  Env(const Env&) = delete;

  static Env& From(v8::Isolate* isolate) { return *static_cast<Env*>(isolate->GetData(0)); }
  static Env* MaybeFrom(v8::Isolate* isolate) { return static_cast<Env*>(isolate->GetData(0)); }

  v8::Isolate* const isolate;
  uv_loop_t* const loop;

  // The main context. Callbacks from the loop enter it first (CallbackScope does).
  v8::Local<v8::Context> context() const { return context_.Get(isolate); }
  void set_context(v8::Local<v8::Context> context);

  // ---- values shared with JavaScript
  v8::Local<v8::Value> Get(Slot slot) const {
    return context()->GetEmbedderData(kSlotBase + int(slot));
  }
  void Set(Slot slot, v8::Local<v8::Value> value) {
    context()->SetEmbedderData(kSlotBase + int(slot), value);
  }
  // The function in the slot, or empty when JavaScript has not set it.
  v8::Local<v8::Function> GetFunction(Slot slot) const {
    v8::Local<v8::Value> value = Get(slot);
    return value->IsFunction() ? value.As<v8::Function>() : v8::Local<v8::Function>();
  }
  v8::Local<v8::Object> process() const { return Get(Slot::kProcess).As<v8::Object>(); }

  // ---- strings and symbols. Name() interns, for property names; Str() is for values.
  v8::Local<v8::String> Name(std::string_view latin1) const;
  v8::Local<v8::String> Str(std::string_view utf8) const;
  v8::Local<v8::Private> Private(std::string_view name) const;  // Node's *_private_symbol
  v8::Local<v8::Symbol> Symbol(std::string_view name) const;    // internalBinding('symbols')
  v8::Local<v8::Value> Undefined() const { return v8::Undefined(isolate); }
  // Sets own properties; failure (a pending exception) is ignored, as for fresh objects.
  void Set(v8::Local<v8::Object> object, std::string_view name, v8::Local<v8::Value> value);
  void Set(v8::Local<v8::Object> object, std::string_view name, double number);
  v8::Local<v8::Value> Get(v8::Local<v8::Object> object, std::string_view name);

  // ---- classes. The template of a class is made once per isolate and survives snapshots.
  v8::Local<v8::FunctionTemplate> Template(const ClassEntry& entry);
  // A new instance without running the JavaScript constructor; attach a Wrapped to it.
  v8::Local<v8::Object> NewInstance(const ClassEntry& entry);
  v8::Local<v8::Function> Constructor(const ClassEntry& entry);

  // ---- per-binding state: one T per Env, made by T(Env&) on first use.
  template <class T>
  T& State() {
    static const int kKey = 0;
    std::shared_ptr<void>& slot = states_[&kKey];
    if (!slot) slot = std::make_shared<T>(*this);
    return *static_cast<T*>(slot.get());
  }

  // ---- work
  // Runs `work` in the check phase of the loop; with `ref` it keeps the loop alive.
  void SetImmediate(std::function<void(Env&)> work, bool ref = true);
  // Runs `work` on this Env's thread from any thread.
  void PostFromAnyThread(std::function<void(Env&)> work);
  double NewAsyncId() { return async_id_fields[kAsyncIdCounter] += 1; }
  double execution_async_id() { return async_id_fields[kExecutionAsyncId]; }
  double trigger_async_id() { return async_id_fields[kTriggerAsyncId]; }
  // The trigger for a resource that is made now: the default one if set, else the current id.
  double default_trigger_async_id();

  void EmitWarning(std::string_view message, std::string_view type = "Warning",
                   std::string_view code = {});  // process.emitWarning
  // Node's handling of an exception nobody caught; may end the process.
  void UncaughtException(v8::Local<v8::Value> error, v8::Local<v8::Message> message,
                         bool from_promise = false);
  // Ends the process as process.reallyExit does.
  [[noreturn]] void Exit(int code);

  bool can_call_into_js() const { return can_call_into_js_ && !stopping; }
  bool stopping = false;  // the process (or worker) is going away
  bool can_call_into_js_ = true;
  bool building_snapshot = false;  // inside the snapshot builder
  bool abort_on_uncaught = false;
  bool source_maps_enabled = false;     // process.setSourceMapsEnabled
  bool printed_error = false;           // the line of a fatal error is on stderr already
  const RunOptions* options = nullptr;  // command line; outlives the Env
  const Payload* payload = nullptr;     // what the executable carries, if anything
  bool pending_deprecation = false;     // --pending-deprecation
  bool warned_env_value = false;        // DEP0104 is said once
  int callback_depth = 0;

  // ---- memory shared with JavaScript (docs/node-library.md)
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
  enum AsyncIdField { kExecutionAsyncId, kTriggerAsyncId, kAsyncIdCounter, kDefaultTriggerAsyncId };
  SharedArray<uint32_t> async_hook_fields;
  SharedArray<double> async_id_fields;
  SharedArray<double> async_ids_stack;
  SharedArray<uint8_t> tick_info;          // [has tick scheduled, has rejection to warn]
  SharedArray<uint32_t> immediate_info;    // [count, ref count, has outstanding]
  SharedArray<int32_t> timeout_info;       // [active timeout count that is ref'd]
  SharedArray<int32_t> exit_info;          // [exiting, exit code, has exit code]
  SharedArray<int32_t> stream_base_state;  // see stream.h
  SharedArray<uint32_t> abort_toggle;      // util.shouldAbortOnUncaughtToggle

  // ---- loop handles (loop.cc)
  void StartLoop();  // makes the handles; not while a snapshot is being built
  void ScheduleTimer(int64_t delay_ms);
  void ToggleTimerRef(bool ref);
  void ToggleImmediateRef(bool ref);
  uint64_t timer_base = 0;  // loop time at start, ms; timers.getLibuvNow is relative to it
  uv_timer_t timer_handle;
  uv_check_t immediate_check;
  uv_idle_t immediate_idle;
  uv_async_t task_async;

  // ---- who is alive
  std::vector<HandleWrap*> handles;                        // open handles, in order of creation
  std::vector<AsyncWrap*> requests;                        // requests in flight
  Wrapped* first_wrapped = nullptr;                        // all wrapped objects, an intrusive list
  std::vector<v8::Local<v8::Object>> execution_resources;  // of the open CallbackScopes
  std::vector<double> destroy_queue;                       // async ids whose destroy hook is due

  // Runs queued cross-thread work and native immediates (loop.cc calls these).
  void DrainPosted();
  void RunNativeImmediates();
  bool has_ref_native_immediates() const { return native_immediates_ref_ > 0; }

  // Snapshot support: the classes that have a template, in order (builder and restore).
  std::vector<const ClassEntry*> templated_classes() const;
  void FreezeTemplates(v8::SnapshotCreator& creator);
  void RestoreTemplates();

 private:
  static constexpr int kSlotBase = 8;
  v8::Global<v8::Context> context_;
  std::unordered_map<const ClassEntry*, v8::Global<v8::FunctionTemplate>> templates_;
  std::unordered_map<const ClassEntry*, size_t> frozen_templates_;
  std::unordered_map<const int*, std::shared_ptr<void>> states_;
  struct NativeImmediate {
    std::function<void(Env&)> work;
    bool ref;
  };
  std::vector<NativeImmediate> native_immediates_;
  int native_immediates_ref_ = 0;
  uv_mutex_t posted_mutex_;
  std::vector<std::function<void(Env&)>> posted_;
  bool loop_started_ = false;
};

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
