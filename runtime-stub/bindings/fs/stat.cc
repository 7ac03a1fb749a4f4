// stat, lstat, fstat, statfs, access, and two functions for module loading. The fields are stored
// in arrays that JavaScript shares (statValues and similar arrays), so a synchronous stat allocates
// no objects; each promise gets a new array.
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>

#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

struct StatArrays {
  explicit StatArrays(Env& env)
      : numbers(env, Slot::kStatValues, 2 * kStatFields),
        bigints(env, Slot::kBigintStatValues, 2 * kStatFields),
        statfs_numbers(env, Slot::kStatFsValues, 8),
        statfs_bigints(env, Slot::kBigintStatFsValues, 8) {}
  SharedArray<double> numbers;
  SharedArray<int64_t> bigints;
  SharedArray<double> statfs_numbers;
  SharedArray<int64_t> statfs_bigints;
};

// JavaScript depends on the order (internal/fs/utils: getStatsFromBinding).
template <class T>
void Write(const uv_stat_t& s, T* to) {
  *to++ = T(s.st_dev);
  *to++ = T(s.st_mode);
  *to++ = T(s.st_nlink);
  *to++ = T(s.st_uid);
  *to++ = T(s.st_gid);
  *to++ = T(s.st_rdev);
  *to++ = T(s.st_blksize);
  *to++ = T(s.st_ino);
  *to++ = T(s.st_size);
  *to++ = T(s.st_blocks);
  for (const uv_timespec_t* t : {&s.st_atim, &s.st_mtim, &s.st_ctim, &s.st_birthtim}) {
    *to++ = T(t->tv_sec);
    *to++ = T(t->tv_nsec);
  }
}

template <class T>
void Write(const JobResult& r, T* to) {
  *to++ = T(r.statfs.f_type);
  *to++ = T(r.statfs.f_bsize);
  *to++ = T(r.fragment_size);
  *to++ = T(r.statfs.f_blocks);
  *to++ = T(r.statfs.f_bfree);
  *to++ = T(r.statfs.f_bavail);
  *to++ = T(r.statfs.f_files);
  *to++ = T(r.statfs.f_ffree);
}

template <class T, class Stat>
v8::Local<v8::Value> NewArray(Env& env, const Stat& stat, size_t length) {
  auto buffer = v8::ArrayBuffer::New(env.isolate, length * sizeof(T));
  Write(stat, static_cast<T*>(buffer->Data()));
  return TypedArrayOf<T>::type::New(buffer, 0, length);
}

}  // namespace

void Stat(Env& env, const Args& args) {  // (path, bigint, req, throwIfNoEntry)
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, 2, path)) return;
  Op op = {.syscall = "stat",
           .to_js = ToStat,
           .bigint = args[1]->IsTrue(),
           .missing_is_undefined = args[3]->IsFalse() ? 2 : 0};
  if (path.embedded())
    return RunJob(env, args, 2, op, path.view(),
                  [p = path.str()](JobResult& r) { r.rc = embedded::Stat(p, &r.stat); });
  Run(env, args, 2, op, path.c_str(), uv_fs_stat, path.c_str());
}

void LStat(Env& env, const Args& args) {
  PathArg path(env, args[0]);
  if (!path.ok() || CannotSee(env, args, 2, path)) return;
  Op op = {.syscall = "lstat",
           .to_js = ToStat,
           .bigint = args[1]->IsTrue(),
           .missing_is_undefined = args[3]->IsFalse() ? 1 : 0};
  if (path.embedded())
    return RunJob(env, args, 2, op, path.view(),
                  [p = path.str()](JobResult& r) { r.rc = embedded::LStat(p, &r.stat); });
  Run(env, args, 2, op, path.c_str(), uv_fs_lstat, path.c_str());
}

void FStat(Env& env, const Args& args) {  // (fd, bigint, req)
  int fd;
  Op op = {.syscall = "fstat", .to_js = ToStat, .bigint = args[1]->IsTrue()};
  if (RunOnEmbedded(env, args, 2, op,
                    [](embedded::OpenFile& file, JobResult& r) { r.stat = file.stat(); }))
    return;
  if (!GetFd(env, args[0], &fd)) return;
  Run(env, args, 2, op, nullptr, uv_fs_fstat, fd);
}

