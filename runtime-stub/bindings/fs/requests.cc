// FSReqCallback and the promise request: how the result of an operation is reported to JavaScript.
#include <fcntl.h>

#include <algorithm>

#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {

// ------------------------------------------------------------------ FsRequest

// Work on the thread pool. The request owns it, and lives until it is done.
struct FsRequest::PoolJob {
  uv_work_t work = {};
  FsRequest* request;
  Job job;
  JobResult result;
};

FsRequest::FsRequest(Env& env, Provider provider, bool bigint)
    : Request(env, provider), bigint_(bigint) {}

FsRequest::~FsRequest() { uv_fs_req_cleanup(raw()); }

void FsRequest::Begin(const Op& op) {
  op_ = op;
  dest_ = op.dest;
  path_.clear();
  busy_ = true;
}

void FsRequest::StartJob(std::string_view path, Job job) {
  path_ = path;
  job_ = std::make_unique<PoolJob>();
  job_->request = this;
  job_->job = std::move(job);
  job_->work.data = job_.get();
  int rc = uv_queue_work(
      env().loop, &job_->work,
      [](uv_work_t* work) {
        auto* self = static_cast<PoolJob*>(work->data);
        self->job(self->result);
      },
      [](uv_work_t* work, int status) {
        auto* self = static_cast<PoolJob*>(work->data);
        FsRequest* request = self->request;
        Request::Done(request->raw());
        if (status < 0) self->result.rc = status;
        request->Finish(self->result.rc, &self->result);
      });
  if (rc < 0) return Fail(rc);
  Dispatched();
}

int FsRequest::Cancel() {
  if (job_) return uv_cancel(reinterpret_cast<uv_req_t*>(&job_->work));
  return Request::Cancel();
}

void FsRequest::Refuse(v8::Local<v8::Value> error) {
  Reject(error);
  if (!busy_) EmitDestroy();
}

void FsRequest::OnDone(uv_fs_t* raw) {
  auto* self = static_cast<FsRequest*>(Done(raw));
  self->Finish(raw->result, nullptr);
}

void FsRequest::Finish(ssize_t result, JobResult* job) {
  Env& e = env();
  v8::HandleScope scope(e.isolate);
  v8::Local<v8::Context> context = e.context();
  v8::Context::Scope entered(context);
  v8::Local<v8::Object> keep_alive = object();
  (void)keep_alive;

  v8::Local<v8::Value> value;
  v8::Local<v8::Value> error;
  FsResult outcome = {.result = result,
                      .req = job ? nullptr : raw(),
                      .job = job,
                      .encoding = op_.encoding,
                      .bigint = bigint_,
                      .with_types = op_.with_types,
                      .own_array = own_array_};
  if (!e.can_call_into_js()) {
    if (result >= 0 && op_.abandon) op_.abandon(outcome);
  } else {
    // libuv's copy of the path, if it has one.
    const char* raw_path = job || result == UV_ECANCELED ? nullptr : raw()->path;
    if (raw_path && path_.empty()) path_ = raw_path;
    outcome.path = path_;
    if (result < 0) {
      if (ReturnsUndefined(op_, result))
        value = e.Undefined();
      else
        error = UvException(e, int(result), op_.syscall, path_, dest_);
    } else {
      v8::TryCatch caught(e.isolate);
      if (!op_.to_js(e, outcome).ToLocal(&value)) {
        if (caught.HasCaught() && !caught.HasTerminated()) error = caught.Exception();
      }
    }
  }
  // Release libuv's memory before JavaScript runs, because that may start the next operation on
  // this request or on the same uv_dir_t.
  uv_fs_req_cleanup(raw());
  job_.reset();
  kept_.clear();
  busy_ = false;
  if (!error.IsEmpty())
    Reject(error);
  else if (!value.IsEmpty())
    Resolve(value);
  if (!busy_) EmitDestroy();
}

bool ReturnsUndefined(const Op& op, ssize_t result) {
  return (op.missing_is_undefined >= 1 && result == UV_ENOENT) ||
         (op.missing_is_undefined >= 2 && result == UV_ENOTDIR);
}

// ------------------------------------------------------------------ callback and promise

