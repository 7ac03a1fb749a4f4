// What the files of the fs binding share. A function of the binding describes its
// operation in an Op, and hands it with a libuv function to Run(): that calls libuv on the
// spot, with a request on the stack and no other memory, or starts an FsRequest when
// JavaScript passed a callback request or asked for a promise. RunJob() does the same with
// a C++ function instead of a libuv one, on libuv's thread pool if asynchronous: the files
// embedded in the executable are read that way.
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

// A path argument: a string, or bytes. Most paths fit in the object itself.
class PathArg {
 public:
  // Throws a TypeError when the value is no path; ok() is false then.
  PathArg(Env& env, v8::Local<v8::Value> value, const char* name = "path");
  PathArg(const PathArg&) = delete;

  bool ok() const { return data_ != nullptr; }
  const char* c_str() const { return data_; }
  // Up to the first zero byte, as the kernel sees it.
  std::string_view view() const { return {data_, size_}; }
  std::string str() const { return std::string(view()); }
  bool embedded() const { return embedded::Owns(view()); }

 private:
  char inline_[600];
  std::string long_;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

// What a job answers; an operation of libuv answers the same in its uv_fs_t.
struct JobResult {
  ssize_t rc = 0;
  uv_stat_t stat = {};
  uv_statfs_t statfs = {};
  uint64_t fragment_size = 0;  // of statfs
  std::string text;
  std::vector<embedded::Item> items;
};
using Job = std::function<void(JobResult&)>;

// A finished operation, as the functions that make its result for JavaScript see it.
struct FsResult {
  ssize_t result = 0;
  uv_fs_t* req = nullptr;    // null for a job
  JobResult* job = nullptr;  // null for libuv
  std::string_view path;
  Encoding encoding = Encoding::kUtf8;
  bool bigint = false;
  bool with_types = false;
  bool own_array = false;  // stats go into a new array, not into the shared one

  const uv_stat_t& stat() const { return job ? job->stat : req->statbuf; }
  std::string_view text() const {
    return job ? std::string_view(job->text) : static_cast<const char*>(req->ptr);
  }
};

// Makes the result; empty when an exception is pending.
using ToJs = v8::MaybeLocal<v8::Value> (*)(Env&, FsResult&);
v8::MaybeLocal<v8::Value> ToUndefined(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToInteger(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToText(Env& env, FsResult& outcome);  // encoded: readlink, realpath

struct Op {
  const char* syscall;  // the name in errors
  ToJs to_js = ToUndefined;
  Encoding encoding = Encoding::kUtf8;
  bool bigint = false;
  bool with_types = false;
  // 1: ENOENT answers undefined instead of failing; 2: ENOTDIR too.
  int missing_is_undefined = 0;
  std::string_view dest = {};  // for errors of operations on two paths
  // Frees what the operation made when it ends after JavaScript did (a Worker's end).
  void (*abandon)(FsResult&) = nullptr;
};

bool AnswersUndefined(const Op& op, ssize_t result);

// An operation in flight: FSReqCallback, or the promise kind.
class FsRequest : public Request<uv_fs_t> {
 public:
  FsRequest(Env& env, Provider provider, bool bigint);
  ~FsRequest() override;

  // The request for an argument: an FSReqCallback of JavaScript's, or a new one when it is
  // kUsePromises. Null means that the call is synchronous, or that it threw (`*threw`).
  static FsRequest* From(Env& env, v8::Local<v8::Value> value, bool bigint, bool* threw);

  void Begin(const Op& op);
  void BeginPath(const char* path) { path_ = path; }
  // Memory that the operation reads or writes.
  void Keep(std::shared_ptr<v8::BackingStore> store) { kept_.push_back(std::move(store)); }
  void KeepText(std::string text) { text_ = std::move(text); }
  std::string& text() { return text_; }
  void StartJob(std::string_view path, Job job);
  // The operation could not be started.
  void Fail(int rc) { Finish(rc, nullptr); }

  static void OnDone(uv_fs_t* raw);

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

inline void Finish(Env& env, const Args& args, const Op& op, FsResult& outcome) {
  v8::Local<v8::Value> value;
  if (op.to_js(env, outcome).ToLocal(&value)) args.GetReturnValue().Set(value);
}

// Runs a libuv operation. `arg` is where a request may be among the arguments; `path` is
// for errors and may be null.
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
    if (AnswersUndefined(op, rc)) return;
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

void RunJob(Env& env, const Args& args, int arg, const Op& op, std::string_view path, Job job);

// What an operation that changes something finds in the embedded files: an error, always.
int ChangeError(std::string_view path);  // of something that exists: EROFS, or ENOENT
int CreateError(std::string_view path);  // of something new: EROFS, or EEXIST
// Refuses the operation if the path is embedded; answers whether it did.
bool RefuseChange(Env& env, const Args& args, int arg, const Op& op, const PathArg& path);
bool RefuseCreate(Env& env, const Args& args, int arg, const Op& op, const PathArg& path);

// ---- arguments. These throw what Node throws, and answer false.
bool GetFd(Env& env, v8::Local<v8::Value> value, int* out);
bool GetInt(Env& env, v8::Local<v8::Value> value, const char* name, int* out);
bool GetNumber(Env& env, v8::Local<v8::Value> value, const char* name, double* out);
// The mode of access() and copyFile(): 0 to 7, null or undefined.
bool GetMode(Env& env, v8::Local<v8::Value> value, int* out);
// A position: -1 (the current one) unless it is a safe integer or a BigInt.
int64_t GetPosition(v8::Local<v8::Value> value);

// ---- file descriptors that JavaScript opened by fs.open(), in a Worker that tracks them:
// it closes those that are left when it ends.
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

// ---- stat arrays
inline constexpr int kStatFields = 18;
v8::Local<v8::Value> FillStats(Env& env, const uv_stat_t& stat, bool bigint, bool second = false);
v8::MaybeLocal<v8::Value> ToStat(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToStatFs(Env& env, FsResult& outcome);
v8::Local<v8::Value> StatArray(Env& env, bool bigint);
v8::Local<v8::Value> StatFsArray(Env& env, bool bigint);

// ---- the functions of the binding; fs.cc has the table
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

// A FileHandle that owns `fd`; `path` is for the warning if it is never closed.
v8::Local<v8::Object> NewFileHandle(Env& env, int fd, std::string path);

}  // namespace kiln::runtime::fs
