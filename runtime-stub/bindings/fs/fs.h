// Shared by the files of the fs binding. A function of the binding describes its operation in an Op
// and passes it with a libuv function to Run(). If JavaScript passed a callback request or asked
// for a promise, Run() starts an FsRequest; otherwise it calls libuv synchronously, with a request
// on the stack and without allocating memory. RunJob() does the same with a C++ function in place
// of a libuv function; if asynchronous, it runs on libuv's thread pool. Files that are embedded in
// the executable are read in this way. Everything but jobs is for the Env's thread.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/request.h"
#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime::fs {

// A path argument: a string, as UTF-8, or bytes. Most paths fit in the object without allocation.
class PathArg {
 public:
  // If the value is not a path, throws ERR_INVALID_ARG_TYPE for the argument `name`, and ok() is
  // false.
  PathArg(Env& env, v8::Local<v8::Value> value, const char* name = "path");
  PathArg(const PathArg&) = delete;

  bool ok() const { return data_ != nullptr; }
  const char* c_str() const { return data_; }
  // The path up to the first zero byte, as the kernel reads it. Valid as long as this object.
  std::string_view view() const { return {data_, size_}; }
  std::string str() const { return std::string(view()); }
  // Whether the path is in the folder of the files that are embedded in the executable.
  bool embedded() const { return embedded::Owns(view()); }

 private:
  char inline_[600];
  std::string long_;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

// The result of a job, as uv_fs_t contains it for an operation of libuv. Which members are set
// depends on the operation.
struct JobResult {
  ssize_t rc = 0;  // a count or 0; negative: a libuv code
  uv_stat_t stat = {};
  uv_statfs_t statfs = {};
  uint64_t fragment_size = 0;  // of statfs
  std::string text;
  std::vector<embedded::Item> items;
};
// Runs on any thread: must not use V8 or the Env.
using Job = std::function<void(JobResult&)>;

// A finished operation, the input of ToJs. Borrowed: valid during the call.
struct FsResult {
  ssize_t result = 0;
  uv_fs_t* req = nullptr;    // null for a job
  JobResult* job = nullptr;  // null for libuv
  std::string_view path;
  Encoding encoding = Encoding::kUtf8;
  bool bigint = false;
  bool with_types = false;
  bool own_array = false;  // put stats into a new array, not into the shared one

