// StreamBase, its requests and its listeners. A write first writes what is possible without
// waiting; only the rest becomes a request.
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/binding/request_object.h"

#include <climits>
#include <cstdlib>
#include <cstring>

#include "runtime-stub/platform/simdutf.h"

namespace kiln::runtime {

namespace {

// An upper bound for the number of bytes of the string. Exact only for long UTF-8 strings, because
// counting costs more than the memory.
size_t StorageSize(Env& env, v8::Local<v8::String> string, Encoding encoding) {
  if (encoding == Encoding::kUtf8 && string->Length() <= 65535)
    return (string->IsOneByte() ? 2 : 3) * size_t(string->Length());
  return DecodedSize(env, string, encoding);
}

// WriteString() of buffer.h into StorageSize() bytes, with a fast path: most UTF-8 text is ASCII,
// whose bytes are its characters.
size_t WriteText(Env& env, char* out, size_t capacity, v8::Local<v8::String> string,
                 Encoding encoding) {
  const size_t length = size_t(string->Length());
  if (encoding == Encoding::kUtf8 && string->IsOneByte() && length <= capacity) {
    string->WriteOneByteV2(env.isolate, 0, uint32_t(length), reinterpret_cast<uint8_t*>(out));
    if (simdutf::validate_ascii(out, length)) return length;
  }
  return kiln::runtime::WriteString(env, out, capacity, string, encoding);
}

uv_buf_t AsUvBuf(const HeldBytes& bytes) {
  uv_buf_t buf;
  buf.base = const_cast<char*>(bytes.data);  // libuv and streams only read from it
  buf.len = bytes.size;
  return buf;
}

// Owns what a write reads from: text that was encoded for it, and the memory of buffers, which
// JavaScript may release, detach or shrink before the write is done. That is possible even before
// the write starts, because creating the request calls the init hook of async_hooks.
struct WrittenMemory {
  std::unique_ptr<char[]> text;
  std::vector<std::shared_ptr<const void>> buffers;

  uv_buf_t Hold(v8::Local<v8::Value> view) {
    HeldBytes bytes = HoldBytes(view);
    buffers.push_back(std::move(bytes.owner));
    return AsUvBuf(bytes);
  }
};

uv_buf_t BufferOf(v8::Local<v8::Value> value) {
  Bytes bytes;
  GetBytes(value, &bytes);
  uv_buf_t buf;
  buf.base = reinterpret_cast<char*>(bytes.data);
  buf.len = bytes.size;
  return buf;
}

// A request attached to `*object`, or to a new object of `entry`. Pins the stream.
template <class R>
R* NewRequest(StreamBase& stream, const ClassEntry& entry, v8::Local<v8::Object>* object) {
  Env& env = stream.stream_env();
  if (object->IsEmpty()) {
    *object = env.NewInstance(entry);
    (*object)->SetAlignedPointerInInternalField(0, nullptr);
  }
  auto* req = new R(env, &stream);
  DefaultTriggerScope trigger(stream.async_wrap());
  req->Attach(*object);
  req->Pin();
  stream.async_wrap().Pin();
  return req;
}

// Whether async_hooks, or executionAsyncResource(), may have seen or may see a request's object.
bool AreRequestsObserved(Env& env) {
  return env.async_hook_fields[Env::kInit] + env.async_hook_fields[Env::kBefore] +
             env.async_hook_fields[Env::kAfter] + env.async_hook_fields[Env::kDestroy] +
             env.async_hook_fields[Env::kUsesExecutionAsyncResource] !=
         0;
}

// The name of the property that has the function to call when a request is done.
struct CompletionName {
  explicit CompletionName(Env& env) : name(env.isolate, env.Name("oncomplete")) {}
  const v8::Global<v8::String> name;
};

void SetErrorText(StreamBase& stream, v8::Local<v8::Object> req) {
  const char* text = stream.ErrorText();
  if (!text) return;
  Env& env = stream.stream_env();
  env.Set(req, "error", env.Str(text));
  stream.ClearErrorText();
}

}  // namespace

void ConstructRequest(const Args& args) {
  if (!RequireNew(Env::From(args.GetIsolate()), args)) return;
  args.This()->SetAlignedPointerInInternalField(0, nullptr);
}

DefaultTriggerScope::DefaultTriggerScope(AsyncWrap& wrap)
    : env_(wrap.env()), previous_(env_.async_id_fields[Env::kDefaultTriggerAsyncId]) {
  env_.async_id_fields[Env::kDefaultTriggerAsyncId] = wrap.async_id();
}

DefaultTriggerScope::~DefaultTriggerScope() {
  env_.async_id_fields[Env::kDefaultTriggerAsyncId] = previous_;
}

// ---------------------------------------------------------------- requests

const ClassEntry kWriteWrapClass = {.name = "WriteWrap",
                                    .construct = ConstructRequest,
                                    .parent = &kAsyncWrapClass,
                                    .fields = kRequestFields};
const ClassEntry kShutdownWrapClass = {.name = "ShutdownWrap",
                                       .construct = ConstructRequest,
                                       .parent = &kAsyncWrapClass,
                                       .fields = kRequestFields};

void WriteWrap::Done(int status, const char* error) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  if (error) env().Set(object(), "error", env().Str(error));
  AsyncWrap& wrap = stream_->async_wrap();
  stream_->EmitAfterWrite(this, status);
  Dispose();
  wrap.Unpin();
}

