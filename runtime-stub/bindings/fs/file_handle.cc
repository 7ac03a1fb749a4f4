// FileHandle: closing, and reading as a stream. A read in flight pins the object.
#include "runtime-stub/bindings/fs/file_handle.h"
#include "runtime-stub/binding/saturate.h"

#include <utility>

namespace kiln::runtime::fs {

namespace {

int CloseNow(int fd) {
  SyncCall call;
  return uv_fs_close(nullptr, &call.req, fd, nullptr);
}

struct WarningState {
  explicit WarningState(Env&) {}
  bool deprecation_told = false;
};

void WarnCollected(Env& env, int fd, int rc, const std::string& path) {
  if (rc < 0) {
    std::string text = "Closing file descriptor " + std::to_string(fd) +
                       " on garbage collection failed (" +
                       (path.empty() ? "<unknown path>" : path) + ")";
    v8::Context::Scope entered(env.context());
    return Error::UvMessage(rc, "close", text).Throw(env);
  }
  env.EmitWarning("Closing file descriptor " + std::to_string(fd) + " on garbage collection");
  auto& state = env.State<WarningState>();
  if (state.deprecation_told) return;
  state.deprecation_told = true;
  env.EmitWarning(
      "Closing a FileHandle object on garbage collection is deprecated. Please close FileHandle "
      "objects explicitly using FileHandle.prototype.close(). In the future, an error will be "
      "thrown if a file descriptor is closed during garbage collection.",
      "DeprecationWarning", "DEP0137");
}

int64_t NumberOr(v8::Local<v8::Value> value, int64_t fallback) {
  return value->IsNumber() ? Saturate<int64_t>(value.As<v8::Number>()->Value()) : fallback;
}

}  // namespace

FileHandle::FileHandle(Env& env, int fd, std::string path)
    : AsyncWrap(env, Provider::kFILEHANDLE),
      StreamBase(*static_cast<AsyncWrap*>(this)),
      fd_(fd),
      path_(std::move(path)) {}

FileHandle::FileHandle(Env& env, const Args& args)
    : FileHandle(env, args[0]->IsInt32() ? args[0].As<v8::Int32>()->Value() : -1, {}) {
  offset_ = NumberOr(args[1], -1);
  length_ = NumberOr(args[2], -1);
  closed_ = fd_ < 0;
}

FileHandle::~FileHandle() {
  DestroyListeners();
  if (closed_ || closing_) return;
  int fd = fd_;
  int rc = CloseNow(fd);
  if (env().stopping || !env().can_call_into_js()) return;
  env().SetImmediate([fd, rc, path = std::move(path_)](Env& e) { WarnCollected(e, fd, rc, path); },
                     /*ref=*/rc < 0);
}

void FileHandle::OnAttach() {
  AsyncWrap::OnAttach();
  AttachStream();
}

void FileHandle::AfterClose() {
  closing_ = false;
  closed_ = true;
  fd_ = -1;
  if (reading_ && attached()) EmitRead(UV_EOF);
}

// ------------------------------------------------------------------ closing

class FileHandle::CloseRequest final : public Request<uv_fs_t> {
 public:
  CloseRequest(Env& env, FileHandle* file, v8::Local<v8::Promise::Resolver> resolver)
      : Request(env, Provider::kFILEHANDLECLOSEREQ),
        file_(file),
        resolver_(env.isolate, resolver) {}
  ~CloseRequest() override { uv_fs_req_cleanup(raw()); }

  static void OnClosed(uv_fs_t* raw) {
    auto* self = static_cast<CloseRequest*>(Done(raw));
    self->Finish(int(raw->result));
  }

  void Finish(int result) {
    Env& e = env();
    v8::HandleScope scope(e.isolate);
    v8::Context::Scope entered(e.context());
    v8::Local<v8::Object> keep_alive[] = {object(), file_->object()};
    (void)keep_alive;
    file_->AfterClose();
    file_->Unpin();
    if (!e.can_call_into_js()) return;
    v8::Local<v8::Promise::Resolver> resolver = resolver_.Get(e.isolate);
    CallbackScope callback(*this);
    if (result < 0)
      (void)resolver->Reject(e.context(), UvException(e, result, "close"));
    else
      (void)resolver->Resolve(e.context(), e.Undefined());
  }

 private:
  FileHandle* file_;  // pinned
  v8::Global<v8::Promise::Resolver> resolver_;
};

void FileHandle::Close(const Args& args) {
  Env& e = env();
  if (!close_promise_.IsEmpty()) return args.GetReturnValue().Set(close_promise_.Get(e.isolate));
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(e.context()).ToLocal(&resolver)) return;
  v8::Local<v8::Promise> promise = resolver->GetPromise();
  args.GetReturnValue().Set(promise);
  if (closed_ || closing_) {
    (void)resolver->Reject(e.context(), UvException(e, UV_EBADF, "close"));
    return;
  }
  close_promise_.Reset(e.isolate, promise);
  closing_ = true;
  Pin();
  auto* request = NewWrapped<CloseRequest>(e, kFileHandleCloseReqClass, this, resolver);
  int rc = request->DispatchOnLoop(uv_fs_close, uv_file(fd_), CloseRequest::OnClosed);
  if (rc < 0) request->Finish(rc);
}

Result<> FileHandle::CloseSync() {
  if (closed_ || closing_) return {};
  int rc = CloseNow(fd_);
  AfterClose();
  if (rc < 0) return Error::Uv(rc, "close");
  return {};
}