  const uv_stat_t& stat() const { return job ? job->stat : req->statbuf; }
  std::string_view text() const {
    return job ? std::string_view(job->text) : static_cast<const char*>(req->ptr);
  }
};

// Creates the JavaScript value for a result that is not an error; empty with an exception pending.
using ToJs = v8::MaybeLocal<v8::Value> (*)(Env&, FsResult&);
v8::MaybeLocal<v8::Value> ToUndefined(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToInteger(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToText(Env& env, FsResult& outcome);  // encoded: readlink, realpath

// The description of an operation.
struct Op {
  const char* syscall;  // the name in errors, a string literal
  ToJs to_js = ToUndefined;
  Encoding encoding = Encoding::kUtf8;
  bool bigint = false;
  bool with_types = false;
  // 1: return undefined for ENOENT instead of an error; 2: for ENOTDIR too.
  int missing_is_undefined = 0;
  std::string_view dest = {};  // for errors of operations on two paths
  // Releases the result of an operation that finishes when JavaScript can no longer run.
  void (*abandon)(FsResult&) = nullptr;
};

// Whether this error returns undefined (missing_is_undefined).
bool ReturnsUndefined(const Op& op, ssize_t result);

// An operation in flight; the derived classes (requests.cc) report its result by FSReqCallback or
// by a promise.
class FsRequest : public Request<uv_fs_t> {
 public:
  FsRequest(Env& env, Provider provider, bool bigint);
  ~FsRequest() override;

  // The request for an argument: an FSReqCallback that JavaScript created, or a new request if the
  // value is kUsePromises. Null: the call is synchronous, or this threw (`*threw`).
  static FsRequest* From(Env& env, v8::Local<v8::Value> value, bool bigint, bool* threw);

  // Copies the description; call it before the operation is started.
  void Begin(const Op& op);
  void BeginPath(const char* path) { path_ = path; }  // for errors
  // Owns memory that the operation reads or writes until it has finished.
  void Keep(std::shared_ptr<v8::BackingStore> store) { kept_.push_back(std::move(store)); }
  void KeepText(std::string text) { text_ = std::move(text); }
  std::string& text() { return text_; }
  void StartJob(std::string_view path, Job job);
  // Reports that the operation could not be started; `rc` is a libuv code.
  void Fail(int rc) { Finish(rc, nullptr); }

  static void OnDone(uv_fs_t* raw);  // libuv's callback

  // Sets the return value of the call that started the operation: the promise, if there is one.
  virtual void SetReturnValue(const Args& args) = 0;
  int Cancel() override;

 protected:
  virtual void Resolve(v8::Local<v8::Value> value) = 0;
  virtual void Reject(v8::Local<v8::Value> error) = 0;

 private:
  struct PoolJob;
  void Finish(ssize_t result, JobResult* job);
  bool bigint_;
  bool busy_ = false;
  Op op_ = {};
  std::string dest_;
  std::string path_;
  std::string text_;
  std::vector<std::shared_ptr<v8::BackingStore>> kept_;
  std::unique_ptr<PoolJob> job_;

 protected:
  bool own_array_ = false;
};

extern const ClassEntry kFSReqCallbackClass;
extern const ClassEntry kFSReqPromiseClass;

// A request on the stack, for synchronous calls.
struct SyncCall {
  SyncCall() {
    req.fs_type = UV_FS_UNKNOWN;
    req.result = 0;
    req.path = nullptr;
    req.bufs = nullptr;
    req.ptr = nullptr;
    req.cb = nullptr;
  }
  ~SyncCall() { uv_fs_req_cleanup(&req); }
  SyncCall(const SyncCall&) = delete;
  uv_fs_t req;
};

// Returns the result of a synchronous operation.
inline void Finish(Env& env, const Args& args, const Op& op, FsResult& outcome) {
  v8::Local<v8::Value> value;
  if (op.to_js(env, outcome).ToLocal(&value)) args.GetReturnValue().Set(value);
}

// Runs a libuv operation: function(loop, request, a..., callback). `arg` is the index of the
// argument that may be a request; `path` is for errors and may be null. Errors are thrown, or
// reported by the request.
template <class F, class... A>
void Run(Env& env, const Args& args, int arg, const Op& op, const char* path, F function, A... a) {
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[arg], op.bigint, &threw)) {
    request->Begin(op);
    int rc = request->DispatchOnLoop(function, a..., FsRequest::OnDone);
    request->SetReturnValue(args);
    if (rc < 0) request->Fail(rc);
    return;
  }
  if (threw) return;
  SyncCall call;
  int rc = function(nullptr, &call.req, a..., nullptr);
  if (rc < 0) {
    if (ReturnsUndefined(op, rc)) return;
    return Error::Uv(rc, op.syscall, path ? path : std::string_view(), op.dest).Throw(env);
  }
  if (op.to_js == ToUndefined) return;
  FsResult outcome = {.result = rc,
                      .req = &call.req,
                      .path = path ? path : std::string_view(),
                      .encoding = op.encoding,
                      .bigint = op.bigint,
                      .with_types = op.with_types};
  Finish(env, args, op, outcome);
}

// The same for a job.
void RunJob(Env& env, const Args& args, int arg, const Op& op, std::string_view path, Job job);

// The libuv code for a change to the embedded files, which are read-only.
int ChangeError(std::string_view path);  // changing a file: UV_EROFS, or UV_ENOENT
int CreateError(std::string_view path);  // creating a file: UV_EROFS, or UV_EEXIST
// If the path is embedded, report ChangeError() or CreateError() as the result of the operation,
// and return true.
bool RefuseChange(Env& env, const Args& args, int arg, const Op& op, const PathArg& path);
bool RefuseCreate(Env& env, const Args& args, int arg, const Op& op, const PathArg& path);

// ---- Arguments. These return false after throwing the error that Node throws.
bool GetFd(Env& env, v8::Local<v8::Value> value, int* out);
bool GetInt(Env& env, v8::Local<v8::Value> value, const char* name, int* out);
bool GetNumber(Env& env, v8::Local<v8::Value> value, const char* name, double* out);
// The mode of access() and copyFile(): 0 to 7, null or undefined.
bool GetMode(Env& env, v8::Local<v8::Value> value, int* out);
// A position in a file: the value if it is a safe integer or a BigInt, otherwise -1, which means
// the current position.
int64_t GetPosition(v8::Local<v8::Value> value);

// ---- Descriptors that JavaScript opened with fs.open() in a Worker that tracks them. The
// destructor closes those that are still open.
class UnmanagedFds {
 public:
  explicit UnmanagedFds(Env& env) : env_(env) {}
  ~UnmanagedFds();
  void Enable() { enabled_ = true; }
  void Add(int fd);
  void Remove(int fd);

