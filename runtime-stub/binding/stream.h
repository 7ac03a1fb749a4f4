// StreamBase: the common base of TCP, pipes, TTYs, files, TLS and HTTP/2 streams (as in Node). A
// stream class derives from AsyncWrap and StreamBase. A stream has a stack of listeners. The top
// listener allocates memory for reads, receives the bytes, and is notified of finished writes and
// shutdowns. The bottom listener calls `onread` and `oncomplete` in JavaScript; http_parser, TLS,
// HTTP/2 and StreamPipe push their own on top, and so process bytes without JavaScript.
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
// Memory for reads (from OnStreamAlloc to OnStreamRead) comes from malloc(). LibuvStream at the end
// of this file is the stream over a uv_stream_t, the base of TCP, Pipe and TTY. Functions that
// return int return 0 or a negative libuv code, unless stated otherwise. Everything is for the
// Env's thread.
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

// The indexes of Env::stream_base_state, by which native code returns further results. The order is
// Node's (stream_wrap.streamBaseState).
enum StreamBaseState {
  kReadBytesOrError,       // of the read that `onread` is called for: bytes, or a libuv code
  kArrayBufferOffset,      // bytes before those of that read in its ArrayBuffer
  kBytesWritten,           // of the last write: bytes of all its buffers
  kLastWriteWasAsync,      // 1: `oncomplete` of its request will be called; 0: it is complete
  kStreamBaseStateLength,  // the number of elements
};

// The `construct` callback of request classes: JavaScript creates the object, and native code
// attaches a request to it when the operation starts (request_object.h). Throws without `new`.
void ConstructRequest(const Args& args);

// While it exists, `wrap` is the trigger of new async resources (async_hooks: triggerAsyncId).
// Lives on the stack; scopes may be nested. `wrap` is used by the constructor only.
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

// A write in flight, attached to the object that JavaScript passed. It pins the stream, so the
// stream outlives it. Created by StreamBase::Write(), passed to DoWrite(), deleted by Done().
class WriteWrap final : public Request<uv_write_t> {
 public:
  WriteWrap(Env& env, StreamBase* stream) : Request(env, Provider::kWRITEWRAP), stream_(stream) {}

  StreamBase* stream() const { return stream_; }
  // Ends the write: notifies the stream's listeners and deletes the request. `status` is 0 or a
  // libuv code; `error`, if not null, becomes the property `error` of the request's object.
  // Runs JavaScript, which may destroy the stream: afterwards neither may be used without a check.
  void Done(int status, const char* error = nullptr);
  // Deletes the request without notifying anyone. Does not unpin the stream: the caller must.
  void Dispose() { delete this; }
  // Keeps the memory that the write reads from alive as long as the request.
  void KeepStorage(std::shared_ptr<const void> storage) { storage_ = std::move(storage); }

  int Cancel() override { return UV_ENOSYS; }  // libuv cannot cancel a write

 private:
  StreamBase* stream_;
  std::shared_ptr<const void> storage_;
};

// The same for the end of the writable side.
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
  bool async;       // `wrap` is in flight
  int err;          // 0 or a libuv code
  WriteWrap* wrap;  // null unless in flight
  size_t bytes;     // total of all buffers, written or not
};

// Receives the events of a stream while it is the top of its stack of listeners. The stream does
// not own it; its destructor removes it from the stream.
class StreamListener {
 public:
  StreamListener() = default;
  virtual ~StreamListener();
  StreamListener(const StreamListener&) = delete;

  // Memory for a read: from malloc(), or the listener's own, if its OnStreamRead() does not free
  // it. May be smaller or larger than `suggested_size`; with length 0 the read fails with
  // UV_ENOBUFS.
  virtual uv_buf_t OnStreamAlloc(size_t suggested_size);
  // `nread` bytes were read into `buf`, which OnStreamAlloc() returned and the listener now owns.
  // Negative: a libuv code, UV_EOF at the end; then `buf` may be {null, 0}. 0: nothing was read.
  // May run JavaScript, which may destroy the stream and with it this listener.
  virtual void OnStreamRead(ssize_t nread, const uv_buf_t& buf) = 0;
  // The request is finished; the caller deletes it afterwards. The default calls the listener
  // below, which must exist.
  virtual void OnStreamAfterWrite(WriteWrap* req, int status);
  virtual void OnStreamAfterShutdown(ShutdownWrap* req, int status);
  // The stream can accept about `suggested_size` more bytes (only streams with HasWantsWrite()).
  virtual void OnStreamWantsWrite(size_t suggested_size) {}
  // The stream is being destroyed; the listener has been removed from it. It may delete itself.
  virtual void OnStreamDestroy() {}

  // Null while the listener is on no stream. previous_listener() is the one below, null at the
  // bottom.
  StreamBase* stream() const { return stream_; }
  StreamListener* previous_listener() const { return previous_; }

 protected:
  // Calls OnStreamRead() of the listener below with an error or UV_EOF.
  void PassReadErrorToPrevious(ssize_t nread);

 private:
  friend class StreamBase;
  StreamBase* stream_ = nullptr;
  StreamListener* previous_ = nullptr;
};