namespace {

// `new FSReqCallback(bigint)`: JavaScript sets `oncomplete` on it.
class CallbackRequest final : public FsRequest {
 public:
  CallbackRequest(Env& env, const Args& args)
      : FsRequest(env, Provider::kFSREQCALLBACK, args[0]->IsTrue()) {}

  void SetReturnValue(const Args&) override {}

 protected:
  void Resolve(v8::Local<v8::Value> value) override {
    v8::Local<v8::Value> args[] = {v8::Null(env().isolate), value};
    MakeCallback("oncomplete", std::span(args, value->IsUndefined() ? 1 : 2));
  }
  void Reject(v8::Local<v8::Value> error) override {
    v8::Local<v8::Value> args[] = {error};
    MakeCallback("oncomplete", std::span(args));
  }
};

// Created if JavaScript passes kUsePromises.
class PromiseRequest final : public FsRequest {
 public:
  PromiseRequest(Env& env, bool bigint, v8::Local<v8::Promise::Resolver> resolver)
      : FsRequest(env, Provider::kFSREQPROMISE, bigint), resolver_(env.isolate, resolver) {
    own_array_ = true;
  }

  void SetReturnValue(const Args& args) override {
    args.GetReturnValue().Set(resolver_.Get(env().isolate)->GetPromise());
  }

 protected:
  void Resolve(v8::Local<v8::Value> value) override {
    CallbackScope scope(*this);
    (void)Take()->Resolve(env().context(), value);
  }
  void Reject(v8::Local<v8::Value> error) override {
    CallbackScope scope(*this);
    (void)Take()->Reject(env().context(), error);
  }

 private:
  // Release the promise now: the request may live until the next garbage collection, but what the
  // promise refers to, such as a FileHandle, must not.
  v8::Local<v8::Promise::Resolver> Take() {
    v8::Local<v8::Promise::Resolver> resolver = resolver_.Get(env().isolate);
    resolver_.Reset();
    return resolver;
  }
  v8::Global<v8::Promise::Resolver> resolver_;
};

}  // namespace

FsRequest* FsRequest::From(Env& env, v8::Local<v8::Value> value, bool bigint, bool* threw) {
  if (value->IsUndefined()) return nullptr;
  if (value->IsObject()) {
    auto* request = UnwrapArgument<FsRequest>(env, kFSReqCallbackClass, value);
    if (request && !request->busy_) return request;
    Error::Type("ERR_INVALID_ARG_TYPE",
                request ? "The \"req\" argument is an FSReqCallback that is in use"
                        : "The \"req\" argument must be an instance of FSReqCallback")
        .Throw(env);
    *threw = true;
    return nullptr;
  }
  if (!value->StrictEquals(env.Symbol("fs_use_promises_symbol"))) return nullptr;
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(env.context()).ToLocal(&resolver)) {
    *threw = true;
    return nullptr;
  }
  v8::Local<v8::Object> object = env.NewInstance(kFSReqPromiseClass);
  auto* request = new PromiseRequest(env, bigint, resolver);
  // Users of async_hooks find the promise on the resource.
  env.Set(object, "promise", resolver->GetPromise());
  request->Attach(object);
  return request;
}

const ClassEntry kFSReqCallbackClass = {
    .name = "FSReqCallback", .construct = Construct<CallbackRequest>, .parent = &kAsyncWrapClass};
const ClassEntry kFSReqPromiseClass = {.name = "FSReqPromise", .parent = &kAsyncWrapClass};

// ------------------------------------------------------------------ jobs

void RunJob(Env& env, const Args& args, int arg, const Op& op, std::string_view path, Job job) {
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[arg], op.bigint, &threw)) {
    request->Begin(op);
    request->SetReturnValue(args);
    return request->StartJob(path, std::move(job));
  }
  if (threw) return;
  JobResult result;
  job(result);
  if (result.rc < 0) {
    if (ReturnsUndefined(op, result.rc)) return;
    return Error::Uv(int(result.rc), op.syscall, path, op.dest).Throw(env);
  }
  if (op.to_js == ToUndefined) return;
  FsResult outcome = {.result = result.rc,
                      .job = &result,
                      .path = path,
                      .encoding = op.encoding,
                      .bigint = op.bigint,
                      .with_types = op.with_types};
  Finish(env, args, op, outcome);
}

