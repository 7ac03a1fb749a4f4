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
#include "runtime-stub/env/permissions.h"
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
// depends on the operation: `stat` by stat(), `text` by realpath and recursive mkdir, `items` by
// readdir.
struct JobResult {
  ssize_t rc = 0;  // a count or 0; negative: a libuv code
  uv_stat_t stat = {};
  uv_statfs_t statfs = {};
  uint64_t fragment_size = 0;  // of statfs
  std::string text;
  std::vector<embedded::Item> items;
  std::shared_ptr<embedded::OpenFile> file;  // by open() of embedded_file.cc
};
// Runs on a thread of the pool, or on the Env's for a synchronous call: must not use V8 or the Env.
// It owns copies of its arguments.
using Job = std::function<void(JobResult&)>;

// A finished operation, the input of ToJs. Borrowed: valid during the call.
struct FsResult {
  ssize_t result = 0;
  uv_fs_t* req = nullptr;    // null for a job
  JobResult* job = nullptr;  // null for libuv
  // For errors; empty if there is none.
  std::string_view path;
  Encoding encoding = Encoding::kUtf8;
  bool bigint = false;
  bool with_types = false;
  bool own_array = false;  // put stats into a new array, not into the shared one

  // REQUIRES: the operation was a stat.
  const uv_stat_t& stat() const { return job ? job->stat : req->statbuf; }
  // REQUIRES: a job, or a libuv operation that stores a string in uv_fs_t::ptr.
  std::string_view text() const {
    return job ? std::string_view(job->text) : static_cast<const char*>(req->ptr);
  }
};