void FileHandle::Release() { AfterClose(); }

namespace {

// A descriptor that is moved from one FileHandle to another. It is closed if nobody receives it.
class DescriptorInTransit final : public TransferData {
 public:
  explicit DescriptorInTransit(int fd) : fd_(fd) {}
  ~DescriptorInTransit() override {
    if (fd_ >= 0) CloseNow(fd_);
  }
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context> context) override {
    if (!RequireMainContext(env, context)) return {};
    return NewFileHandle(env, std::exchange(fd_, -1), {});
  }

 private:
  int fd_;
};

}  // namespace

std::unique_ptr<TransferData> FileHandle::Transfer() {
  closed_ = true;
  return std::make_unique<DescriptorInTransit>(std::exchange(fd_, -1));
}

struct FileHandle::Shutdown {
  uv_fs_t fs;
  FileHandle* file;
  ShutdownWrap* request;
};

// Shutting down the stream closes the file.
int FileHandle::DoShutdown(ShutdownWrap* req) {
  if (closing_ || closed_) {
    env().SetImmediate([req](Env&) { req->Done(0); });
    return 0;
  }
  closing_ = true;
  Pin();
  auto* shutdown = new Shutdown{{}, this, req};
  shutdown->fs.data = shutdown;
  int rc = uv_fs_close(env().loop, &shutdown->fs, fd_, [](uv_fs_t* raw) {
    std::unique_ptr<Shutdown> self(static_cast<Shutdown*>(raw->data));
    FileHandle* file = self->file;
    v8::HandleScope scope(file->env().isolate);
    v8::Context::Scope entered(file->env().context());
    v8::Local<v8::Object> keep_alive = file->object();
    (void)keep_alive;
    int result = int(raw->result);
    uv_fs_req_cleanup(raw);
    file->AfterClose();
    file->Unpin();
    self->request->Done(result);
  });
  if (rc < 0) {
    closing_ = false;
    Unpin();
    delete shutdown;
  }
  return rc;
}

// ------------------------------------------------------------------ reading

// One read of the stream. It has no JavaScript object; async_hooks see the FileHandle.
class FileHandle::ReadRequest {
 public:
  ReadRequest(FileHandle* file, uv_buf_t buffer) : file_(file), buffer_(buffer) {
    raw_.data = this;
  }
  ~ReadRequest() { uv_fs_req_cleanup(&raw_); }

  int Start(int fd, int64_t offset) {
    return uv_fs_read(file_->env().loop, &raw_, fd, &buffer_, 1, offset, [](uv_fs_t* raw) {
      auto* self = static_cast<ReadRequest*>(raw->data);
      self->file_->OnRead(self, raw->result);
    });
  }
  const uv_buf_t& buffer() const { return buffer_; }

 private:
  FileHandle* file_;
  uv_buf_t buffer_;
  uv_fs_t raw_ = {};
};

int FileHandle::ReadStart() {
  if (closed_ || closing_) return UV_EOF;
  reading_ = true;
  if (current_read_) return 0;
  if (length_ == 0) {
    EmitRead(UV_EOF);
    return 0;
  }
  size_t size = length_ >= 0 && length_ < 65536 ? size_t(length_) : 65536;
  current_read_ = new ReadRequest(this, EmitAlloc(size));
  int rc = current_read_->Start(fd_, offset_);
  if (rc < 0) {
    uv_buf_t buffer = current_read_->buffer();
    delete current_read_;
    current_read_ = nullptr;
    EmitRead(rc, buffer);
    return 0;
  }
  Pin();
  return 0;
}

int FileHandle::ReadStop() {
  reading_ = false;
  return 0;
}

void FileHandle::OnRead(ReadRequest* request, ssize_t result) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  v8::Local<v8::Object> keep_alive = object();
  (void)keep_alive;
  uv_buf_t buffer = request->buffer();
  delete request;
  current_read_ = nullptr;
  if (result >= 0) {
    if (length_ >= 0 && length_ < result) result = ssize_t(length_);
    if (length_ >= 0) length_ -= result;
    if (offset_ >= 0) offset_ += result;
  }
  // End of the file or of the range.
  if (result == 0) result = UV_EOF;
  EmitRead(result, buffer);
  if (reading_ && result >= 0) ReadStart();
  Unpin();
}

// ------------------------------------------------------------------ class

namespace {
constexpr Entry kMethods[] = {
    Method<&FileHandle::Close>("close"),
    Method<&FileHandle::CloseSync>("closeSync"),
    Method<&FileHandle::Release>("releaseFD"),
};
}  // namespace

const ClassEntry kFileHandleClass = {.name = "FileHandle",
                                     .construct = Construct<FileHandle>,
                                     .parent = &kAsyncWrapClass,
                                     .methods = kMethods,
                                     .more_methods = kStreamMethods,
                                     .more_accessors = kStreamAccessors,
                                     .fields = StreamBase::kFields,
                                     .customize = StreamBase::Customize};
const ClassEntry kFileHandleCloseReqClass = {.name = "FileHandleCloseReq",
                                             .parent = &kAsyncWrapClass};

v8::Local<v8::Object> NewFileHandle(Env& env, int fd, std::string path) {
  return NewWrapped<FileHandle>(env, kFileHandleClass, fd, std::move(path))->object();
}

}  // namespace kiln::runtime::fs
