// Wrapped: the intrusive list of all native objects, and the weak handle.
#include "runtime-stub/binding/wrapped.h"

namespace kiln::runtime {

namespace {

// The current JavaScript stack, up to 10 frames.
std::string JavaScriptStack(v8::Isolate* isolate) {
  v8::HandleScope scope(isolate);
  std::string out;
  auto trace = v8::StackTrace::CurrentStackTrace(isolate, 10);
  for (int i = 0; i < trace->GetFrameCount(); i++) {
    auto frame = trace->GetFrame(isolate, i);
    v8::String::Utf8Value function(isolate, frame->GetFunctionName());
    v8::String::Utf8Value script(isolate, frame->GetScriptNameOrSourceURL());
    out += "    at " + std::string(*function && **function ? *function : "<anonymous>") + " (" +
           (*script ? *script : "<unknown>") + ":" + std::to_string(frame->GetLineNumber()) + ":" +
           std::to_string(frame->GetColumn()) + ")\n";
  }
  return out;
}

}  // namespace

Wrapped::Wrapped(Env& env) : env_(env), next_(env.first_wrapped) {
  if (next_) next_->previous_ = &next_;
  previous_ = &env.first_wrapped;
  env.first_wrapped = this;
  if (env.building_snapshot) created_at_ = JavaScriptStack(env.isolate);
}

Wrapped::~Wrapped() {
  *previous_ = next_;
  if (next_) next_->previous_ = previous_;
  if (!wrapper_.IsEmpty()) {
    v8::HandleScope scope(env_.isolate);
    object()->SetAlignedPointerInInternalField(0, nullptr);
    wrapper_.Reset();
  }
}

void Wrapped::Attach(v8::Local<v8::Object> wrapper) {
  CHECK(wrapper->InternalFieldCount() > 0);
  wrapper->SetAlignedPointerInInternalField(0, this);
  wrapper_.Reset(env_.isolate, wrapper);
  MakeWeak();
  OnAttach();
}

void Wrapped::Pin() {
  if (pins_++ == 0) wrapper_.ClearWeak();
}

void Wrapped::Unpin() {
  CHECK(pins_ > 0);
  if (--pins_ == 0) MakeWeak();
}

void Wrapped::MakeWeak() {
  wrapper_.SetWeak(
      this,
      [](const v8::WeakCallbackInfo<Wrapped>& info) {
        Wrapped* self = info.GetParameter();
        self->wrapper_.Reset();
        self->Collected();
      },
      v8::WeakCallbackType::kParameter);
}

}  // namespace kiln::runtime