void ShutdownWrap::Done(int status, const char* error) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  if (error) env().Set(object(), "error", env().Str(error));
  AsyncWrap& wrap = stream_->async_wrap();
  stream_->EmitAfterShutdown(this, status);
  Dispose();
  wrap.Unpin();
}

// ---------------------------------------------------------------- listeners

StreamListener::~StreamListener() {
  if (stream_) stream_->RemoveListener(this);
}

uv_buf_t StreamListener::OnStreamAlloc(size_t suggested_size) {
  uv_buf_t buf;
  buf.base = static_cast<char*>(std::malloc(suggested_size));
  buf.len = buf.base ? suggested_size : 0;
  return buf;
}

void StreamListener::OnStreamAfterWrite(WriteWrap* req, int status) {
  CHECK(previous_);
  previous_->OnStreamAfterWrite(req, status);
}

void StreamListener::OnStreamAfterShutdown(ShutdownWrap* req, int status) {
  CHECK(previous_);
  previous_->OnStreamAfterShutdown(req, status);
}

void StreamListener::PassReadErrorToPrevious(ssize_t nread) {
  CHECK(previous_);
  previous_->OnStreamRead(nread, uv_buf_init(nullptr, 0));
}

void ReportWritesToJs::Report(AsyncWrap* req, int status) {
  Env& env = stream()->stream_env();
  if (env.stopping) return;
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  v8::Local<v8::Value> args[] = {v8::Integer::New(env.isolate, status),
                                 stream()->async_wrap().object(), env.Undefined()};
  if (const char* text = stream()->ErrorText()) {
    args[2] = env.Str(text);
    stream()->ClearErrorText();
  }
  // Making the name takes longer than looking it up.
  const v8::Global<v8::String>& name = env.State<CompletionName>().name;
  v8::Local<v8::Value> function;
  if (req->object()->Get(env.context(), Strong(name)).ToLocal(&function) && function->IsFunction())
    (void)req->MakeCallback(function.As<v8::Function>(), std::span<v8::Local<v8::Value>>(args));
}

void ReportWritesToJs::OnStreamAfterWrite(WriteWrap* req, int status) { Report(req, status); }
void ReportWritesToJs::OnStreamAfterShutdown(ShutdownWrap* req, int status) { Report(req, status); }

