// link, symlink, readlink, realpath, rename and unlink.
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

// An operation on two paths; `function` is a libuv function.
template <class F, class... A>
void RunWithTwoPaths(Env& env, const Args& args, int arg, const char* syscall, const PathArg& from,
                     const PathArg& to, bool changes_from, F function, A... a) {
  Op op = {.syscall = syscall, .dest = to.view()};
  if (to.embedded() || (changes_from && from.embedded()))
    return RunJob(env, args, arg, op, from.view(), [f = from.str(), t = to.str()](JobResult& r) {
      r.rc = embedded::Owns(f) ? ChangeError(f, /*of_link=*/true) : CreateError(t);
      if (r.rc == UV_EEXIST) r.rc = UV_EROFS;
    });
  Run(env, args, arg, op, from.c_str(), function, from.c_str(), to.c_str(), a...);
}

// Symbolic links need all permissions for files, because they lead out of what is granted.
bool CannotLink(Env& env, const Args& args) {
  if (!env.permissions || IsGranted(env, Permission::kFileSystem) || env.permissions->audit())
    return false;
  Error::Plain("ERR_ACCESS_DENIED",
               "fs.symlink API requires full fs.read and fs.write permissions.")
      .Throw(env);
  return true;
}

}  // namespace

void Rename(Env& env, const Args& args) {  // (from, to, req)
  PathArg from(env, args[0], "oldPath"), to(env, args[1], "newPath");
  if (!from.ok() || !to.ok()) return;
  if (CannotRead(env, args, 2, from) || CannotWrite(env, args, 2, from) ||
      CannotWrite(env, args, 2, to))
    return;
  RunWithTwoPaths(env, args, 2, "rename", from, to, true, uv_fs_rename);
}

void Link(Env& env, const Args& args) {  // (existing, new, req)
  PathArg from(env, args[0], "existingPath"), to(env, args[1], "newPath");
  if (!from.ok() || !to.ok()) return;
  if (CannotRead(env, args, 2, from) || CannotWrite(env, args, 2, from) ||
      CannotWrite(env, args, 2, to))
    return;
  if (from.embedded() && !to.embedded())
    return RunJob(env, args, 2, {.syscall = "link", .dest = to.view()}, from.view(),
                  [](JobResult& r) { r.rc = UV_EXDEV; });
  RunWithTwoPaths(env, args, 2, "link", from, to, false, uv_fs_link);
}

void Symlink(Env& env, const Args& args) {  // (target, path, flags, req)
  PathArg target(env, args[0], "target"), path(env, args[1]);
  int flags;
  if (!target.ok() || !path.ok() || !GetInt(env, args[2], "flags", &flags)) return;
  if (CannotLink(env, args)) return;
  if (path.embedded())
    return RunJob(env, args, 3, {.syscall = "symlink", .dest = path.view()}, target.view(),
                  [p = path.str()](JobResult& r) { r.rc = CreateError(p); });
  RunWithTwoPaths(env, args, 3, "symlink", target, path, false, uv_fs_symlink, flags);
}

void ReadLink(Env& env, const Args& args) {  // (path, encoding, req)
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, -1, path)) return;
  Op op = {.syscall = "readlink",
           .to_js = ToText,
           .encoding = ParseEncoding(env, args[1], Encoding::kUtf8)};
  if (path.embedded())
    return RunJob(env, args, 2, op, path.view(),
                  [p = path.str()](JobResult& r) { r.rc = embedded::ReadLink(p, &r.text); });
  Run(env, args, 2, op, path.c_str(), uv_fs_readlink, path.c_str());
}

void RealPath(Env& env, const Args& args) {  // (path, encoding, req)
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, 2, path)) return;
  Op op = {.syscall = "realpath",
           .to_js = ToText,
           .encoding = ParseEncoding(env, args[1], Encoding::kUtf8)};
  if (path.embedded())
    return RunJob(env, args, 2, op, path.view(),
                  [p = path.str()](JobResult& r) { r.rc = embedded::RealPath(p, &r.text); });
  Run(env, args, 2, op, path.c_str(), uv_fs_realpath, path.c_str());
}

void Unlink(Env& env, const Args& args) {  // (path, req)
  PathArg path(env, args[0]);
  Op op = {.syscall = "unlink"};
  if (!path.ok() || CannotWrite(env, args, 1, path) ||
      RefuseChange(env, args, 1, op, path, /*of_link=*/true))
    return;
  Run(env, args, 1, op, path.c_str(), uv_fs_unlink, path.c_str());
}

}  // namespace kiln::runtime::fs