// Calls `oncomplete`(status, stream, error text) of finished requests.
class ReportWritesToJs : public StreamListener {
 public:
  void OnStreamAfterWrite(WriteWrap* req, int status) override;
  void OnStreamAfterShutdown(ShutdownWrap* req, int status) override;

 private:
  void Report(AsyncWrap* req, int status);
};

// The bottom listener of every stream: passes reads to `onread` as ArrayBuffers.
class EmitToJs : public ReportWritesToJs {
 public:
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
};

// useUserBuffer: reads go into a buffer that JavaScript provided. `onread` may return another
// buffer for the next reads. Deletes itself when the stream is destroyed. The address is taken when
// a read starts, so no JavaScript may run before the read ends (StreamBase::ReadsAtOnce).
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

// One stream. It lives as long as its AsyncWrap, of which it is a second base class. Reading is off
// until ReadStart(); writes and shutdowns are requests, each finished once.
class StreamBase {
 public:
  // Internal fields of a stream's wrapper: 0 the Wrapped, 1 the StreamBase, 2 `onread`, 3 and 4 the
  // request object of a direct write and its AsyncLocalStorage frame. FromValue() recognizes streams
  // by the number of fields: no other class may have this number.
  static constexpr int kStreamField = 1;
  static constexpr int kOnReadField = 2;
  static constexpr int kDirectWriteField = 3;
  static constexpr int kDirectFrameField = 4;
  static constexpr int kFields = 5;

  // `wrap` is the same object; it is only stored, so it need not be constructed yet.
  explicit StreamBase(AsyncWrap& wrap) : wrap_(wrap) { PushListener(&to_js_); }
  virtual ~StreamBase();
  StreamBase(const StreamBase&) = delete;

  // The stream of a JavaScript value; null if the value is not a stream.
  static StreamBase* FromValue(Env& env, v8::Local<v8::Value> value);
  // For ClassEntry::customize of every stream class. Adds `isStreamBase` to the prototype.
  static void Customize(Env& env, v8::Local<v8::FunctionTemplate> made);