void EmitToJs::OnStreamRead(ssize_t nread, const uv_buf_t& buf) {
  Env& env = stream()->stream_env();
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  if (nread <= 0) {
    std::free(buf.base);
    if (nread < 0) (void)stream()->CallOnRead(nread, {});
    return;
  }
  // Release the memory that was not filled.
  void* data = size_t(nread) < buf.len ? std::realloc(buf.base, size_t(nread)) : buf.base;
  if (!data) data = buf.base;
  auto store = v8::ArrayBuffer::NewBackingStore(
      data, size_t(nread), [](void* memory, size_t, void*) { std::free(memory); }, nullptr);
  (void)stream()->CallOnRead(nread, v8::ArrayBuffer::New(env.isolate, std::move(store)));
}

void EmitToUserBuffer::Use(Env& env, v8::Local<v8::Value> buffer) {
  buffer_.Reset(env.isolate, buffer);
}

uv_buf_t EmitToUserBuffer::OnStreamAlloc(size_t) {
  v8::Isolate* isolate = stream()->stream_env().isolate;
  v8::HandleScope scope(isolate);
  return BufferOf(buffer_.Get(isolate));
}

void EmitToUserBuffer::OnStreamRead(ssize_t nread, const uv_buf_t& buf) {
  Env& env = stream()->stream_env();
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  v8::Local<v8::Value> next;
  // JavaScript may destroy the stream, and with it this listener, or push another listener.
  StreamBase* before = stream();
  v8::MaybeLocal<v8::Value> result = before->CallOnRead(nread, {});
  if (nread >= 0 && result.ToLocal(&next) && before->listener() == this &&
      next->IsArrayBufferView())
    Use(env, next);
}

// ---------------------------------------------------------------- StreamBase

StreamBase::~StreamBase() {
  DestroyListeners();
  if (!wrap_.attached()) return;
  v8::HandleScope scope(stream_env().isolate);
  wrap_.object()->SetAlignedPointerInInternalField(kStreamField, nullptr);
}

void StreamBase::DestroyListeners() {
  while (listener_) {
    StreamListener* listener = listener_;
    RemoveListener(listener);
    listener->OnStreamDestroy();
  }
}

void StreamBase::AttachStream() {
  wrap_.object()->SetAlignedPointerInInternalField(kStreamField, this);
}

StreamBase* StreamBase::FromValue(Env& env, v8::Local<v8::Value> value) {
  if (!value->IsObject()) return nullptr;
  v8::Local<v8::Object> object = value.As<v8::Object>();
  if (object->InternalFieldCount() != kFields || !env.Get(object, "isStreamBase")->IsTrue())
    return nullptr;
  return static_cast<StreamBase*>(object->GetAlignedPointerFromInternalField(kStreamField));
}

void StreamBase::Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  made->PrototypeTemplate()->Set(env.Name("isStreamBase"), v8::True(env.isolate));
}

void StreamBase::PushListener(StreamListener* listener) {
  CHECK(!listener->stream_);
  listener->previous_ = listener_;
  listener->stream_ = this;
  listener_ = listener;
}

void StreamBase::RemoveListener(StreamListener* listener) {
  StreamListener** link = &listener_;
  while (*link && *link != listener) link = &(*link)->previous_;
  CHECK(*link);
  *link = listener->previous_;
  listener->stream_ = nullptr;
  listener->previous_ = nullptr;
}

uv_buf_t StreamBase::EmitAlloc(size_t suggested_size) {
  return listener_->OnStreamAlloc(suggested_size);
}

void StreamBase::EmitRead(ssize_t nread, const uv_buf_t& buf) {
  if (nread > 0) bytes_read_ += uint64_t(nread);
  listener_->OnStreamRead(nread, buf);
}

void StreamBase::EmitAfterWrite(WriteWrap* req, int status) {
  listener_->OnStreamAfterWrite(req, status);
}
void StreamBase::EmitAfterShutdown(ShutdownWrap* req, int status) {
  listener_->OnStreamAfterShutdown(req, status);
}
void StreamBase::EmitWantsWrite(size_t suggested_size) {
  listener_->OnStreamWantsWrite(suggested_size);
}

