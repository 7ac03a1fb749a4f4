// Opening and closing files, and the functions readFileUtf8 and writeFileUtf8 for whole files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

v8::MaybeLocal<v8::Value> ToUnmanagedFd(Env& env, FsResult& outcome) {
  env.State<UnmanagedFds>().Add(int(outcome.result));
  return ToInteger(env, outcome);
}

v8::MaybeLocal<v8::Value> ToFileHandle(Env& env, FsResult& outcome) {
  return NewFileHandle(env, int(outcome.result), std::string(outcome.path));
}

void OpenAs(Env& env, const Args& args, ToJs to_js) {  // (path, flags, mode, req)
  PathArg path(env, args[0]);
  int flags, mode;
  if (!path.ok() || !GetInt(env, args[1], "flags", &flags) || !GetInt(env, args[2], "mode", &mode))
    return;
  if (CannotOpen(env, args, 3, flags, path)) return;
  Op op = {.syscall = "open", .to_js = to_js, .abandon = [](FsResult& outcome) {
             close(int(outcome.result));
           }};
  if (path.embedded())
    return RunJob(env, args, 3, op, path.view(),
                  [p = path.str(), flags](JobResult& r) { r.rc = embedded::Open(p, flags); });
  Run(env, args, 3, op, path.c_str(), uv_fs_open, path.c_str(), flags, mode);
}

// The descriptor for the first argument: the number itself, or a file that is opened by path. `*owned`: the
// caller must close it. An embedded file is opened without descriptor if `file` is not null.
bool OpenOrUse(Env& env, const Args& args, int flags, int mode, int* fd, bool* owned,
               std::shared_ptr<embedded::OpenFile>* file = nullptr) {
  *owned = false;
  v8::Local<v8::Value> value = args[0];
  if (value->IsInt32()) {
    *fd = value.As<v8::Int32>()->Value();
    return true;
  }
  PathArg path(env, value);
  if (!path.ok() || CannotOpen(env, args, -1, flags, path)) return false;
  if (path.embedded()) {
    *fd = file ? embedded::OpenFile::Open(path.view(), flags, file)
               : embedded::Open(path.view(), flags);
  } else {
    do {
      *fd = open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (*fd < 0 && errno == EINTR);
    if (*fd < 0) *fd = -errno;
  }
  if (*fd < 0) {
    Error::Uv(*fd, "open", path.view()).Throw(env);
    return false;
  }
  *owned = !file || !*file;
  return true;
}

ssize_t ReadSome(int fd, char* to, size_t size) {
  ssize_t n;
  do {
    n = read(fd, to, size);
  } while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

struct Free {
  void operator()(char* memory) const { std::free(memory); }
};

}  // namespace

void Open(Env& env, const Args& args) { OpenAs(env, args, ToUnmanagedFd); }
void OpenFileHandle(Env& env, const Args& args) { OpenAs(env, args, ToFileHandle); }

void Close(Env& env, const Args& args) {  // (fd, req)
  int fd;
  const Op op = {.syscall = "close"};
  if (RunOnEmbedded(env, args, 1, op, [](embedded::OpenFile&, JobResult&) {}))
    return EmbeddedFile::From(env, args[0])->Close();
  if (!GetFd(env, args[0], &fd)) return;
  env.State<UnmanagedFds>().Remove(fd);
  Run(env, args, 1, op, nullptr, uv_fs_close, fd);
}

namespace {

void ReturnContent(Env& env, const Args& args, embedded::OpenFile& file) {
  std::string own;
  const char* data = reinterpret_cast<const char*>(file.InPlace().data());
  size_t size = file.InPlace().size();
  if (!data) {
    own.resize(std::max<size_t>(file.stat().st_size, 1));
    uv_buf_t buffer = {own.data(), own.size()};
    ssize_t n = file.Read({&buffer, 1}, 0);
    if (n < 0) return Error::Uv(int(n), "read").Throw(env);
    data = own.data();
    size = size_t(n);
  }
  v8::Local<v8::Value> text;
  if (EncodeString(env, data, size, Encoding::kUtf8).ToLocal(&text))
    args.GetReturnValue().Set(text);
}

}  // namespace

// readFileSync(path, 'utf8') in one native call: for small files open, two reads and close.
void ReadFileUtf8(Env& env, const Args& args) {  // (path or fd, flags)
  int flags, fd;
  bool owned;
  std::shared_ptr<embedded::OpenFile> file;
  if (!GetInt(env, args[1], "flags", &flags) ||
      !OpenOrUse(env, args, flags, 0666, &fd, &owned, &file))
    return;
  if (file) return ReturnContent(env, args, *file);
  char small[16 * 1024];
  std::unique_ptr<char, Free> large;
  char* data = small;
  size_t size = 0, capacity = sizeof small;
  ssize_t n;
  while ((n = ReadSome(fd, data + size, capacity - size)) > 0) {
    size += size_t(n);
    if (size < capacity) continue;
    // The size of the file is a hint; a read that returns 0 ends the loop.
    size_t wanted = capacity * 2;
    struct stat s;
    if (!large && fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && size_t(s.st_size) >= capacity)
      wanted = std::min<size_t>(size_t(s.st_size) + 1, size_t{1} << 30);
    wanted = std::max(wanted, capacity + 4096);
    auto* grown = static_cast<char*>(std::realloc(large.get(), wanted));
    if (!grown) {
      n = UV_ENOMEM;
      break;
    }
    (void)large.release();
    if (data == small) std::copy(small, small + size, grown);
    large.reset(grown);
    data = grown;
    capacity = wanted;
  }
  if (owned) close(fd);
  if (n < 0) return Error::Uv(int(n), "read").Throw(env);
  v8::Local<v8::Value> text;
  if (EncodeString(env, data, size, Encoding::kUtf8).ToLocal(&text))
    args.GetReturnValue().Set(text);
}

// writeFileSync(path, string) in one native call.
void WriteFileUtf8(Env& env, const Args& args) {  // (path or fd, data, flags, mode)
  int flags, mode, fd;
  bool owned;
  std::string data;
  if (!GetInt(env, args[2], "flags", &flags) || !GetInt(env, args[3], "mode", &mode)) return;
  if (!DecodeValue(env, args[1], Encoding::kUtf8, &data))
    return Error::Type("ERR_INVALID_ARG_TYPE", "The \"data\" argument must be of type string")
        .Throw(env);
  if (!OpenOrUse(env, args, flags, mode, &fd, &owned)) return;
  int rc = 0;
  for (size_t done = 0; done < data.size();) {
    ssize_t n = write(fd, data.data() + done, data.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      rc = -errno;
      break;
    }
    done += size_t(n);
  }
  const char* failed = "write";
  if (owned && close(fd) < 0 && rc == 0 && errno != EINTR && errno != EINPROGRESS) {
    rc = -errno;
    failed = "close";
  }
  if (rc < 0) Error::Uv(rc, failed).Throw(env);
}

}  // namespace kiln::runtime::fs
