// Request<T>: a libuv request in flight. It is made with its wrapper, starts with
// Dispatch, pins itself while libuv has it, and frees itself when the wrapper is
// collected afterwards. Done() is called first in every libuv callback.
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

template <class T>
class Request : public AsyncWrap {
 public:
  Request(Env& env, Provider provider) : AsyncWrap(env, provider) { raw_.data = this; }

  T* raw() { return &raw_; }

  // Calls `function(raw, args...)`; pins when libuv took the request (rc >= 0).
  template <class F, class... A>
  int Dispatch(F function, A... args) {
    raw_.data = this;
    int rc = function(&raw_, args...);
    if (rc >= 0) Dispatched();
    return rc;
  }
  // The form for the fs, dns and work functions, which take the loop first.
  template <class F, class... A>
  int DispatchOnLoop(F function, A... args) {
    raw_.data = this;
    int rc = function(env().loop, &raw_, args...);
    if (rc >= 0) Dispatched();
    return rc;
  }
  void Dispatched() {
    Pin();
    env().requests.push_back(this);
  }

  // Ends the flight: unpins the request and returns it. Handles made in a HandleScope keep
  // the wrapper alive for the rest of the callback.
  static Request* Done(T* raw) {
    auto* self = static_cast<Request*>(raw->data);
    auto& all = self->env().requests;
    auto it = std::find(all.rbegin(), all.rend(), self);
    if (it != all.rend()) all.erase(std::next(it).base());
    self->Unpin();
    return self;
  }

  // uv_cancel and whatever else ends it early.
  virtual int Cancel() { return uv_cancel(reinterpret_cast<uv_req_t*>(&raw_)); }

 private:
  T raw_ = {};
};

}  // namespace kiln::runtime