v8::MaybeLocal<v8::Value> StreamBase::CallOnRead(ssize_t nread, v8::Local<v8::ArrayBuffer> buffer,
                                                 size_t offset) {
  Env& env = stream_env();
  env.stream_base_state[kReadBytesOrError] = int32_t(nread);
  env.stream_base_state[kArrayBufferOffset] = int32_t(offset);
  v8::Local<v8::Data> onread = wrap_.object()->GetInternalField(kOnReadField);
  if (!onread->IsValue() || !onread.As<v8::Value>()->IsFunction()) return {};
  v8::Local<v8::Value> arg = env.Undefined();
  if (!buffer.IsEmpty()) arg = buffer;
  return wrap_.MakeCallback(onread.As<v8::Value>().As<v8::Function>(),
                            std::span<v8::Local<v8::Value>>(&arg, 1));
}

int StreamBase::Shutdown(v8::Local<v8::Object> object) {
  v8::HandleScope scope(stream_env().isolate);
  auto* req = NewRequest<ShutdownWrap>(*this, kShutdownWrapClass, &object);
  int err = DoShutdown(req);
  if (err != 0 && Unwrap<ShutdownWrap>(object) == req) {
    req->Dispose();
    wrap_.Unpin();
  }
  SetErrorText(*this, object);
  return err;
}

StreamWriteResult StreamBase::Write(uv_buf_t* bufs, size_t count, uv_stream_t* send_handle,
                                    v8::Local<v8::Object> object, bool skip_try_write) {
  uv_buf_t nothing = uv_buf_init(nullptr, 0);
  if (count == 0) {  // libuv rejects empty lists; an empty writev is an empty write
    bufs = &nothing;
    count = 1;
  }
  size_t total = 0;
  for (size_t i = 0; i < count; i++) total += bufs[i].len;
  bytes_written_ += total;
  if (!send_handle && HasTryWrite() && !skip_try_write) {
    int err = DoTryWrite(&bufs, &count);
    if (err != 0 || count == 0) return {false, err, nullptr, total};
  }
  v8::HandleScope scope(stream_env().isolate);
  int err = 0;
  if (!object.IsEmpty() && !send_handle && !AreRequestsObserved(stream_env())) {
    switch (DoDirectWrite(object, bufs, count, &err)) {
      case Direct::kNo:
        break;
      case Direct::kFailed:
        return {false, err, nullptr, total};
      case Direct::kDone:
        return {true, 0, nullptr, total};
      case Direct::kStarted:
        auto* started = NewRequest<WriteWrap>(*this, kWriteWrapClass, &object);
        AdoptWrite(started);
        return {true, 0, started, total};
    }
  }
  auto* req = NewRequest<WriteWrap>(*this, kWriteWrapClass, &object);
  err = DoWrite(req, bufs, count, send_handle);
  if (Unwrap<WriteWrap>(object) != req) {
    req = nullptr;  // finished during DoWrite()
  } else if (err != 0) {
    req->Dispose();
    wrap_.Unpin();
    req = nullptr;
  }
  SetErrorText(*this, object);
  return {err == 0, err, req, total};
}

int StreamBase::TryWrite(uv_buf_t** bufs, size_t* count) {
  size_t before = 0, after = 0;
  for (size_t i = 0; i < *count; i++) before += (*bufs)[i].len;
  int err = DoTryWrite(bufs, count);
  for (size_t i = 0; i < *count; i++) after += (*bufs)[i].len;
  bytes_written_ += before - after;
  return err;
}

void StreamBase::SetWriteResult(const StreamWriteResult& result) {
  Env& env = stream_env();
  env.stream_base_state[kBytesWritten] = int32_t(result.bytes);
  env.stream_base_state[kLastWriteWasAsync] = result.async;
}

