// LibuvStream, the stream over a uv_stream_t. Handles that arrive over an IPC pipe are accepted
// before the bytes that accompany them are reported.
#include <sys/socket.h>

#include <cerrno>

#include "runtime-stub/binding/stream.h"

namespace kiln::runtime {

bool LibuvStream::IsIpcPipe() {
  return stream_->type == UV_NAMED_PIPE && reinterpret_cast<uv_pipe_t*>(stream_)->ipc != 0;
}

int LibuvStream::GetFd() {
  uv_os_fd_t fd = -1;
  uv_fileno(uv_handle(), &fd);
  return fd;
}

int LibuvStream::ReadStart() {
  return uv_read_start(
      stream_,
      [](uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
        auto* self = static_cast<LibuvStream*>(static_cast<HandleWrap*>(handle->data));
        *buf = self->EmitAlloc(suggested_size);
      },
      [](uv_stream_t* handle, ssize_t nread, const uv_buf_t* buf) {
        auto* self = static_cast<LibuvStream*>(static_cast<HandleWrap*>(handle->data));
        self->OnUvRead(nread, *buf);
      });
}

void LibuvStream::OnUvRead(ssize_t nread, const uv_buf_t& buf) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  if (nread > 0 && IsIpcPipe()) {
    auto* pipe = reinterpret_cast<uv_pipe_t*>(stream_);
    if (uv_pipe_pending_count(pipe) > 0) {
      v8::MaybeLocal<v8::Object> accepted;
      switch (uv_pipe_pending_type(pipe)) {
        case UV_TCP:
          accepted = AcceptTcp(env(), *this, stream_);
          break;
        case UV_NAMED_PIPE:
          accepted = AcceptPipe(env(), *this, stream_);
          break;
        case UV_UDP:
          accepted = AcceptUdp(env(), *this, stream_);
          break;
        default:
          break;
      }
      // A handle that cannot be accepted is lost; the bytes that accompany it are not.
      v8::Local<v8::Object> pending;
      if (accepted.ToLocal(&pending)) env().Set(object(), "pendingHandle", pending);
    }
  }
  EmitRead(nread, buf);
}

int LibuvStream::DoShutdown(ShutdownWrap* req) {
  return req->Dispatch(uv_shutdown, stream_, [](uv_shutdown_t* raw, int status) {
    auto* req = static_cast<ShutdownWrap*>(Request<uv_shutdown_t>::Done(raw));
    req->Done(status);
  });
}

// One buffer on a connected socket with nothing queued is sent with send(2). uv_try_write has the
// same effect, but also checks readiness and builds a vector.
int LibuvStream::DoTryWrite(uv_buf_t** bufs, size_t* count) {
  int err = UV_ENOSYS;
  uv_os_fd_t fd;
  if (*count == 1 && stream_->type == UV_TCP && !stream_->connect_req &&
      stream_->write_queue_size == 0 && uv_is_writable(stream_) &&
      uv_fileno(uv_handle(), &fd) == 0) {
    ssize_t sent;
    do {
      sent = send(fd, (*bufs)[0].base, (*bufs)[0].len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0)
      err = int(sent);
    else if (errno != EAGAIN && errno != ENOBUFS)
      err = -errno;
  } else {
    err = uv_try_write(stream_, *bufs, unsigned(*count));
  }
  if (err == UV_ENOSYS || err == UV_EAGAIN) return 0;
  if (err < 0) return err;
  size_t written = size_t(err);
  for (; *count > 0; ++*bufs, --*count) {
    uv_buf_t& first = (*bufs)[0];
    if (first.len > written) {
      first.base += written;
      first.len -= written;
      break;
    }
    written -= first.len;
  }
  return 0;
}

int LibuvStream::DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) {
  auto done = [](uv_write_t* raw, int status) {
    auto* req = static_cast<WriteWrap*>(Request<uv_write_t>::Done(raw));
    req->Done(status);
  };
  if (!send) return req->Dispatch(uv_write, stream_, bufs, unsigned(count), done);
  return req->Dispatch(uv_write2, stream_, bufs, unsigned(count), send, done);
}

int LibuvStream::SetBlocking(bool on) {
  return is_alive() ? uv_stream_set_blocking(stream_, on) : UV_EINVAL;
}

namespace {
constexpr Entry kLibuvStreamMethods[] = {
    Method<&LibuvStream::SetBlocking>("setBlocking"),
};
constexpr Accessor kLibuvStreamAccessors[] = {
    Get<&LibuvStream::GetWriteQueueSize>("writeQueueSize"),
};
}  // namespace

const ClassEntry kLibuvStreamClass = {.name = "LibuvStreamWrap",
                                      .parent = &kHandleWrapClass,
                                      .methods = kLibuvStreamMethods,
                                      .more_methods = kStreamMethods,
                                      .accessors = kLibuvStreamAccessors,
                                      .more_accessors = kStreamAccessors,
                                      .fields = StreamBase::kFields,
                                      .customize = StreamBase::Customize};

}  // namespace kiln::runtime
