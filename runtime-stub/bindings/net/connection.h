// Shared by TCP and pipes: servers that accept connections, and connect requests. They call
// `onconnection(status, client)` and `oncomplete(status, handle, req, readable, writable)`, which
// net.js of the library defines.
#pragma once

#include "runtime-stub/binding/request_object.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/net/address.h"

namespace kiln::runtime {

// The request of a TCPConnectWrap or PipeConnectWrap object, which JavaScript creates. It is pinned
// while libuv uses it, and deletes itself after `oncomplete`. libuv cannot cancel it: closing the
// handle ends it with UV_ECANCELED.
class ConnectRequest final : public Request<uv_connect_t> {
 public:
  // For Start(). `provider` is kTCPCONNECTWRAP or kPIPECONNECTWRAP, for async_hooks.
  ConnectRequest(Env& env, Provider provider) : Request(env, provider) {}
  // Does nothing: libuv has no function for it.
  int Cancel() override { return UV_ENOSYS; }

  // Calls connect(req, OnConnect) for `handle` with a request attached to `object`, and returns its
  // result: 0, or a libuv code, with which the request is deleted and `oncomplete` is not called.
  // UV_EINVAL also if `object` is not a request of JavaScript or is in use. libuv does not detect a
  // handle that already listens or connects, so this checks it.
  template <class F>
  static int Start(LibuvStream& handle, Provider provider, v8::Local<v8::Value> object, F connect) {
    if (!IsFreeRequest(object)) return UV_EINVAL;
    if (int err = CannotConnect(handle)) return err;
    DefaultTriggerScope trigger(handle);
    auto* req = new ConnectRequest(handle.env(), provider);
    req->Attach(object.As<v8::Object>());
    // Attach() has called the init hook of async_hooks, which may have used the handle.
    int err = CannotConnect(handle);
    if (err == 0) err = connect(req->raw(), OnConnect);
    if (err < 0)
      delete req;
    else
      req->Dispatched();
    return err;
  }

 private:
  // 0, or the libuv code for a handle that must not be connected: UV_EBADF (closing), UV_EALREADY
  // (connecting), UV_EINVAL (listening).
  static int CannotConnect(LibuvStream& handle) {
    if (handle.is_closing()) return UV_EBADF;
    if (handle.uv_stream()->connect_req) return UV_EALREADY;
    return handle.uv_stream()->connection_cb ? UV_EINVAL : 0;
  }
  // The uv_connect_cb: calls oncomplete(status, handle, request, readable, writable) of the
  // request.
  static void OnConnect(uv_connect_t* raw, int status);
};

// A uv_connection_cb: accepts with Accept(env, parent, server), which returns the client's object
// or empty (AcceptTcp, AcceptPipe), and calls onconnection(status, client or undefined) of the
// server. No call if there is no connection to accept any more.
template <auto Accept>
void OnConnection(uv_stream_t* server, int status) {
  auto* self = static_cast<LibuvStream*>(static_cast<HandleWrap*>(server->data));
  Env& env = self->env();
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  v8::Local<v8::Value> args[] = {v8::Integer::New(env.isolate, status), env.Undefined()};
  if (status == 0) {
    v8::Local<v8::Object> client;
    // The peer may have closed the connection already.
    if (!Accept(env, *self, server).ToLocal(&client)) return;
    args[1] = client;
  }
  (void)self->MakeCallback("onconnection", std::span<v8::Local<v8::Value>>(args));
}

// The method listen(backlog). Returns 0 or a libuv code: UV_EBADF if the handle is closing,
// UV_EINVAL if it is connecting. May run JavaScript to convert `backlog`.
template <auto Accept>
int Listen(LibuvStream& handle, v8::Local<v8::Value> backlog) {
  if (handle.is_closing()) return UV_EBADF;
  if (handle.uv_stream()->connect_req) return UV_EINVAL;
  return uv_listen(handle.uv_stream(), ToInt32(handle.env(), backlog), OnConnection<Accept>);
}
// For the method open(fd): 0 for sockets, pipes and FIFOs, UV_EINVAL for other files, or the code
// of fstat(). libuv aborts when it starts to read a regular file, because epoll does not support
// it.
int CheckStreamFd(int fd);

}  // namespace kiln::runtime