  // ---- Implemented by the derived class
  // False once the stream is closed: methods called from JavaScript then return UV_EINVAL.
  virtual bool IsAlive() = 0;
  virtual bool IsClosing() = 0;
  virtual bool IsIpcPipe() { return false; }  // writes may pass handles (child_process)
  virtual int GetFd() { return -1; }          // the descriptor; negative if there is none
  // Whether no JavaScript runs between EmitAlloc() and the end of the read into that memory.
  // Required for reads into a buffer of JavaScript (useUserBuffer).
  virtual bool ReadsAtOnce() const { return true; }
  // Start and stop to call EmitAlloc() and EmitRead(). Starting twice, or stopping a stream that is
  // stopped, must be harmless.
  virtual int ReadStart() = 0;
  virtual int ReadStop() = 0;
  // Starts the shutdown; on 0 the stream must call req->Done(), now or later. On an error the
  // caller deletes the request.
  virtual int DoShutdown(ShutdownWrap* req) = 0;
  virtual bool HasTryWrite() const { return false; }
  // Whether the stream calls EmitWantsWrite() when it can accept more.
  virtual bool HasWantsWrite() const { return false; }
  // Writes as much as is possible without waiting and advances `bufs` and `count` past it.
  // Returns 0 even if nothing could be written; an error only if the stream failed. May modify the
  // uv_buf_t that it wrote in part.
  virtual int DoTryWrite(uv_buf_t** bufs, size_t* count) { return 0; }
  // Starts the write, as DoShutdown() does. The array `bufs` is valid during the call only, its
  // memory as long as `req`. `send_handle` is null, or a handle to pass along.
  virtual int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send_handle) = 0;
  // Whether the memory of `bufs` need not outlive DoWrite() and DoDirectWrite().
  virtual bool CopiesWrites() const { return false; }
  // A write without a WriteWrap, which is tried before DoWrite(), but not while async_hooks observes
  // requests. `req` is the request's object.
  enum class Direct {
    kNo,       // nothing has happened: call DoWrite()
    kFailed,   // `*err` is the libuv code
    kDone,     // the stream calls `oncomplete` of `req`, later
    kStarted,  // in flight; the caller must pass a request to AdoptWrite()
  };
  virtual Direct DoDirectWrite(v8::Local<v8::Object> req, uv_buf_t* bufs, size_t count, int* err) {
    return Direct::kNo;
  }
  virtual void AdoptWrite(WriteWrap* req) {}
  // The message of the last failed request, for the property `error` of its object; null if there
  // is none. Valid until ClearErrorText().
  virtual const char* ErrorText() const { return nullptr; }
  virtual void ClearErrorText() {}

  // ---- For native code that uses a stream
  AsyncWrap& async_wrap() const { return wrap_; }
  Env& stream_env() const { return wrap_.env(); }
  // Writes `bufs`; `req` is the request's object, or empty to create one. JavaScript may run during
  // the call (hooks of async_hooks, the handlers of a JSStream). The memory of `bufs` must stay
  // valid until this returns, and as long as `wrap` of the result exists: pass its owner to
  // WriteWrap::KeepStorage(). Without `wrap` nothing is in flight: the write failed or is complete.
  // `send_handle` is passed along (IPC pipes only). `skip_try_write` skips DoTryWrite().
  StreamWriteResult Write(uv_buf_t* bufs, size_t count, uv_stream_t* send_handle = nullptr,
                          v8::Local<v8::Object> req = {}, bool skip_try_write = false);
  // The part of Write() that writes what is possible without waiting (DoTryWrite()), and counts it.
  // REQUIRES: HasTryWrite().
  int TryWrite(uv_buf_t** bufs, size_t* count);
  // Ends the writable side, as Write() does. 0: finished or in flight, reported by `oncomplete`.
  int Shutdown(v8::Local<v8::Object> req = {});

  // Pushes on top of the stack. The listener must not be on a stream already. Does not take
  // ownership. RemoveListener() removes it from any position; it must be on this stream.
  void PushListener(StreamListener* listener);
  void RemoveListener(StreamListener* listener);
  StreamListener* listener() const { return listener_; }

  // ---- For the derived class: pass events to the top listener. EmitRead() passes on the ownership
  // of `buf`, and counts the bytes. REQUIRES: DestroyListeners() has not run.
  uv_buf_t EmitAlloc(size_t suggested_size);
  void EmitRead(ssize_t nread, const uv_buf_t& buf = {});
  void EmitAfterWrite(WriteWrap* req, int status);
  void EmitAfterShutdown(ShutdownWrap* req, int status);
  void EmitWantsWrite(size_t suggested_size);

  // Calls `onread` with `buffer`, or undefined if that is empty; stores `nread` and `offset` in
  // Env::stream_base_state. The result as AsyncWrap::MakeCallback().
  v8::MaybeLocal<v8::Value> CallOnRead(ssize_t nread, v8::Local<v8::ArrayBuffer> buffer,
                                       size_t offset = 0);

  // Totals since the stream was created; written bytes count when the write starts.
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t bytes_written() const { return bytes_written_; }
  // Counts what was written to the descriptor before there was a stream.
  void AddBytesWritten(uint64_t count) { bytes_written_ += count; }

  // Methods of kStreamMethods: [request object, data, handle to send or undefined] for the writes,
  // [request object, chunks, all are buffers] for writev, whose chunks are buffers, or pairs of
  // chunk and encoding. They return 0 or a libuv code; UV_EINVAL also for an object that is not a
  // free request.
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

  // The callbacks of the tables below. A method returns UV_EINVAL if the stream is not alive.
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
  // Stores the stream in the wrapper. OnAttach() of the derived class must call it.
  void AttachStream();
  // Removes all listeners and notifies them that the stream is destroyed. A derived class whose
  // listeners may access it must call this first in its destructor.
  void DestroyListeners();

  uint64_t bytes_read_ = 0;
  uint64_t bytes_written_ = 0;

 private:
  static StreamBase* FromThis(const Args& args) {
    return static_cast<StreamBase*>(args.This()->GetAlignedPointerFromInternalField(kStreamField));
  }
  int WriteString(const Args& args, Encoding encoding);
  void SetWriteResult(const StreamWriteResult& result);
  // Gets the libuv handle to pass along with a write on an IPC pipe; `req` keeps it alive.
  int SendHandle(const Args& args, v8::Local<v8::Object> req, uv_stream_t** out);
  AsyncWrap& wrap_;
  EmitToJs to_js_;
  StreamListener* listener_ = nullptr;
};

// For ClassEntry::more_methods and more_accessors of every stream class.
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

// A stream over a uv_stream_t, which is a member of the derived class.
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
  int GetFd() override;  // -1 if libuv has none
  int ReadStart() override;
  int ReadStop() override { return uv_read_stop(stream_); }
  int DoShutdown(ShutdownWrap* req) override;
  bool HasTryWrite() const override { return true; }
  int DoTryWrite(uv_buf_t** bufs, size_t* count) override;
  int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) override;

  double GetWriteQueueSize() { return double(stream_->write_queue_size); }
  int SetBlocking(bool on);  // uv_stream_set_blocking

 protected:
  void OnAttach() override {
    HandleWrap::OnAttach();
    AttachStream();
  }

 private:
  void OnUvRead(ssize_t nread, const uv_buf_t& buf);
  uv_stream_t* stream_;
};

// Defined in bindings/tcp_wrap.cc, pipe_wrap.cc and udp_wrap.cc. Create a handle and accept the
// connection or socket that is pending on `server` (uv_accept). Return the wrapper of the handle,
// in the current HandleScope; empty if that failed. `parent` is the trigger of the new resource.
v8::MaybeLocal<v8::Object> AcceptTcp(Env& env, AsyncWrap& parent, uv_stream_t* server);
v8::MaybeLocal<v8::Object> AcceptPipe(Env& env, AsyncWrap& parent, uv_stream_t* server);
v8::MaybeLocal<v8::Object> AcceptUdp(Env& env, AsyncWrap& parent, uv_stream_t* server);

}  // namespace kiln::runtime