// A job, because uv_fs_statfs has no fragment size before libuv 1.52.
void StatFs(Env& env, const Args& args) {  // (path, bigint, req)
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, 2, path)) return;
  Op op = {.syscall = "statfs", .to_js = ToStatFs, .bigint = args[1]->IsTrue()};
  RunJob(env, args, 2, op, path.view(), [p = path.str()](JobResult& r) {
    if (embedded::Owns(p)) {
      r.rc = embedded::StatFs(p, &r.statfs);
      r.fragment_size = r.statfs.f_bsize;
      return;
    }
    struct statfs s;
    while ((r.rc = statfs(p.c_str(), &s)) < 0 && errno == EINTR) {
    }
    if (r.rc < 0) {
      r.rc = -errno;
      return;
    }
    r.statfs = {
        uint64_t(s.f_type),   uint64_t(s.f_bsize), uint64_t(s.f_blocks), uint64_t(s.f_bfree),
        uint64_t(s.f_bavail), uint64_t(s.f_files), uint64_t(s.f_ffree),  {}};
    r.fragment_size = uint64_t(s.f_frsize);
  });
}

void Access(Env& env, const Args& args) {  // (path, mode, req)
  int mode;
  if (!GetMode(env, args[1], &mode)) return;
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, 2, path)) return;
  Op op = {.syscall = "access"};
  if (path.embedded())
    return RunJob(env, args, 2, op, path.view(),
                  [p = path.str(), mode](JobResult& r) { r.rc = embedded::Access(p, mode); });
  Run(env, args, 2, op, path.c_str(), uv_fs_access, path.c_str(), mode);
}

void ExistsSync(Env& env, const Args& args) {
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, -1, path)) return;
  bool exists =
      path.embedded() ? embedded::Access(path.view(), 0) == 0 : access(path.c_str(), F_OK) == 0;
  args.GetReturnValue().Set(exists);
}

// internalModuleStat: 0 for a file or anything else, 1 for a directory, a negative code if it does
// not exist. Module loading calls this often, so it creates no request and no error object.
void InternalModuleStat(Env& env, const Args& args) {
  PathArg path(env, args[0]);
  if (!path.ok()) return;
  if (env.permissions && !env.permissions->Sees(path.view()))
    return args.GetReturnValue().Set(UV_ENOENT);
  if (path.embedded()) {
    uv_stat_t s;
    int rc = embedded::Stat(path.view(), &s);
    return args.GetReturnValue().Set(rc < 0 ? rc : int(S_ISDIR(s.st_mode)));
  }
  struct stat s;
  int rc = stat(path.c_str(), &s);
  args.GetReturnValue().Set(rc < 0 ? -errno : int(S_ISDIR(s.st_mode)));
}

v8::Local<v8::Value> FillStats(Env& env, const uv_stat_t& stat, bool bigint, bool second) {
  auto& arrays = env.State<StatArrays>();
  size_t offset = second ? kStatFields : 0;
  if (bigint) {
    Write(stat, arrays.bigints.data() + offset);
    return env.Get(Slot::kBigintStatValues);
  }
  Write(stat, arrays.numbers.data() + offset);
  return env.Get(Slot::kStatValues);
}

v8::MaybeLocal<v8::Value> ToStat(Env& env, FsResult& outcome) {
  if (!outcome.own_array) return FillStats(env, outcome.stat(), outcome.bigint);
  if (outcome.bigint) return NewArray<int64_t>(env, outcome.stat(), kStatFields);
  return NewArray<double>(env, outcome.stat(), kStatFields);
}

v8::MaybeLocal<v8::Value> ToStatFs(Env& env, FsResult& outcome) {
  const JobResult& result = *outcome.job;
  if (outcome.own_array && outcome.bigint) return NewArray<int64_t>(env, result, 8);
  if (outcome.own_array) return NewArray<double>(env, result, 8);
  auto& arrays = env.State<StatArrays>();
  if (outcome.bigint)
    Write(result, arrays.statfs_bigints.data());
  else
    Write(result, arrays.statfs_numbers.data());
  return StatFsArray(env, outcome.bigint);
}

v8::Local<v8::Value> StatArray(Env& env, bool bigint) {
  auto& arrays = env.State<StatArrays>();
  return bigint ? arrays.bigints.js() : arrays.numbers.js();
}

v8::Local<v8::Value> StatFsArray(Env& env, bool bigint) {
  auto& arrays = env.State<StatArrays>();
  return bigint ? arrays.statfs_bigints.js() : arrays.statfs_numbers.js();
}

}  // namespace kiln::runtime::fs
