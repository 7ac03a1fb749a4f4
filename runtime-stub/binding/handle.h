// HandleWrap: a libuv handle with a JavaScript wrapper. The wrapper stays alive until the
// handle has been closed; libuv releases a handle asynchronously, so the memory goes in
// the close callback. Env::handles lists the open ones (process._getActiveHandles and the
// end of a worker walk it).
#pragma once

#include <uv.h>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {

extern const ClassEntry kHandleWrapClass;

class HandleWrap : public AsyncWrap {
 public:
  // `handle` lies in the derived class, which initialises it with libuv in its
  // constructor; if that fails it calls MarkUninitialized before it throws.
  HandleWrap(Env& env, Provider provider, uv_handle_t* handle);
  ~HandleWrap() override;

  uv_handle_t* uv_handle() const { return handle_; }
  bool is_alive() const { return state_ != State::kClosed && handle_ != nullptr; }
  bool is_closing() const { return state_ == State::kClosing || state_ == State::kClosed; }
  bool is_active() const { return is_alive() && uv_is_active(handle_); }
  bool has_ref() const { return is_alive() && uv_has_ref(handle_); }

  // Closes; `callback`, when given, is called by handle_onclose.
  virtual void Close(v8::Local<v8::Value> callback = {});
  void MarkUninitialized() { state_ = State::kClosed; }
  // For a handle that libuv initialises after its construction (uv_spawn).
  void MarkInitialized();

  // Methods of kHandleWrapClass.
  void JsClose(const Args& args);
  void JsRef();
  void JsUnref();
  void JsHasRef(const Args& args);  // undefined once the handle is closed

 protected:
  void OnAttach() override;  // pins until closed
  void Collected() override;
  virtual void OnClose() {}  // the handle is closed, JavaScript has not been notified yet
  // Close by another function than uv_close; returns what that returns.
  template <class F>
  int CloseWith(F close, v8::Local<v8::Value> callback) {
    if (state_ != State::kOpen) return 0;
    if (int err = close(OnUvClose)) return err;
    SetClosing(callback);
    return 0;
  }

 private:
  enum class State { kOpen, kClosing, kClosed };
  static void OnUvClose(uv_handle_t* handle);
  void SetClosing(v8::Local<v8::Value> callback);
  uv_handle_t* handle_;
  State state_ = State::kOpen;
};

}  // namespace kiln::runtime
