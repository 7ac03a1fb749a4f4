// Directories: readdir, mkdir, mkdtemp, rmdir. Recursive mkdir finds the first existing parent in
// one job, instead of returning to the loop for each step.
#include <sys/stat.h>

#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

// An array of names, or [names, types].
v8::MaybeLocal<v8::Value> ToNames(Env& env, FsResult& outcome) {
  std::vector<v8::Local<v8::Value>> names, types;
  auto add = [&](std::string_view name, int type) {
    v8::Local<v8::Value> value;
    if (!EncodeString(env, name, outcome.encoding).ToLocal(&value)) return false;
    names.push_back(value);
    if (outcome.with_types) types.push_back(v8::Integer::New(env.isolate, type));
    return true;
  };
  if (outcome.job) {
    for (const embedded::Item& item : outcome.job->items)
      if (!add(item.name, item.type)) return {};
  } else {
    names.reserve(size_t(outcome.result));
    uv_dirent_t entry;
    int rc;
    while ((rc = uv_fs_scandir_next(outcome.req, &entry)) == 0)
      if (!add(entry.name, entry.type)) return {};
    if (rc != UV_EOF) {
      Error::Uv(rc, "scandir", outcome.path).Throw(env);
      return {};
    }
  }
  v8::Local<v8::Value> list = v8::Array::New(env.isolate, names.data(), names.size());
  if (!outcome.with_types) return list;
  v8::Local<v8::Value> both[] = {list, v8::Array::New(env.isolate, types.data(), types.size())};
  return v8::Array::New(env.isolate, both, 2).As<v8::Value>();
}

int MakeDirectory(const std::string& path, int mode) {
  SyncCall call;
  return uv_fs_mkdir(nullptr, &call.req, path.c_str(), mode, nullptr);
}

int Stat(const std::string& path, bool* is_directory) {
  SyncCall call;
  int rc = uv_fs_stat(nullptr, &call.req, path.c_str(), nullptr);
  *is_directory = rc == 0 && S_ISDIR(call.req.statbuf.st_mode);
  return rc;
}

// mkdir -p. `first` becomes the first directory that was created. The error codes are Node's.
int MakeDirectories(const std::string& path, int mode, std::string* first) {
  std::vector<std::string> pending = {path};
  bool parent_exists = false;  // of pending.back()
  while (!pending.empty()) {
    std::string next = pending.back();
    int rc = MakeDirectory(next, mode);
    switch (rc) {
      case 0:
        if (first->empty()) *first = next;
        pending.pop_back();
        parent_exists = true;
        continue;
      case UV_EACCES:
      case UV_ENOSPC:
      case UV_ENOTDIR:
      case UV_EPERM:
        return rc;
      case UV_ENOENT: {
        size_t slash = next.rfind('/');
        // The parent exists, but nothing can be created in it (/proc): continuing upward would
        // never end.
        if (parent_exists || slash == std::string::npos || slash == 0) return rc;
        pending.push_back(next.substr(0, slash));
        continue;
      }
      default: {
        bool is_directory;
        int stat_rc = Stat(next, &is_directory);
        if (stat_rc < 0) return stat_rc;
        if (!is_directory) return rc == UV_EEXIST && pending.size() > 1 ? UV_ENOTDIR : UV_EEXIST;
        pending.pop_back();
        parent_exists = true;
      }
    }
  }
  return 0;
}

v8::MaybeLocal<v8::Value> ToFirstDirectory(Env& env, FsResult& outcome) {
  if (outcome.job->text.empty()) return env.Undefined();
  return EncodeString(env, outcome.job->text, Encoding::kUtf8);
}

// libuv stores the generated name as the path of the request.
v8::MaybeLocal<v8::Value> ToCreatedPath(Env& env, FsResult& outcome) {
  std::string_view made = outcome.req->path;
  return EncodeString(env, made, outcome.encoding);
}

}  // namespace

void ReadDir(Env& env, const Args& args) {  // (path, encoding, withFileTypes, req)
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, 3, path)) return;
  Op op = {.syscall = "scandir",
           .to_js = ToNames,
           .encoding = ParseEncoding(env, args[1], Encoding::kUtf8),
           .with_types = args[2]->IsTrue()};
  if (path.embedded())
    return RunJob(env, args, 3, op, path.view(),
                  [p = path.str()](JobResult& r) { r.rc = embedded::List(p, &r.items); });
  if (embedded::IsParent(path.view()))
    return RunJob(env, args, 3, op, path.view(), [p = path.str()](JobResult& r) {
      r.rc = embedded::ListParent(p.c_str(), &r.items);
    });
  Run(env, args, 3, op, path.c_str(), uv_fs_scandir, path.c_str(), 0);
}

void MkDir(Env& env, const Args& args) {  // (path, mode, recursive, req)
  PathArg path(env, args[0]);
  int mode;
  if (!path.ok() || !GetInt(env, args[1], "mode", &mode)) return;
  if (CannotWrite(env, args, -1, path)) return;
  bool recursive = args[2]->IsTrue();
  if (!recursive) {
    Op op = {.syscall = "mkdir"};
    if (RefuseCreate(env, args, 3, op, path)) return;
    return Run(env, args, 3, op, path.c_str(), uv_fs_mkdir, path.c_str(), mode);
  }
  Op op = {.syscall = "mkdir", .to_js = ToFirstDirectory};
  RunJob(env, args, 3, op, path.view(), [p = path.str(), mode](JobResult& r) {
    if (!embedded::Owns(p)) {
      r.rc = MakeDirectories(p, mode, &r.text);
      return;
    }
    uv_stat_t s;
    int rc = embedded::Stat(p, &s);
    r.rc = rc == 0 && S_ISDIR(s.st_mode) ? 0 : CreateError(p);
  });
}

void MkDTemp(Env& env, const Args& args) {  // (prefix, encoding, req)
  PathArg prefix(env, args[0], "prefix");
  if (!prefix.ok()) return;
  Op op = {.syscall = "mkdtemp",
           .to_js = ToCreatedPath,
           .encoding = ParseEncoding(env, args[1], Encoding::kUtf8)};
  std::string pattern = prefix.str() + "XXXXXX";
  if (env.permissions && ReportRefusal(env, args, 2, Permission::kFileSystemWrite, pattern)) return;
  if (embedded::Owns(pattern))
    return RunJob(env, args, 2, op, pattern, [](JobResult& r) { r.rc = UV_EROFS; });
  Run(env, args, 2, op, pattern.c_str(), uv_fs_mkdtemp, pattern.c_str());
}

void RmDir(Env& env, const Args& args) {  // (path, req)
  PathArg path(env, args[0]);
  Op op = {.syscall = "rmdir"};
  if (!path.ok() || CannotWrite(env, args, -1, path) || RefuseChange(env, args, 1, op, path))
    return;
  Run(env, args, 1, op, path.c_str(), uv_fs_rmdir, path.c_str());
}

}  // namespace kiln::runtime::fs
