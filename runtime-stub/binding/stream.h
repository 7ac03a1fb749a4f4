// Streams: what TCP, pipes, TTYs, files, TLS and HTTP/2 have in common (Node's
// StreamBase). A stream is a mixin beside AsyncWrap; it has a stack of listeners. The top
// listener gives memory for reads and gets what was read; finished writes and shutdowns
// are reported to it as well. At the bottom of the stack sits the listener that calls
// `onread` and `oncomplete` in JavaScript; http_parser, TLS, HTTP/2 and StreamPipe push
// theirs on top and so move bytes without JavaScript.
//
//   class TlsWrap final : public AsyncWrap, public StreamBase, public StreamListener {
//     TlsWrap(Env& env, ...) : AsyncWrap(...), StreamBase(*static_cast<AsyncWrap*>(this))
//     void OnAttach() override { AsyncWrap::OnAttach(); AttachStream(); }
//   };
//   const ClassEntry kTlsWrapClass = {.name = "TLSWrap", .parent = &kAsyncWrapClass,
//       .methods = kMethods, .more_methods = kStreamMethods,
//       .more_accessors = kStreamAccessors, .fields = StreamBase::kFields,
//       .customize = StreamBase::Customize};
//
// Memory for reads (OnStreamAlloc to OnStreamRead) comes from malloc. LibuvStream at the
// end of this file is the stream over a uv_stream_t, the base of TCP, Pipe and TTY.
#pragma once

#include <uv.h>

#include <memory>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/handle.h"
#include "runtime-stub/binding/request.h"

namespace kiln::runtime {

class StreamBase;
class WriteWrap;
class ShutdownWrap;

// The slots of Env::stream_base_state.
enum StreamBaseState {
  kReadBytesOrError,
  kArrayBufferOffset,
  kBytesWritten,
  kLastWriteWasAsync,
  kStreamBaseStateLength,
};

// The constructor callback of request classes: JavaScript makes the object, native code
// attaches to it when the operation starts.
void ConstructRequest(const Args& args);

// What is made while it lives is caused by `wrap` (async_hooks: triggerAsyncId).
class DefaultTriggerScope {
 public:
  explicit DefaultTriggerScope(AsyncWrap& wrap);
  ~DefaultTriggerScope();
  DefaultTriggerScope(const DefaultTriggerScope&) = delete;

 private:
  Env& env_;
  double previous_;
};

extern const ClassEntry kWriteWrapClass;
extern const ClassEntry kShutdownWrapClass;

// A write in flight, attached to the object JavaScript passed. It keeps the bytes that are
// not JavaScript's. Done() reports to the stream's listeners and frees the request.
class WriteWrap final : public Request<uv_write_t> {
 public:
  WriteWrap(Env& env, StreamBase* stream) : Request(env, Provider::kWRITEWRAP), stream_(stream) {}

  StreamBase* stream() const { return stream_; }
  void Done(int status, const char* error = nullptr);
  void Dispose() { delete this; }
  // Memory that the write reads from: it lives as long as the request.
  void KeepStorage(std::shared_ptr<const void> storage) { storage_ = std::move(storage); }

  int Cancel() override { return UV_ENOSYS; }

 private:
  StreamBase* stream_;
  std::shared_ptr<const void> storage_;
};

// Likewise for the end of the writable side.
class ShutdownWrap final : public Request<uv_shutdown_t> {
 public:
  ShutdownWrap(Env& env, StreamBase* stream)
      : Request(env, Provider::kSHUTDOWNWRAP), stream_(stream) {}

  StreamBase* stream() const { return stream_; }
  void Done(int status, const char* error = nullptr);
  void Dispose() { delete this; }
  int Cancel() override { return UV_ENOSYS; }

 private:
  StreamBase* stream_;
};

struct StreamWriteResult {
  bool async;       // the request `wrap` is in flight
  int err;          // 0 or a libuv code
  WriteWrap* wrap;  // null unless async
  size_t bytes;
};

// Who gets what happens on a stream. Removes itself from the stream when it is destroyed.
class StreamListener {
 public:
  StreamListener() = default;
  virtual ~StreamListener();
  StreamListener(const StreamListener&) = delete;

  // Memory from malloc (or the listener's own, if it knows it again in OnStreamRead).
  virtual uv_buf_t OnStreamAlloc(size_t suggested_size);
  // `nread` < 0 is an error or UV_EOF, then `buf` may be {null, 0}. Owns buf.base.
  virtual void OnStreamRead(ssize_t nread, const uv_buf_t& buf) = 0;
  // The default passes these to the listener below.
  virtual void OnStreamAfterWrite(WriteWrap* req, int status);
  virtual void OnStreamAfterShutdown(ShutdownWrap* req, int status);
  // The stream (HTTP/2) asks for more data to write.
  virtual void OnStreamWantsWrite(size_t suggested_size) {}
  // The stream goes away; the listener has been removed. It may delete itself.
  virtual void OnStreamDestroy() {}

  StreamBase* stream() const { return stream_; }
  StreamListener* previous_listener() const { return previous_; }