 private:
  Env& env_;
  bool enabled_ = false;
  std::vector<int> fds_;
};

// ---- Arrays with the result of stat(), in the order that fs.js reads. The next call reuses the
// shared arrays.
inline constexpr int kStatFields = 18;
// Fills the shared array (with `second` its second half, for StatWatcher) and returns it.
v8::Local<v8::Value> FillStats(Env& env, const uv_stat_t& stat, bool bigint, bool second = false);
v8::MaybeLocal<v8::Value> ToStat(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToStatFs(Env& env, FsResult& outcome);
v8::Local<v8::Value> StatArray(Env& env, bool bigint);
v8::Local<v8::Value> StatFsArray(Env& env, bool bigint);

// ---- The functions of the binding; fs.cc has the table
// resolve.cc
void GetFormatOfExtensionlessFile(Env& env, const Args& args);
void LegacyMainResolve(Env& env, const Args& args);
// open.cc
void Close(Env& env, const Args& args);
void Open(Env& env, const Args& args);
void OpenFileHandle(Env& env, const Args& args);
void ReadFileUtf8(Env& env, const Args& args);
void WriteFileUtf8(Env& env, const Args& args);
// read_write.cc
void Read(Env& env, const Args& args);
void ReadBuffers(Env& env, const Args& args);
void FDataSync(Env& env, const Args& args);
void FSync(Env& env, const Args& args);
void FTruncate(Env& env, const Args& args);
void WriteBuffer(Env& env, const Args& args);
void WriteBuffers(Env& env, const Args& args);
void WriteString(Env& env, const Args& args);
// stat.cc
void Access(Env& env, const Args& args);
void ExistsSync(Env& env, const Args& args);
void InternalModuleStat(Env& env, const Args& args);
void Stat(Env& env, const Args& args);
void LStat(Env& env, const Args& args);
void FStat(Env& env, const Args& args);
void StatFs(Env& env, const Args& args);
// dir.cc
void RmDir(Env& env, const Args& args);
void MkDir(Env& env, const Args& args);
void ReadDir(Env& env, const Args& args);
void MkDTemp(Env& env, const Args& args);
// links.cc
void Rename(Env& env, const Args& args);
void Link(Env& env, const Args& args);
void Symlink(Env& env, const Args& args);
void ReadLink(Env& env, const Args& args);
void Unlink(Env& env, const Args& args);
void RealPath(Env& env, const Args& args);
// attributes.cc
void ChMod(Env& env, const Args& args);
void FChMod(Env& env, const Args& args);
void ChOwn(Env& env, const Args& args);
void FChOwn(Env& env, const Args& args);
void LChOwn(Env& env, const Args& args);
void UTimes(Env& env, const Args& args);
void FUTimes(Env& env, const Args& args);
void LUTimes(Env& env, const Args& args);
// copy.cc
void CopyFile(Env& env, const Args& args);
void RmSync(Env& env, const Args& args);
void CpSyncCheckPaths(Env& env, const Args& args);
void CpSyncOverrideFile(Env& env, const Args& args);
void CpSyncCopyDir(Env& env, const Args& args);

extern const ClassEntry kFileHandleClass, kFileHandleCloseReqClass, kStatWatcherClass;

// A new FileHandle that owns `fd`; `path` is for the warning if it is never closed.
v8::Local<v8::Object> NewFileHandle(Env& env, int fd, std::string path);

}  // namespace kiln::runtime::fs
