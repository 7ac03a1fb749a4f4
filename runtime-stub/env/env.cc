// Env: the main context, strings and symbols, native immediates and work from other threads.
// Class templates are in binding/class_templates.cc, the loop in thread/loop_handles.cc.
#include "runtime-stub/env/env.h"

#include "runtime-stub/env/symbol_names.h"

namespace kiln::runtime {

Env::Env(v8::Isolate* i, uv_loop_t* l)
    : isolate(i),
      loop(l),
      async_hook_fields(*this, Slot::kAsyncHookFields, 9),
      async_id_fields(*this, Slot::kAsyncIdFields, 4),
      async_ids_stack(*this, Slot::kAsyncIdsStack, 32),
      tick_info(*this, Slot::kTickInfo, 2),
      immediate_info(*this, Slot::kImmediateInfo, 3),
      timeout_info(*this, Slot::kTimeoutInfo, 1),
      exit_info(*this, Slot::kExitInfo, 3),
      stream_base_state(*this, Slot::kStreamBaseState, 4),
      abort_toggle(*this, Slot::kAbortToggle, 1) {
  isolate->SetData(0, this);
  uv_mutex_init(&posted_mutex_);
}

Env::~Env() {
  isolate->SetData(0, nullptr);
  uv_mutex_destroy(&posted_mutex_);
}

void Env::set_context(v8::Local<v8::Context> context) {
  context_.Reset(isolate, context);
  // GetEmbedderData() does not check bounds: allocate all slots.
  if (context->GetNumberOfEmbedderDataFields() <= uint32_t(kSlotBase + int(Slot::kCount)))
    context->SetEmbedderData(kSlotBase + int(Slot::kCount), v8::Undefined(isolate));
}

v8::Local<v8::String> Env::Name(std::string_view s) const {
  return v8::String::NewFromOneByte(isolate, reinterpret_cast<const uint8_t*>(s.data()),
                                    v8::NewStringType::kInternalized, int(s.size()))
      .ToLocalChecked();
}

v8::Local<v8::String> Env::Str(std::string_view s) const {
  v8::Local<v8::String> string;
  // A size above INT_MAX would become negative, which V8 reads as "up to the zero byte".
  if (s.size() > size_t(v8::String::kMaxLength) ||
      !v8::String::NewFromUtf8(isolate, s.data(), v8::NewStringType::kNormal, int(s.size()))
           .ToLocal(&string))
    return v8::String::Empty(isolate);
  return string;
}

v8::Local<v8::Private> Env::Private(std::string_view property) const {
  for (const PrivateSymbolName& symbol : kPrivateSymbols)
    if (property == symbol.property) return v8::Private::ForApi(isolate, Name(symbol.description));
  CHECK(!"a name of symbol_names.h");
  return {};
}

v8::Local<v8::Symbol> Env::Symbol(std::string_view name) const {
  return v8::Symbol::ForApi(isolate, Name(name));
}

void Env::Set(v8::Local<v8::Object> object, std::string_view name, v8::Local<v8::Value> value) {
  (void)object->Set(isolate->GetCurrentContext(), Name(name), value);
}

void Env::Set(v8::Local<v8::Object> object, std::string_view name, double number) {
  Set(object, name, v8::Number::New(isolate, number));
}

v8::Local<v8::Value> Env::Get(v8::Local<v8::Object> object, std::string_view name) {
  v8::Local<v8::Value> value;
  if (!object->Get(isolate->GetCurrentContext(), Name(name)).ToLocal(&value)) return Undefined();
  return value;
}

double Env::default_trigger_async_id() {
  double id = async_id_fields[kDefaultTriggerAsyncId];
  return id < 0 ? execution_async_id() : id;
}

void Env::SetImmediate(std::function<void(Env&)> work, bool ref) {
  native_immediates_.push_back({std::move(work), ref});
  native_immediates_added_++;
  if (!ref) return;
  if (native_immediates_ref_++ == 0) ToggleImmediateRef(true);
}

void Env::RunNativeImmediates() {
  if (native_immediates_.empty()) return;
  // Immediates that these add also run now, before the loop polls again.
  while (!native_immediates_.empty()) {
    std::vector<NativeImmediate> due;
    due.swap(native_immediates_);
    for (NativeImmediate& immediate : due) {
      if (immediate.ref) native_immediates_ref_--;
      v8::HandleScope scope(isolate);
      immediate.work(*this);
      if (!can_call_into_js()) return;
    }
  }
  if (native_immediates_ref_ == 0 && immediate_info[1] == 0) ToggleImmediateRef(false);
}

void Env::PostFromAnyThread(std::function<void(Env&)> work) {
  uv_mutex_lock(&posted_mutex_);
  posted_.push_back(std::move(work));
  bool started = loop_started_;
  uv_mutex_unlock(&posted_mutex_);
  if (started) uv_async_send(&task_async);
}

void Env::DrainPosted() {
  std::vector<std::function<void(Env&)>> due;
  uv_mutex_lock(&posted_mutex_);
  due.swap(posted_);
  uv_mutex_unlock(&posted_mutex_);
  for (auto& work : due) {
    v8::HandleScope scope(isolate);
    work(*this);
  }
}

}  // namespace kiln::runtime