 protected:
  void PassReadErrorToPrevious(ssize_t nread);

 private:
  friend class StreamBase;
  StreamBase* stream_ = nullptr;
  StreamListener* previous_ = nullptr;
};

// Reports finished requests through their `oncomplete` (status, stream, error text).
class ReportWritesToJs : public StreamListener {
 public:
  void OnStreamAfterWrite(WriteWrap* req, int status) override;
  void OnStreamAfterShutdown(ShutdownWrap* req, int status) override;

 private:
  void Report(AsyncWrap* req, int status);
};

// The bottom listener: reads become ArrayBuffers for `onread`.
class EmitToJs : public ReportWritesToJs {
 public:
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
};

// useUserBuffer: reads go into a buffer that JavaScript gave, which `onread` may replace.
class EmitToUserBuffer final : public ReportWritesToJs {
 public:
  EmitToUserBuffer(Env& env, v8::Local<v8::Value> buffer) { Use(env, buffer); }
  uv_buf_t OnStreamAlloc(size_t) override;
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
  void OnStreamDestroy() override { delete this; }

 private:
  void Use(Env& env, v8::Local<v8::Value> buffer);
  v8::Global<v8::Value> buffer_;
};

class StreamBase {
 public:
  // Internal fields of a stream's wrapper: the Wrapped, the StreamBase, `onread`. No other
  // class may have this number of fields.
  static constexpr int kStreamField = 1;
  static constexpr int kOnReadField = 2;
  static constexpr int kFields = 3;

  explicit StreamBase(AsyncWrap& wrap) : wrap_(wrap) { PushListener(&to_js_); }
  virtual ~StreamBase();
  StreamBase(const StreamBase&) = delete;

  // The stream of any JavaScript value; null when it is none.
  static StreamBase* FromValue(Env& env, v8::Local<v8::Value> value);
  static void Customize(Env& env, v8::Local<v8::FunctionTemplate> made);

  // ---- what a stream provides
  virtual bool IsAlive() = 0;
  virtual bool IsClosing() = 0;
  virtual bool IsIpcPipe() { return false; }
  virtual int GetFd() { return -1; }
  // Whether no JavaScript runs between EmitAlloc and the end of the read into that memory, so that a
  // buffer of JavaScript's can be read into (useUserBuffer).
  virtual bool ReadsAtOnce() const { return true; }
  virtual int ReadStart() = 0;
  virtual int ReadStop() = 0;
  virtual int DoShutdown(ShutdownWrap* req) = 0;
  virtual bool HasTryWrite() const { return false; }
  // The stream says itself when it can take more (EmitWantsWrite).
  virtual bool HasWantsWrite() const { return false; }
  // Writes what goes without waiting and moves bufs and count past it.
  virtual int DoTryWrite(uv_buf_t** bufs, size_t* count) { return 0; }
  virtual int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send_handle) = 0;
  // A text for `error` of the last failed request.
  virtual const char* ErrorText() const { return nullptr; }
  virtual void ClearErrorText() {}

  // ---- for native users
  AsyncWrap& async_wrap() const { return wrap_; }
  Env& stream_env() const { return wrap_.env(); }
  // The memory of `bufs` must stay valid until this returns, though JavaScript runs meanwhile (a
  // hook of async_hooks, the handlers of a JSStream), and as long as `wrap` lives: hand it to
  // WriteWrap::KeepStorage. With an empty `req` a request object is made. Nothing is in flight when the result has no
  // wrap: the write failed, went out at once, or was finished already.
  StreamWriteResult Write(uv_buf_t* bufs, size_t count, uv_stream_t* send_handle = nullptr,
                          v8::Local<v8::Object> req = {}, bool skip_try_write = false);
  int Shutdown(v8::Local<v8::Object> req = {});

  void PushListener(StreamListener* listener);
  void RemoveListener(StreamListener* listener);
  StreamListener* listener() const { return listener_; }

  // ---- events, from the stream to its listeners
  uv_buf_t EmitAlloc(size_t suggested_size);
  void EmitRead(ssize_t nread, const uv_buf_t& buf = {});
  void EmitAfterWrite(WriteWrap* req, int status);
  void EmitAfterShutdown(ShutdownWrap* req, int status);
  void EmitWantsWrite(size_t suggested_size);

  // Calls `onread`; an empty array buffer goes as undefined.
  v8::MaybeLocal<v8::Value> CallOnRead(ssize_t nread, v8::Local<v8::ArrayBuffer> buffer,
                                       size_t offset = 0);

  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t bytes_written() const { return bytes_written_; }

  // Methods of kStreamMethods; they answer 0 or a libuv code.
  int JsReadStart(const Args&) { return ReadStart(); }
  int JsReadStop(const Args&) { return ReadStop(); }
  int JsShutdown(const Args& args);
  int JsUseUserBuffer(const Args& args);
  int JsWritev(const Args& args);
  int JsWriteBuffer(const Args& args);
  template <Encoding encoding>
  int JsWriteString(const Args& args) {
    return WriteString(args, encoding);
  }