int StreamBase::SendHandle(const Args& args, v8::Local<v8::Object> req, uv_stream_t** out) {
  if (!args[2]->IsObject() || !IsIpcPipe()) return 0;
  Env& env = stream_env();
  auto* handle = UnwrapArgument<HandleWrap>(env, kHandleWrapClass, args[2]);
  if (!handle || !handle->is_alive()) return UV_EINVAL;
  *out = reinterpret_cast<uv_stream_t*>(handle->uv_handle());
  env.Set(req, "handle", args[2]);
  return 0;
}

// ---------------------------------------------------------------- methods

int StreamBase::JsShutdown(const Args& args) {
  if (!IsFreeRequest(args[0])) return UV_EINVAL;
  return Shutdown(args[0].As<v8::Object>());
}

int StreamBase::JsUseUserBuffer(const Args& args) {
  if (!args[0]->IsArrayBufferView() || !ReadsAtOnce()) return UV_EINVAL;
  PushListener(new EmitToUserBuffer(stream_env(), args[0]));
  return 0;
}

int StreamBase::JsWritev(const Args& args) {
  Env& env = stream_env();
  v8::Local<v8::Context> context = env.context();
  if (!IsFreeRequest(args[0]) || !args[1]->IsArray()) return UV_EINVAL;
  v8::Local<v8::Array> chunks = args[1].As<v8::Array>();
  bool all_buffers = args[2]->IsTrue();
  std::vector<v8::Local<v8::Value>> values;
  std::vector<Encoding> encodings;  // of the values, if there may be strings among them
  size_t storage_size = 0;

  // Read all elements first: reading one, or converting it to a string, may run JavaScript.
  if (all_buffers) {
    ListResult read = GetBufferList(env, chunks, &values);
    if (read != ListResult::kDone) return read == ListResult::kThrew ? 0 : UV_EINVAL;
  } else {
    for (uint32_t i = 0, count = chunks->Length() / 2; i < count; i++) {
      v8::Local<v8::Value> chunk, encoding;
      if (!chunks->Get(context, i * 2).ToLocal(&chunk)) return 0;
      encodings.push_back(Encoding::kBuffer);
      if (!chunk->IsArrayBufferView()) {
        v8::Local<v8::String> string;
        if (!chunk->ToString(context).ToLocal(&string) ||
            !chunks->Get(context, i * 2 + 1).ToLocal(&encoding))
          return 0;
        encodings.back() = ParseEncoding(env, encoding, Encoding::kUtf8);
        storage_size += StorageSize(env, string, encodings.back());
        chunk = string;
      }
      values.push_back(chunk);
    }
  }
  // JavaScript may have destroyed the stream or used the request.
  if (FromThis(args) != this || !IsAlive() || !IsFreeRequest(args[0])) return UV_EINVAL;

  WrittenMemory memory;
  std::vector<uv_buf_t> bufs;
  bufs.reserve(values.size());
  // The memory for all strings is allocated at once.
  if (storage_size > INT_MAX) return UV_ENOBUFS;
  if (storage_size > 0) memory.text.reset(new char[storage_size]);
  size_t offset = 0;
  for (size_t i = 0; i < values.size(); i++) {
    if (!values[i]->IsString()) {
      bufs.push_back(memory.Hold(values[i]));
      continue;
    }
    char* out = memory.text.get() + offset;
    size_t size =
        WriteText(env, out, storage_size - offset, values[i].As<v8::String>(), encodings[i]);
    bufs.push_back(uv_buf_init(out, unsigned(size)));
    offset += size;
  }

  StreamWriteResult result = Write(bufs.data(), bufs.size(), nullptr, args[0].As<v8::Object>());
  SetWriteResult(result);
  if (result.wrap) result.wrap->KeepStorage(std::make_shared<WrittenMemory>(std::move(memory)));
  return result.err;
}

