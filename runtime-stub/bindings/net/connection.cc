// Connect requests, and the check whether a descriptor can be a stream.
#include "runtime-stub/bindings/net/connection.h"

#include <sys/stat.h>

#include <cerrno>

namespace kiln::runtime {

int CheckStreamFd(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return -errno;
  return S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode) ? 0 : UV_EINVAL;
}

void ConnectRequest::OnConnect(uv_connect_t* raw, int status) {
  auto* req = static_cast<ConnectRequest*>(Request::Done(raw));
  auto* handle = static_cast<LibuvStream*>(static_cast<HandleWrap*>(raw->handle->data));
  Env& env = req->env();
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  bool ok = status == 0;
  v8::Local<v8::Object> object = req->object();
  (void)req->MakeCallback("oncomplete",
                          {v8::Integer::New(env.isolate, status), handle->object(), object,
                           v8::Boolean::New(env.isolate, ok && uv_is_readable(raw->handle)),
                           v8::Boolean::New(env.isolate, ok && uv_is_writable(raw->handle))});
  delete req;
}

}  // namespace kiln::runtime