  // What the tables below are made of. A method returns UV_EINVAL on a dead stream.
  template <int (StreamBase::*F)(const Args&)>
  static void Method(const Args& args) {
    StreamBase* self = FromThis(args);
    if (!self) return;
    if (!self->IsAlive()) return args.GetReturnValue().Set(UV_EINVAL);
    DefaultTriggerScope trigger(self->wrap_);
    args.GetReturnValue().Set((self->*F)(args));
  }
  static void JsFd(const Args& args);
  static void JsExternal(const Args& args);
  static void JsBytesRead(const Args& args);
  static void JsBytesWritten(const Args& args);
  static void JsGetOnRead(const Args& args);
  static void JsSetOnRead(const Args& args);

 protected:
  // Call from OnAttach of the derived class: puts the stream into the wrapper.
  void AttachStream();
  // Notifies the listeners that the stream is gone. A derived class whose listeners may look
  // at it calls this first in its destructor.
  void DestroyListeners();

  uint64_t bytes_read_ = 0;
  uint64_t bytes_written_ = 0;

 private:
  static StreamBase* FromThis(const Args& args) {
    return static_cast<StreamBase*>(args.This()->GetAlignedPointerFromInternalField(kStreamField));
  }
  int WriteString(const Args& args, Encoding encoding);
  void SetWriteResult(const StreamWriteResult& result);
  // The libuv handle to pass along with a write on an IPC pipe; keeps it alive.
  int SendHandle(const Args& args, v8::Local<v8::Object> req, uv_stream_t** out);
  AsyncWrap& wrap_;
  EmitToJs to_js_;
  StreamListener* listener_ = nullptr;
};

inline constexpr Entry kStreamMethods[] = {
    {"readStart", StreamBase::Method<&StreamBase::JsReadStart>},
    {"readStop", StreamBase::Method<&StreamBase::JsReadStop>},
    {"shutdown", StreamBase::Method<&StreamBase::JsShutdown>},
    {"useUserBuffer", StreamBase::Method<&StreamBase::JsUseUserBuffer>},
    {"writev", StreamBase::Method<&StreamBase::JsWritev>},
    {"writeBuffer", StreamBase::Method<&StreamBase::JsWriteBuffer>},
    {"writeAsciiString", StreamBase::Method<&StreamBase::JsWriteString<Encoding::kAscii>>},
    {"writeUtf8String", StreamBase::Method<&StreamBase::JsWriteString<Encoding::kUtf8>>},
    {"writeUcs2String", StreamBase::Method<&StreamBase::JsWriteString<Encoding::kUcs2>>},
    {"writeLatin1String", StreamBase::Method<&StreamBase::JsWriteString<Encoding::kLatin1>>},
};
inline constexpr Accessor kStreamAccessors[] = {
    {"fd", StreamBase::JsFd, nullptr, kNotEnumerable},
    {"_externalStream", StreamBase::JsExternal, nullptr, kNotEnumerable},
    {"bytesRead", StreamBase::JsBytesRead, nullptr, kNotEnumerable},
    {"bytesWritten", StreamBase::JsBytesWritten, nullptr, kNotEnumerable},
    {"onread", StreamBase::JsGetOnRead, StreamBase::JsSetOnRead, kNotEnumerable},
};

// A stream over a uv_stream_t, which lies in the derived class.
extern const ClassEntry kLibuvStreamClass;

class LibuvStream : public HandleWrap, public StreamBase {
 public:
  LibuvStream(Env& env, Provider provider, uv_stream_t* stream)
      : HandleWrap(env, provider, reinterpret_cast<uv_handle_t*>(stream)),
        StreamBase(*static_cast<AsyncWrap*>(this)),
        stream_(stream) {}

  uv_stream_t* uv_stream() const { return stream_; }

  bool IsAlive() override { return is_alive(); }
  bool IsClosing() override { return uv_is_closing(uv_handle()); }
  bool IsIpcPipe() override;
  int GetFd() override;
  int ReadStart() override;
  int ReadStop() override { return uv_read_stop(stream_); }
  int DoShutdown(ShutdownWrap* req) override;
  bool HasTryWrite() const override { return true; }
  int DoTryWrite(uv_buf_t** bufs, size_t* count) override;
  int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) override;

  double GetWriteQueueSize() { return double(stream_->write_queue_size); }
  int SetBlocking(bool on);

 protected:
  void OnAttach() override {
    HandleWrap::OnAttach();
    AttachStream();
  }

 private:
  void OnUvRead(ssize_t nread, const uv_buf_t& buf);
  uv_stream_t* stream_;
};

// Defined by tcp_wrap, pipe_wrap and udp_wrap: a new handle that takes the connection or
// socket which waits on `server` (uv_accept). Empty when that failed.
v8::MaybeLocal<v8::Object> AcceptTcp(Env& env, AsyncWrap& parent, uv_stream_t* server);
v8::MaybeLocal<v8::Object> AcceptPipe(Env& env, AsyncWrap& parent, uv_stream_t* server);
v8::MaybeLocal<v8::Object> AcceptUdp(Env& env, AsyncWrap& parent, uv_stream_t* server);

}  // namespace kiln::runtime
