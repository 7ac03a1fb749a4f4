// HandleWrap. Closing takes three steps: JavaScript calls close(), libuv calls OnUvClose() from the
// loop, and that runs JavaScript's callback.
#include "runtime-stub/binding/handle.h"

#include <algorithm>

namespace kiln::runtime {

HandleWrap::HandleWrap(Env& env, Provider provider, uv_handle_t* handle)
    : AsyncWrap(env, provider), handle_(handle) {
  handle_->data = this;
}

HandleWrap::~HandleWrap() {
  auto& all = env().handles;
  all.erase(std::remove(all.begin(), all.end(), this), all.end());
}

void HandleWrap::OnAttach() {
  AsyncWrap::OnAttach();
  if (state_ != State::kOpen) return;  // not initialized by libuv: nothing to close
  env().handles.push_back(this);
  Pin();
}

void HandleWrap::Collected() {
  CHECK(state_ == State::kClosed);  // open handles are pinned
  delete this;
}

void HandleWrap::MarkInitialized() {
  if (state_ == State::kOpen) return;
  state_ = State::kOpen;
  env().handles.push_back(this);
  Pin();
}

void HandleWrap::Close(v8::Local<v8::Value> callback) {
  if (state_ != State::kOpen) return;
  SetClosing(callback);
  uv_close(handle_, OnUvClose);
}

void HandleWrap::SetClosing(v8::Local<v8::Value> callback) {
  state_ = State::kClosing;
  v8::HandleScope scope(env().isolate);
  if (!callback.IsEmpty() && callback->IsFunction())
    object()->Set(env().context(), env().Symbol("handle_onclose"), callback).Check();
}

void HandleWrap::OnUvClose(uv_handle_t* handle) {
  auto* self = static_cast<HandleWrap*>(handle->data);
  Env& env = self->env();
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Context> context = env.context();
  v8::Context::Scope entered(context);
  self->state_ = State::kClosed;
  self->OnClose();
  auto& all = env.handles;
  all.erase(std::remove(all.begin(), all.end(), self), all.end());

  v8::Local<v8::Object> object = self->object();  // alive until this scope ends
  v8::Local<v8::Symbol> key = env.Symbol("handle_onclose");
  v8::Local<v8::Value> callback;
  if (env.can_call_into_js() && object->Has(context, key).FromMaybe(false) &&
      object->Get(context, key).ToLocal(&callback) && callback->IsFunction())
    (void)self->MakeCallback(callback.As<v8::Function>(), {});
  // The resource no longer exists, although the wrapper may stay reachable.
  self->EmitDestroy();
  self->Unpin();
}

void HandleWrap::JsHasRef(const Args& args) {
  if (async_id() >= 0) args.GetReturnValue().Set(has_ref());
}
void HandleWrap::JsClose(const Args& args) { Close(args[0]); }
void HandleWrap::JsRef() {
  if (is_alive()) uv_ref(handle_);
}
void HandleWrap::JsUnref() {
  if (is_alive()) uv_unref(handle_);
}

namespace {
constexpr Entry kMethods[] = {
    Method<&HandleWrap::JsClose>("close"),
    Method<&HandleWrap::JsHasRef>("hasRef"),
    Method<&HandleWrap::JsRef>("ref"),
    Method<&HandleWrap::JsUnref>("unref"),
};
}  // namespace

const ClassEntry kHandleWrapClass = {
    .name = "HandleWrap", .parent = &kAsyncWrapClass, .methods = kMethods};

}  // namespace kiln::runtime
