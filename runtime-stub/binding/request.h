// Request<T>: a libuv request of type T with its JavaScript object. Dispatch() starts it and pins
// the object while libuv uses the request; afterwards the garbage collector frees it with its
// wrapper. Every libuv callback must call Done() first. Everything here is for the Env's thread.
//
//   class ConnectRequest final : public Request<uv_connect_t> {...};
//   int rc = request->Dispatch(uv_tcp_connect, handle, addr, OnConnect);
//   static void OnConnect(uv_connect_t* raw, int status) {
//     auto* request = static_cast<ConnectRequest*>(ConnectRequest::Done(raw)); ...
//     request->MakeCallback("oncomplete", ...); }
#pragma once

#include <uv.h>

#include <algorithm>

#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {

// One operation. Created and attached before Dispatch(). If Dispatch() fails the object is only
// weakly held, so the garbage collector frees it; a caller that wants to free it at once deletes
// it. raw()->data belongs to this class and is the Request<T>*.
template <class T>
class Request : public AsyncWrap {
 public:
  Request(Env& env, Provider provider) : AsyncWrap(env, provider) { raw_.data = this; }

  T* raw() { return &raw_; }  // valid as long as this object

  // Calls function(raw(), args...) and returns its result, 0 or a libuv code. If it is not
  // negative, the request is in flight until Done().
  template <class F, class... A>
  int Dispatch(F function, A... args) {
    raw_.data = this;
    int rc = function(&raw_, args...);
    if (rc >= 0) Dispatched();
    return rc;
  }
  // The same for functions whose first parameter is the loop (fs, dns and work).
  template <class F, class... A>
  int DispatchOnLoop(F function, A... args) {
    raw_.data = this;
    int rc = function(env().loop, &raw_, args...);
    if (rc >= 0) Dispatched();
    return rc;
  }
  // For a request that was started by other means. Done() must follow exactly once.
  void Dispatched() {
    Pin();
    env().requests.push_back(this);
  }

  // Marks the request as finished and returns it. It is no longer pinned: the caller must have a
  // HandleScope open and call object() in it to keep the request alive for the rest of the
  // callback. Takes linear time in the requests that were started later.
  static Request* Done(T* raw) {
    auto* self = static_cast<Request*>(raw->data);
    auto& all = self->env().requests;
    auto it = std::find(all.rbegin(), all.rend(), self);
    if (it != all.rend()) all.erase(std::next(it).base());
    self->Unpin();
    return self;
  }

  // Tries to cancel the request: 0, or a libuv code (UV_EBUSY when it is running already). After 0
  // the callback still runs, with UV_ECANCELED.
  virtual int Cancel() { return uv_cancel(reinterpret_cast<uv_req_t*>(&raw_)); }
  void CancelRequest() override { (void)Cancel(); }

 private:
  T raw_ = {};
};

}  // namespace kiln::runtime
