// internalBinding("fs_dir"): opendir and DirHandle, which reads a directory in batches. An embedded
// directory is listed when it is opened, and also returned in batches.
#include <algorithm>

#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime {
namespace {

using namespace fs;

extern const ClassEntry kDirHandleClass;

class DirHandle final : public AsyncWrap {
 public:
  DirHandle(Env& env, uv_dir_t* dir) : AsyncWrap(env, Provider::kDIRHANDLE), dir_(dir) {
    dir_->nentries = 0;
    dir_->dirents = nullptr;
  }
  DirHandle(Env& env, std::vector<embedded::Item> items)
      : AsyncWrap(env, Provider::kDIRHANDLE), items_(std::move(items)) {}
  ~DirHandle() override;

  void Read(const Args& args);   // (encoding, batch size, req)
  void Close(const Args& args);  // (req)

 private:
  uv_dir_t* dir_ = nullptr;  // null: an embedded directory
  std::vector<uv_dirent_t> batch_;
  std::vector<embedded::Item> items_;
  size_t next_ = 0;
  bool closed_ = false;
};

DirHandle::~DirHandle() {
  if (closed_ || !dir_) return;
  SyncCall call;
  int rc = uv_fs_closedir(nullptr, &call.req, dir_, nullptr);
  if (env().stopping || !env().can_call_into_js()) return;
  env().SetImmediate(
      [rc](Env& e) {
        if (rc == 0) return e.EmitWarning("Closing directory handle on garbage collection");
        v8::Context::Scope entered(e.context());
        Error::UvMessage(rc, "close", "Closing directory handle on garbage collection failed")
            .Throw(e);
      },
      /*ref=*/rc < 0);
}

// [name, type, name, type, ...], or null at the end.
template <class Entry>
v8::MaybeLocal<v8::Value> ToBatch(Env& env, std::span<const Entry> entries, Encoding encoding) {
  if (entries.empty()) return v8::Null(env.isolate).As<v8::Value>();
  std::vector<v8::Local<v8::Value>> list;
  list.reserve(entries.size() * 2);
  for (const Entry& entry : entries) {
    v8::Local<v8::Value> name;
    if (!EncodeString(env, std::string_view(entry.name), encoding).ToLocal(&name)) return {};
    list.push_back(name);
    list.push_back(v8::Integer::New(env.isolate, entry.type));
  }
  return v8::Array::New(env.isolate, list.data(), list.size()).As<v8::Value>();
}

v8::MaybeLocal<v8::Value> ToEntries(Env& env, FsResult& outcome) {
  if (outcome.job) return ToBatch<embedded::Item>(env, outcome.job->items, outcome.encoding);
  auto* dir = static_cast<uv_dir_t*>(outcome.req->ptr);
  return ToBatch<uv_dirent_t>(env, {dir->dirents, size_t(outcome.result)}, outcome.encoding);
}

v8::MaybeLocal<v8::Value> ToDirHandle(Env& env, FsResult& outcome) {
  DirHandle* handle =
      outcome.job
          ? NewWrapped<DirHandle>(env, kDirHandleClass, std::move(outcome.job->items))
          : NewWrapped<DirHandle>(env, kDirHandleClass, static_cast<uv_dir_t*>(outcome.req->ptr));
  return handle->object().As<v8::Value>();
}

void DirHandle::Read(const Args& args) {
  double size;
  if (!GetNumber(env(), args[1], "bufferSize", &size)) return;
  Op op = {.syscall = "readdir",
           .to_js = ToEntries,
           .encoding = ParseEncoding(env(), args[0], Encoding::kUtf8)};
  if (closed_) return RunJob(env(), args, 2, op, {}, [](JobResult& r) { r.rc = UV_EBADF; });
  size_t count = size >= 1 && size <= 65536 ? size_t(size) : size < 1 ? 1 : 65536;
  if (!dir_) {
    size_t end = std::min(items_.size(), next_ + count);
    std::vector<embedded::Item> part(items_.begin() + long(next_), items_.begin() + long(end));
    next_ = end;
    return RunJob(env(), args, 2, op, {},
                  [part = std::move(part)](JobResult& r) { r.items = part; });
  }
  if (batch_.size() != count) {
    batch_.resize(count);
    dir_->nentries = count;
    dir_->dirents = batch_.data();
  }
  Run(env(), args, 2, op, nullptr, uv_fs_readdir, dir_);
}

void DirHandle::Close(const Args& args) {
  Op op = {.syscall = "closedir"};
  if (closed_ || !dir_) {
    bool twice = closed_;
    closed_ = true;
    return RunJob(env(), args, 0, op, {}, [twice](JobResult& r) { r.rc = twice ? UV_EBADF : 0; });
  }
  closed_ = true;
  Run(env(), args, 0, op, nullptr, uv_fs_closedir, dir_);
}

void CloseAbandoned(FsResult& outcome) {
  if (outcome.job) return;
  SyncCall call;
  uv_fs_closedir(nullptr, &call.req, static_cast<uv_dir_t*>(outcome.req->ptr), nullptr);
}

void OpenDirectory(Env& env, const Args& args, Encoding encoding, int arg, const PathArg& path,
                   const char* shown_path) {
  Op op = {
      .syscall = "opendir", .to_js = ToDirHandle, .encoding = encoding, .abandon = CloseAbandoned};
  if (path.embedded())
    return RunJob(env, args, arg, op, shown_path ? path.view() : std::string_view(),
                  [p = path.str()](JobResult& r) { r.rc = embedded::List(p, &r.items); });
  if (embedded::IsParent(path.view()))
    return RunJob(
        env, args, arg, op, shown_path ? path.view() : std::string_view(),
        [p = path.str()](JobResult& r) { r.rc = embedded::ListParent(p.c_str(), &r.items); });
  Run(env, args, arg, op, shown_path, uv_fs_opendir, path.c_str());
}

void OpenDir(Env& env, const Args& args) {  // (path, encoding, req)
  PathArg path(env, args[0]);
  if (path.ok() && !CannotRead(env, args, 2, path))
    OpenDirectory(env, args, ParseEncoding(env, args[1], Encoding::kUtf8), 2, path, path.c_str());
}

void OpenDirSync(Env& env, const Args& args) {  // (path)
  PathArg path(env, args[0]);
  // As in Node, the error does not contain the path.
  if (path.ok() && !CannotRead(env, args, -1, path))
    OpenDirectory(env, args, Encoding::kUtf8, 1, path, nullptr);
}

constexpr Entry kFunctions[] = {
    Method<OpenDir>("opendir"),
    Method<OpenDirSync>("opendirSync"),
};
constexpr Entry kMethods[] = {
    Method<&DirHandle::Read>("read"),
    Method<&DirHandle::Close>("close"),
};
// `new DirHandle` in JavaScript creates an object without function, as in Node.
void ConstructNothing(const Args& args) {
  if (args.IsConstructCall()) args.This()->SetAlignedPointerInInternalField(0, nullptr);
}
const ClassEntry kDirHandleClass = {.name = "DirHandle",
                                    .construct = ConstructNothing,
                                    .parent = &kAsyncWrapClass,
                                    .methods = kMethods};
const ClassEntry* const kClasses[] = {&kDirHandleClass};

}  // namespace

extern const Binding kFsDirBinding;
const Binding kFsDirBinding = {.name = "fs_dir", .functions = kFunctions, .classes = kClasses};

}  // namespace kiln::runtime
