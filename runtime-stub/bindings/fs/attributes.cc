// chmod, chown and utimes functions, by path and by descriptor.
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

// Ids are 32 bits. -1, which leaves an id unchanged, is passed as -1 or as 2^32-1.
bool GetIds(Env& env, const Args& args, uv_uid_t* uid, uv_gid_t* gid) {
  double u, g;
  if (!GetNumber(env, args[1], "uid", &u) || !GetNumber(env, args[2], "gid", &g)) return false;
  *uid = uv_uid_t(Saturate<int64_t>(u));
  *gid = uv_gid_t(Saturate<int64_t>(g));
  return true;
}

template <class F>
void ChangeOwner(Env& env, const Args& args, const char* syscall, F function) {
  PathArg path(env, args[0]);
  uv_uid_t uid;
  uv_gid_t gid;
  Op op = {.syscall = syscall};
  if (!path.ok() || !GetIds(env, args, &uid, &gid)) return;
  if (CannotWrite(env, args, 3, path)) return;
  if (RefuseChange(env, args, 3, op, path, /*of_link=*/syscall[0] == 'l')) return;
  Run(env, args, 3, op, path.c_str(), function, path.c_str(), uid, gid);
}

bool GetTimes(Env& env, const Args& args, double* atime, double* mtime) {
  return GetNumber(env, args[1], "atime", atime) && GetNumber(env, args[2], "mtime", mtime);
}

template <class F>
void ChangeTimes(Env& env, const Args& args, const char* syscall, F function) {
  PathArg path(env, args[0]);
  double atime, mtime;
  Op op = {.syscall = syscall};
  if (!path.ok() || !GetTimes(env, args, &atime, &mtime)) return;
  if (CannotWrite(env, args, -1, path)) return;
  if (RefuseChange(env, args, 3, op, path, /*of_link=*/syscall[0] == 'l')) return;
  Run(env, args, 3, op, path.c_str(), function, path.c_str(), atime, mtime);
}

}  // namespace

void ChMod(Env& env, const Args& args) {  // (path, mode, req)
  PathArg path(env, args[0]);
  int mode;
  Op op = {.syscall = "chmod"};
  if (!path.ok() || !GetInt(env, args[1], "mode", &mode)) return;
  if (CannotWrite(env, args, -1, path)) return;
  if (RefuseChange(env, args, 2, op, path)) return;
  Run(env, args, 2, op, path.c_str(), uv_fs_chmod, path.c_str(), mode);
}

void FChMod(Env& env, const Args& args) {  // (fd, mode, req)
  int fd, mode;
  if (!GetFd(env, args[0], &fd) || !GetInt(env, args[1], "mode", &mode)) return;
  if (RefusesDescriptors(env, "fchmod")) return;
  Run(env, args, 2, {.syscall = "fchmod"}, nullptr, uv_fs_fchmod, fd, mode);
}

void ChOwn(Env& env, const Args& args) { ChangeOwner(env, args, "chown", uv_fs_chown); }
void LChOwn(Env& env, const Args& args) { ChangeOwner(env, args, "lchown", uv_fs_lchown); }

void FChOwn(Env& env, const Args& args) {  // (fd, uid, gid, req)
  int fd;
  uv_uid_t uid;
  uv_gid_t gid;
  if (!GetFd(env, args[0], &fd) || !GetIds(env, args, &uid, &gid)) return;
  if (RefusesDescriptors(env, "fchown")) return;
  Run(env, args, 3, {.syscall = "fchown"}, nullptr, uv_fs_fchown, fd, uid, gid);
}

void UTimes(Env& env, const Args& args) { ChangeTimes(env, args, "utime", uv_fs_utime); }
void LUTimes(Env& env, const Args& args) { ChangeTimes(env, args, "lutime", uv_fs_lutime); }

void FUTimes(Env& env, const Args& args) {  // (fd, atime, mtime, req)
  int fd;
  double atime, mtime;
  if (!GetFd(env, args[0], &fd) || !GetTimes(env, args, &atime, &mtime)) return;
  if (RefusesDescriptors(env, "futimes")) return;
  Run(env, args, 3, {.syscall = "futime"}, nullptr, uv_fs_futime, fd, atime, mtime);
}

}  // namespace kiln::runtime::fs