// Creates the JavaScript value for a result that is not an error; empty with an exception pending,
// which the synchronous call throws and a request reports. Runs on the Env's thread.
using ToJs = v8::MaybeLocal<v8::Value> (*)(Env&, FsResult&);
// undefined; uv_fs_t::result as a Number; and the text as a string or Buffer in FsResult::encoding
// (readlink, realpath).
v8::MaybeLocal<v8::Value> ToUndefined(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToInteger(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToText(Env& env, FsResult& outcome);

// The description of an operation. Requests copy it.
struct Op {
  const char* syscall;  // the name in errors, a string literal
  ToJs to_js = ToUndefined;
  Encoding encoding = Encoding::kUtf8;
  bool bigint = false;
  bool with_types = false;
  // 1: return undefined for ENOENT instead of an error; 2: for ENOTDIR too.
  int missing_is_undefined = 0;
  // The second path in errors of operations on two paths. Borrowed until Run() or RunJob() returns.
  std::string_view dest = {};
  // Releases the result, such as a descriptor, of an operation that finishes when JavaScript can no
  // longer run. Null: there is nothing to release.
  void (*abandon)(FsResult&) = nullptr;
};

// Whether this error returns undefined (missing_is_undefined).
bool ReturnsUndefined(const Op& op, ssize_t result);

// An operation in flight; the derived classes (requests.cc) report its result by FSReqCallback or
// by a promise. The garbage collector owns it: it is pinned from the start of the operation until
// libuv has finished it. An FSReqCallback can be used for a further operation after that.
class FsRequest : public Request<uv_fs_t> {
 public:
  FsRequest(Env& env, Provider provider, bool bigint);
  ~FsRequest() override;

  // The request for an argument: an FSReqCallback that JavaScript created, or a new request if the
  // value is kUsePromises. Null: the call is synchronous, or this threw (`*threw` becomes true,
  // otherwise it is not changed). Throws for an FSReqCallback in use. May run JavaScript: the init
  // hook of async_hooks.
  static FsRequest* From(Env& env, v8::Local<v8::Value> value, bool bigint, bool* threw);

  // Copies the description; call it before the operation is started, once per operation.
  void Begin(const Op& op);
  void BeginPath(const char* path) { path_ = path; }  // for errors
  // Own memory that the operation reads or writes until it has finished.
  void Keep(std::shared_ptr<v8::BackingStore> store) { kept_.push_back(std::move(store)); }
  void KeepText(std::string text) { text_ = std::move(text); }
  // The text of KeepText(), at an address that stays the same until the next KeepText().
  std::string& text() { return text_; }
  // Runs `job` on the thread pool; reports an error if that is impossible.
  void StartJob(std::string_view path, Job job);
  // Reports that the operation could not be started; `rc` is a libuv code. Runs JavaScript.
  void Fail(int rc) { Finish(rc, nullptr); }

  // Reports an error of an operation that is not begun. Runs JavaScript.
  void Refuse(v8::Local<v8::Value> error);

  // The uv_fs_cb of all operations of libuv: reports the result and runs JavaScript.
  static void OnDone(uv_fs_t* raw);

  // Sets the return value of the call that started the operation: the promise, if there is one.
  // Call it before Fail(), which releases the promise.
  virtual void SetReturnValue(const Args& args) = 0;
  // Returns 0 if the operation had not begun: OnDone() then reports UV_ECANCELED. Otherwise a libuv
  // code, and the operation finishes as usual.
  int Cancel() override;

 protected:
  // Call oncomplete(null, value) or oncomplete(error), or settle the promise, in a CallbackScope.
  virtual void Resolve(v8::Local<v8::Value> value) = 0;
  virtual void Reject(v8::Local<v8::Value> error) = 0;

 private:
  struct PoolJob;
  // Converts the result, releases what was kept, and reports it. `job` is null for libuv.
  void Finish(ssize_t result, JobResult* job);
  bool bigint_;
  // Between Begin() and Finish().
  bool busy_ = false;
  Op op_ = {};
  std::string dest_;
  std::string path_;
  std::string text_;
  std::vector<std::shared_ptr<v8::BackingStore>> kept_;
  std::unique_ptr<PoolJob> job_;

 protected:
  // See FsResult::own_array; for promises, which may be read later.
  bool own_array_ = false;
};

extern const ClassEntry kFSReqCallbackClass;
extern const ClassEntry kFSReqPromiseClass;

// A request on the stack, for synchronous calls. The destructor frees what libuv has allocated for
// the result, so the result must be converted before.
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

// Sets the return value to the result of a synchronous operation, or leaves the exception of to_js.
inline void Finish(Env& env, const Args& args, const Op& op, FsResult& outcome) {
  v8::Local<v8::Value> value;
  if (op.to_js(env, outcome).ToLocal(&value)) args.GetReturnValue().Set(value);
}

// Runs a libuv operation: function(loop, request, a..., callback). `arg` is the index of the
// argument that may be a request: undefined, an FSReqCallback or kUsePromises. `path` is for errors
// and may be null. Errors are thrown, or reported by the request. The arguments `a` are borrowed
// for the call; libuv copies paths.
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

// The same for a job. `path` is copied for requests. A synchronous job runs before this returns.
void RunJob(Env& env, const Args& args, int arg, const Op& op, std::string_view path, Job job);

// If the permission model refuses the operation, reports that as its result and returns true: the caller
// must return. `arg` as in Run(); -1: an exception in any case, as some functions do in Node. May run
// JavaScript.
bool ReportRefusal(Env& env, const Args& args, int arg, Permission permission,
                   std::string_view path);
inline bool Refused(Env& env, const Args& args, int arg, Permission permission,
                    const PathArg& path) {
  return env.permissions && ReportRefusal(env, args, arg, permission, path.view());
}
inline bool CannotRead(Env& env, const Args& args, int arg, const PathArg& path) {
  return Refused(env, args, arg, Permission::kFileSystemRead, path);
}
inline bool CannotWrite(Env& env, const Args& args, int arg, const PathArg& path) {
  return Refused(env, args, arg, Permission::kFileSystemWrite, path);
}
// The same for what the loaders and fs.realpath() need of files that cannot be read (Permissions::Sees).
inline bool CannotSee(Env& env, const Args& args, int arg, const PathArg& path) {
  return env.permissions && !env.permissions->Sees(path.view()) && CannotRead(env, args, arg, path);
}
// The same for open(2) with these flags.
bool CannotOpen(Env& env, const Args& args, int arg, int flags, const PathArg& path);
// The functions that change the file of a descriptor are not available with a permission model, because a
// descriptor for reading is enough for them. Throws, and returns true.
bool RefusesDescriptors(Env& env, const char* name);

// An embedded file that Node's own code has open, in place of a descriptor (embedded_file.cc).
class EmbeddedFile final : public Wrapped {
 public:
  EmbeddedFile(Env& env, std::shared_ptr<embedded::OpenFile> file, std::string path)
      : Wrapped(env), file_(std::move(file)), path_(std::move(path)) {}
  // Null unless `value` is such an object.
  static EmbeddedFile* From(Env& env, v8::Local<v8::Value> value);

  const std::shared_ptr<embedded::OpenFile>& file() const { return file_; }  // null: closed
  void Close() { file_.reset(); }
  std::string_view path() const { return path_; }
  const char* type_name() const override { return "EmbeddedFile"; }

 private:
  std::shared_ptr<embedded::OpenFile> file_;
  const std::string path_;
};
extern const ClassEntry kEmbeddedFileClass;

// If args[0] is an EmbeddedFile, runs the job on it as RunJob() does, and returns true. The result of
// a closed one is UV_EBADF.
using EmbeddedJob = std::function<void(embedded::OpenFile&, JobResult&)>;
bool RunOnEmbedded(Env& env, const Args& args, int arg, const Op& op, EmbeddedJob job);

// The libuv code for a change to the embedded files, which are read-only. Always negative; it may
// be that of a parent (UV_ENOTDIR). From any thread.
// Changing a file: UV_EROFS, or UV_ENOENT; with `of_link` a link itself, not what it leads to.
int ChangeError(std::string_view path, bool of_link = false);
// Creating a file: UV_EROFS, or UV_EEXIST.
int CreateError(std::string_view path);
// If the path is embedded, report ChangeError() or CreateError() as the result of the operation,
// and return true: the caller must return. False: the path is in the real file system.
bool RefuseChange(Env& env, const Args& args, int arg, const Op& op, const PathArg& path,
                  bool of_link = false);
bool RefuseCreate(Env& env, const Args& args, int arg, const Op& op, const PathArg& path);

// ---- Arguments. These return false after throwing the error that Node throws.
// `name` is the argument's in the message. GetFd(): 0 to 2^31 - 1. GetInt(): 32 bits, signed or
// not.
bool GetFd(Env& env, v8::Local<v8::Value> value, int* out);
bool GetInt(Env& env, v8::Local<v8::Value> value, const char* name, int* out);
bool GetNumber(Env& env, v8::Local<v8::Value> value, const char* name, double* out);
// The mode of access() and copyFile(): 0 to 7, null or undefined.
bool GetMode(Env& env, v8::Local<v8::Value> value, int* out);
// A position in a file: the value if it is a safe integer or a BigInt, otherwise -1, which means
// the current position.
int64_t GetPosition(v8::Local<v8::Value> value);

// ---- Descriptors that JavaScript opened with fs.open() in a Worker that tracks them. The
// destructor closes those that are still open. Use Env::State<UnmanagedFds>(). It does nothing
// before Enable().
class UnmanagedFds {
 public:
  explicit UnmanagedFds(Env& env) : env_(env) {}
  ~UnmanagedFds();
  void Enable() { enabled_ = true; }
  // Emit a process warning if the descriptor is known already, or not known.
  void Add(int fd);
  void Remove(int fd);

 private:
  Env& env_;
  bool enabled_ = false;
  std::vector<int> fds_;
};

// ---- Arrays with the result of stat(), in the order that fs.js reads. The next call reuses the
// shared arrays.

// Numbers per file: ten fields, then seconds and nanoseconds of four times.
inline constexpr int kStatFields = 18;
// Fills the shared array (with `second` its second half, for StatWatcher) and returns it: a
// Float64Array, or a BigInt64Array with `bigint`, of 2 * kStatFields elements.
v8::Local<v8::Value> FillStats(Env& env, const uv_stat_t& stat, bool bigint, bool second = false);
// For Op::to_js: FillStats(), or a new array for promises. ToStatFs() is for a job: type, block
// size, fragment size, blocks, free, available, files, free files.
v8::MaybeLocal<v8::Value> ToStat(Env& env, FsResult& outcome);
v8::MaybeLocal<v8::Value> ToStatFs(Env& env, FsResult& outcome);
// The shared arrays themselves, which the binding exports.
v8::Local<v8::Value> StatArray(Env& env, bool bigint);
v8::Local<v8::Value> StatFsArray(Env& env, bool bigint);

// ---- The functions of the binding; fs.cc has the table. Arguments are in parentheses; `req` is
// undefined, an FSReqCallback or kUsePromises. Wrong types throw ERR_INVALID_ARG_TYPE, errors of
// the system an Error with errno, code, syscall, path and dest (UVException of internal/errors.js).
// Without a note the result is undefined.

// resolve.cc
// (path): 0 for JavaScript, 1 for WebAssembly; 0 also if it cannot be read.
void GetFormatOfExtensionlessFile(Env& env, const Args& args);
// (package's path, main, base URL): the index of the file that exists, 0 to 9. Throws
// ERR_MODULE_NOT_FOUND.
void LegacyMainResolve(Env& env, const Args& args);

// open.cc
void Close(Env& env, const Args& args);
// (path, flags, mode, req): a descriptor, or a FileHandle from OpenFileHandle(). Close(): (fd,
// req).
void Open(Env& env, const Args& args);
void OpenFileHandle(Env& env, const Args& args);
// (path or fd, flags): a string. (path or fd, data, flags, mode). Both are synchronous.
void ReadFileUtf8(Env& env, const Args& args);
void WriteFileUtf8(Env& env, const Args& args);

// read_write.cc
// (fd, buffer, offset, length, position, req) and (fd, buffers, position, req): the number of
// bytes. `fd` may be an EmbeddedFile in Read(), FStat() and Close(). A request keeps the buffers' memory alive. A position that is no number means the current
// one.
void Read(Env& env, const Args& args);
void ReadBuffers(Env& env, const Args& args);
void FDataSync(Env& env, const Args& args);
void FSync(Env& env, const Args& args);
// (fd, length in bytes, req). FSync() and FDataSync(): (fd, req).
void FTruncate(Env& env, const Args& args);
// The same, and (fd, string, position, encoding, req). Without request an object may follow: it
// receives errno and syscall in place of an exception, and the result is the libuv code.
void WriteBuffer(Env& env, const Args& args);
void WriteBuffers(Env& env, const Args& args);
void WriteString(Env& env, const Args& args);

// stat.cc
// (path, mode, req).
void Access(Env& env, const Args& args);
// (path): a boolean, false for any error of access().
void ExistsSync(Env& env, const Args& args);
// (path): 0 for a file or anything else, 1 for a directory, a negative code if it does not exist.
void InternalModuleStat(Env& env, const Args& args);
// (path, bigint, req, throwIfNoEntry): an array (FillStats). throwIfNoEntry false: undefined if the
// file does not exist. FStat(): (fd, bigint, req). StatFs(): (path, bigint, req).
void Stat(Env& env, const Args& args);
void LStat(Env& env, const Args& args);
void FStat(Env& env, const Args& args);
void StatFs(Env& env, const Args& args);

// dir.cc
void RmDir(Env& env, const Args& args);
// (path, mode, recursive, req): recursive, the first directory that was created, or undefined.
// RmDir(): (path, req).
void MkDir(Env& env, const Args& args);
// (path, encoding, withFileTypes, req): [name, ...], or [[name, ...], [UV_DIRENT_..., ...]].
void ReadDir(Env& env, const Args& args);
// (prefix, encoding, req): the path of the directory, which ends with six random characters.
void MkDTemp(Env& env, const Args& args);

// links.cc
// (from, to, req), (existing, new, req), (target, path, flags, req).
void Rename(Env& env, const Args& args);
void Link(Env& env, const Args& args);
void Symlink(Env& env, const Args& args);
// (path, encoding, req): a string or Buffer. Unlink(): (path, req).
void ReadLink(Env& env, const Args& args);
void Unlink(Env& env, const Args& args);
void RealPath(Env& env, const Args& args);

// attributes.cc
// (path or fd, mode, req); (path or fd, uid, gid, req), where -1 leaves an id unchanged; (path or
// fd, atime, mtime, req), in seconds since 1970.
void ChMod(Env& env, const Args& args);
void FChMod(Env& env, const Args& args);
void ChOwn(Env& env, const Args& args);
void FChOwn(Env& env, const Args& args);
void LChOwn(Env& env, const Args& args);
void UTimes(Env& env, const Args& args);
void FUTimes(Env& env, const Args& args);
void LUTimes(Env& env, const Args& args);

// copy.cc
// (src, dest, mode, req). The others are synchronous and throw errors with a positive errno, as
// Node's do (copy.cc).
void CopyFile(Env& env, const Args& args);
void RmSync(Env& env, const Args& args);
void CpSyncCheckPaths(Env& env, const Args& args);
void CpSyncOverrideFile(Env& env, const Args& args);
void CpSyncCopyDir(Env& env, const Args& args);

extern const ClassEntry kFileHandleClass, kFileHandleCloseReqClass, kStatWatcherClass;

// A new FileHandle that owns `fd`; `path` is for the warning if it is never closed, and may be
// empty.
v8::Local<v8::Object> NewFileHandle(Env& env, int fd, std::string path);

}  // namespace kiln::runtime::fs
