// Shared by TCP and pipes: servers that accept connections, and connect requests. They call
// `onconnection(status, client)` and `oncomplete(status, handle, req, readable, writable)`, which
// net.js of the library defines.
#pragma once

#include "runtime-stub/binding/request_object.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/net/address.h"

namespace kiln::runtime {

// The request of a TCPConnectWrap or PipeConnectWrap object, which JavaScript creates.
class ConnectRequest final : public Request<uv_connect_t> {
 public:
  ConnectRequest(Env& env, Provider provider) : Request(env, provider) {}
  int Cancel() override { return UV_ENOSYS; }

  // Calls connect(req, OnConnect) for `handle` with a request attached to `object`, and returns its
  // result: 0 or a libuv code, with which the request is deleted. libuv does not detect a handle
  // that already listens or connects, so this checks it.
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
  // 0, or the libuv code for a handle that must not be connected.
  static int CannotConnect(LibuvStream& handle) {
    if (handle.is_closing()) return UV_EBADF;
    if (handle.uv_stream()->connect_req) return UV_EALREADY;
    return handle.uv_stream()->connection_cb ? UV_EINVAL : 0;
  }
  static void OnConnect(uv_connect_t* raw, int status);
};

// A uv_connection_cb: accepts with `Accept` (AcceptTcp, AcceptPipe) and calls onconnection.
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

// The method listen(backlog). Returns 0 or a libuv code.
template <auto Accept>
int Listen(LibuvStream& handle, v8::Local<v8::Value> backlog) {
  if (handle.is_closing()) return UV_EBADF;
  if (handle.uv_stream()->connect_req) return UV_EINVAL;
  return uv_listen(handle.uv_stream(), ToInt32(handle.env(), backlog), OnConnection<Accept>);
}
// For the method open(fd): 0 for sockets and pipes, otherwise a libuv code. libuv aborts when it
// starts to read a regular file, because epoll does not support it.
int CheckStreamFd(int fd);

}  // namespace kiln::runtime