int ChangeError(std::string_view path, bool of_link) {
  uv_stat_t stat;
  int rc = of_link ? embedded::LStat(path, &stat) : embedded::Stat(path, &stat);
  return rc < 0 ? rc : UV_EROFS;
}

int CreateError(std::string_view path) {
  uv_stat_t stat;
  int rc = embedded::LStat(path, &stat);
  return rc == 0 ? UV_EEXIST : rc == UV_ENOENT ? UV_EROFS : rc;
}

bool RefuseChange(Env& env, const Args& args, int arg, const Op& op, const PathArg& path,
                  bool of_link) {
  if (!path.embedded()) return false;
  RunJob(env, args, arg, op, path.view(),
         [p = path.str(), of_link](JobResult& r) { r.rc = ChangeError(p, of_link); });
  return true;
}

bool RefuseCreate(Env& env, const Args& args, int arg, const Op& op, const PathArg& path) {
  if (!path.embedded()) return false;
  RunJob(env, args, arg, op, path.view(),
         [p = path.str()](JobResult& r) { r.rc = CreateError(p); });
  return true;
}

// ------------------------------------------------------------------ permissions

bool ReportRefusal(Env& env, const Args& args, int arg, Permission permission,
                   std::string_view path) {
  if (IsGranted(env, permission, path) || env.permissions->audit()) return false;
  bool threw = false;
  FsRequest* request = arg < 0 ? nullptr : FsRequest::From(env, args[arg], false, &threw);
  if (threw) return true;
  v8::Local<v8::Value> error = AccessDenied(env, permission, path);
  if (!request) {
    env.isolate->ThrowException(error);
    return true;
  }
  request->SetReturnValue(args);
  request->Refuse(error);
  return true;
}

bool CannotOpen(Env& env, const Args& args, int arg, int flags, const PathArg& path) {
  if (!env.permissions) return false;
  const int access = flags & O_ACCMODE;
  // As in Node: what may change a file needs the permission to write, whatever its access is.
  const bool writes =
      access != O_RDONLY || flags & (O_APPEND | O_CREAT | O_TRUNC | UV_FS_O_TEMPORARY);
  const bool reads = access != O_WRONLY;
  return (reads && CannotRead(env, args, arg, path)) ||
         (writes && CannotWrite(env, args, arg, path));
}

bool RefusesDescriptors(Env& env, const char* name) {
  if (!env.permissions || env.permissions->audit()) return false;
  Error::Plain("ERR_ACCESS_DENIED",
               std::string(name) + " API is disabled when Permission Model is enabled.")
      .Throw(env);
  return true;
}

// ------------------------------------------------------------------ results

v8::MaybeLocal<v8::Value> ToUndefined(Env& env, FsResult&) { return env.Undefined(); }

v8::MaybeLocal<v8::Value> ToInteger(Env& env, FsResult& outcome) {
  return v8::Number::New(env.isolate, double(outcome.result)).As<v8::Value>();
}

v8::MaybeLocal<v8::Value> ToText(Env& env, FsResult& outcome) {
  return EncodeString(env, outcome.text(), outcome.encoding);
}

// ------------------------------------------------------------------ tracked descriptors

void UnmanagedFds::Add(int fd) {
  if (!enabled_) return;
  if (std::find(fds_.begin(), fds_.end(), fd) != fds_.end())
    return env_.EmitWarning("File descriptor " + std::to_string(fd) +
                            " opened in unmanaged mode twice");
  fds_.push_back(fd);
}

void UnmanagedFds::Remove(int fd) {
  if (!enabled_) return;
  auto it = std::find(fds_.begin(), fds_.end(), fd);
  if (it == fds_.end())
    return env_.EmitWarning("File descriptor " + std::to_string(fd) +
                            " closed but not opened in unmanaged mode");
  fds_.erase(it);
}

UnmanagedFds::~UnmanagedFds() {
  for (int fd : fds_) {
    SyncCall call;
    uv_fs_close(nullptr, &call.req, fd, nullptr);
  }
}

}  // namespace kiln::runtime::fs