int StreamBase::JsWriteBuffer(const Args& args) {
  if (!IsFreeRequest(args[0])) return UV_EINVAL;
  if (!args[1]->IsUint8Array()) {
    Error::Type("ERR_INVALID_ARG_TYPE", "Second argument must be a buffer").Throw(stream_env());
    return 0;
  }
  v8::Local<v8::Object> req = args[0].As<v8::Object>();
  uv_stream_t* send_handle = nullptr;
  if (int err = SendHandle(args, req, &send_handle)) return err;
  HeldBytes bytes = HoldBytes(args[1]);
  uv_buf_t buf = AsUvBuf(bytes);
  StreamWriteResult result = Write(&buf, 1, send_handle, req);
  SetWriteResult(result);
  if (result.wrap) result.wrap->KeepStorage(std::move(bytes.owner));
  return result.err;
}

int StreamBase::WriteString(const Args& args, Encoding encoding) {
  Env& env = stream_env();
  if (!IsFreeRequest(args[0]) || !args[1]->IsString()) return UV_EINVAL;
  v8::Local<v8::Object> req = args[0].As<v8::Object>();
  v8::Local<v8::String> string = args[1].As<v8::String>();
  size_t storage_size = StorageSize(env, string, encoding);
  if (storage_size > INT_MAX) return UV_ENOBUFS;

  // A short text is written from the stack, if the stream accepts it without waiting. Only the part
  // of the buffer that the text fills is touched, so unused pages of the stack stay unmapped.
  char stack[65536];
  size_t written = 0;
  std::unique_ptr<char[]> storage;
  uv_buf_t buf;
  bool fits = storage_size <= sizeof(stack);
  bool try_write = HasTryWrite() && fits && !(IsIpcPipe() && args[2]->IsObject());
  if (fits && CopiesWrites()) {
    size_t size = WriteText(env, stack, storage_size, string, encoding);
    buf = uv_buf_init(stack, unsigned(size));
  } else if (try_write) {
    size_t size = WriteText(env, stack, storage_size, string, encoding);
    buf = uv_buf_init(stack, unsigned(size));
    uv_buf_t* bufs = &buf;
    size_t count = 1;
    int err = DoTryWrite(&bufs, &count);
    written = count == 0 ? size : size - buf.len;
    bytes_written_ += written;
    if (err != 0 || count == 0) {
      SetWriteResult({false, err, nullptr, size});
      return err;
    }
    storage.reset(new char[buf.len]);
    std::memcpy(storage.get(), buf.base, buf.len);
    buf.base = storage.get();
  } else {
    storage.reset(new char[storage_size + 1]);
    size_t size = WriteText(env, storage.get(), storage_size, string, encoding);
    buf = uv_buf_init(storage.get(), unsigned(size));
  }

  uv_stream_t* send_handle = nullptr;
  if (int err = SendHandle(args, req, &send_handle)) return err;
  StreamWriteResult result = Write(&buf, 1, send_handle, req, try_write);
  result.bytes += written;
  SetWriteResult(result);
  if (result.wrap) result.wrap->KeepStorage(std::move(storage));
  return result.err;
}

void StreamBase::JsFd(const Args& args) {
  StreamBase* self = FromThis(args);
  args.GetReturnValue().Set(self && self->IsAlive() ? self->GetFd() : UV_EINVAL);
}

void StreamBase::JsExternal(const Args& args) {
  if (StreamBase* self = FromThis(args))
    args.GetReturnValue().Set(v8::External::New(args.GetIsolate(), self));
}

void StreamBase::JsBytesRead(const Args& args) {
  StreamBase* self = FromThis(args);
  args.GetReturnValue().Set(self ? double(self->bytes_read_) : 0.0);
}

void StreamBase::JsBytesWritten(const Args& args) {
  StreamBase* self = FromThis(args);
  args.GetReturnValue().Set(self ? double(self->bytes_written_) : 0.0);
}

void StreamBase::JsGetOnRead(const Args& args) {
  v8::Local<v8::Data> value = args.This()->GetInternalField(kOnReadField);
  if (value->IsValue()) args.GetReturnValue().Set(value.As<v8::Value>());
}

void StreamBase::JsSetOnRead(const Args& args) {
  if (args[0]->IsFunction()) args.This()->SetInternalField(kOnReadField, args[0]);
}

}  // namespace kiln::runtime
