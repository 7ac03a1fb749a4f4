// HandleWrap: a libuv handle with a JavaScript wrapper. libuv closes a handle asynchronously, so
// the object is pinned from Attach() until the close callback; afterwards the garbage collector
// frees it with its wrapper. Env::handles lists the open ones, for process._getActiveHandles and
// reports. Everything here is for the Env's thread.
#pragma once

#include <uv.h>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {

extern const ClassEntry kHandleWrapClass;

// States: open from the constructor, or from MarkInitialized(); closing after Close(); closed once
// libuv has called back. Only then may the memory of the uv_handle_t be freed.
class HandleWrap : public AsyncWrap {
 public:
  // `handle` is a member of the derived class, whose constructor must initialize it with libuv. If
  // that fails, it calls MarkUninitialized(). Sets handle->data to this HandleWrap: callbacks must
  // cast it to HandleWrap* first.
  HandleWrap(Env& env, Provider provider, uv_handle_t* handle);
  ~HandleWrap() override;

  uv_handle_t* uv_handle() const { return handle_; }
  // Alive: not closed yet, also while closing. Active and referenced are meant as libuv does
  // (uv_is_active, uv_has_ref).
  bool is_alive() const { return state_ != State::kClosed && handle_ != nullptr; }
  bool is_closing() const { return state_ == State::kClosing || state_ == State::kClosed; }
  bool is_active() const { return is_alive() && uv_is_active(handle_); }
  bool has_ref() const { return is_alive() && uv_has_ref(handle_); }

  // Starts to close the handle; no effect if it is not open. `callback`, if it is a function, is
  // called with the wrapper as `this` when the handle is closed, from the loop. It
  // is stored in the wrapper under the symbol handle_onclose. REQUIRES: attached.
  virtual void Close(v8::Local<v8::Value> callback = {});
  // Before Attach(): there is nothing to close, and the object is not pinned.
  void MarkUninitialized() { state_ = State::kClosed; }
  // For a handle that libuv initializes later than the constructor (uv_spawn). Pins; after
  // Attach().
  void MarkInitialized();

  // Methods of kHandleWrapClass.
  void JsClose(const Args& args);
  void JsRef();
  void JsUnref();
  void JsHasRef(const Args& args);  // returns undefined once the handle is closed

 protected:
  void OnAttach() override;   // pins until the handle is closed
  void Collected() override;  // a failed CHECK if the handle is not closed
  // The handle is closed; JavaScript has not been notified yet. Called by libuv, inside a
  // HandleScope and the main context; must not delete this object.
  virtual void OnClose() {}
  // Closes with `close` in place of uv_close; returns its result. If that is not 0, the handle
  // stays open.
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
