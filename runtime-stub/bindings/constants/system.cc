// Constants of the operating system and of libuv: errno values, signals, dlopen flags, and
// what fs needs.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "runtime-stub/bindings/constants/constants.h"

namespace kiln {
namespace {

#define KILN_DLOPEN(V) V(RTLD_LAZY) V(RTLD_NOW) V(RTLD_GLOBAL) V(RTLD_LOCAL) V(RTLD_DEEPBIND)

#define KILN_ERRNO(V)                                                                              \
  V(E2BIG)                                                                                         \
  V(EACCES) V(EADDRINUSE) V(EADDRNOTAVAIL) V(EAFNOSUPPORT) V(EAGAIN) V(EALREADY) V(EBADF)          \
      V(EBADMSG) V(EBUSY) V(ECANCELED) V(ECHILD) V(ECONNABORTED) V(ECONNREFUSED) V(ECONNRESET)     \
          V(EDEADLK) V(EDESTADDRREQ) V(EDOM) V(EDQUOT) V(EEXIST) V(EFAULT) V(EFBIG)                \
              V(EHOSTUNREACH) V(EIDRM) V(EILSEQ) V(EINPROGRESS) V(EINTR) V(EINVAL) V(EIO)          \
                  V(EISCONN) V(EISDIR) V(ELOOP) V(EMFILE) V(EMLINK) V(EMSGSIZE) V(EMULTIHOP)       \
                      V(ENAMETOOLONG) V(ENETDOWN) V(ENETRESET) V(ENETUNREACH) V(ENFILE) V(ENOBUFS) \
                          V(ENODATA) V(ENODEV) V(ENOENT) V(ENOEXEC) V(ENOLCK) V(ENOLINK) V(ENOMEM) \
                              V(ENOMSG) V(ENOPROTOOPT) V(ENOSPC) V(ENOSR) V(ENOSTR) V(ENOSYS)      \
                                  V(ENOTCONN) V(ENOTDIR) V(ENOTEMPTY) V(ENOTSOCK) V(ENOTSUP)       \
                                      V(ENOTTY) V(ENXIO) V(EOPNOTSUPP) V(EOVERFLOW) V(EPERM)       \
                                          V(EPIPE) V(EPROTO) V(EPROTONOSUPPORT) V(EPROTOTYPE)      \
                                              V(ERANGE) V(EROFS) V(ESPIPE) V(ESRCH) V(ESTALE)      \
                                                  V(ETIME) V(ETIMEDOUT) V(ETXTBSY) V(EWOULDBLOCK)  \
                                                      V(EXDEV)

#define KILN_SIGNALS(V)                                                                          \
  V(SIGHUP)                                                                                      \
  V(SIGINT) V(SIGQUIT) V(SIGILL) V(SIGTRAP) V(SIGABRT) V(SIGIOT) V(SIGBUS) V(SIGFPE) V(SIGKILL)  \
      V(SIGUSR1) V(SIGSEGV) V(SIGUSR2) V(SIGPIPE) V(SIGALRM) V(SIGTERM) V(SIGCHLD) V(SIGSTKFLT)  \
          V(SIGCONT) V(SIGSTOP) V(SIGTSTP) V(SIGTTIN) V(SIGTTOU) V(SIGURG) V(SIGXCPU) V(SIGXFSZ) \
              V(SIGVTALRM) V(SIGPROF) V(SIGWINCH) V(SIGIO) V(SIGPOLL) V(SIGPWR) V(SIGSYS)

// libuv has these under longer names only.
#define COPYFILE_EXCL UV_FS_COPYFILE_EXCL
#define COPYFILE_FICLONE UV_FS_COPYFILE_FICLONE
#define COPYFILE_FICLONE_FORCE UV_FS_COPYFILE_FICLONE_FORCE
#define KILN_FS(V)                                                                                 \
  V(UV_FS_SYMLINK_DIR)                                                                             \
  V(UV_FS_SYMLINK_JUNCTION) V(O_RDONLY) V(O_WRONLY) V(O_RDWR) V(UV_DIRENT_UNKNOWN)                 \
      V(UV_DIRENT_FILE) V(UV_DIRENT_DIR) V(UV_DIRENT_LINK) V(UV_DIRENT_FIFO) V(UV_DIRENT_SOCKET)   \
          V(UV_DIRENT_CHAR) V(UV_DIRENT_BLOCK) V(S_IFMT) V(S_IFREG) V(S_IFDIR) V(S_IFCHR)          \
              V(S_IFBLK) V(S_IFIFO) V(S_IFLNK) V(S_IFSOCK) V(O_CREAT) V(O_EXCL) V(UV_FS_O_FILEMAP) \
                  V(UV_FS_O_TEMPORARY) V(UV_FS_O_SHORT_LIVED) V(UV_FS_O_SEQUENTIAL)                \
                      V(UV_FS_O_RANDOM) V(O_NOCTTY) V(O_TRUNC) V(O_APPEND) V(O_DIRECTORY)          \
                          V(O_NOATIME) V(O_NOFOLLOW) V(O_SYNC) V(O_DSYNC) V(O_DIRECT)              \
                              V(O_NONBLOCK) V(S_IRWXU) V(S_IRUSR) V(S_IWUSR) V(S_IXUSR) V(S_IRWXG) \
                                  V(S_IRGRP) V(S_IWGRP) V(S_IXGRP) V(S_IRWXO) V(S_IROTH)           \
                                      V(S_IWOTH) V(S_IXOTH) V(F_OK) V(R_OK) V(W_OK) V(X_OK)        \
                                          V(UV_FS_COPYFILE_EXCL) V(COPYFILE_EXCL)                  \
                                              V(UV_FS_COPYFILE_FICLONE) V(COPYFILE_FICLONE)        \
                                                  V(UV_FS_COPYFILE_FICLONE_FORCE)                  \
                                                      V(COPYFILE_FICLONE_FORCE)

constexpr Constant kDlopen[] = {KILN_DLOPEN(KILN_CONSTANT)};
constexpr Constant kErrno[] = {KILN_ERRNO(KILN_CONSTANT)};
constexpr Constant kSignals[] = {KILN_SIGNALS(KILN_CONSTANT)};
constexpr Constant kFs[] = {KILN_FS(KILN_CONSTANT)};

}  // namespace

std::span<const Constant> DlopenConstants() { return kDlopen; }
std::span<const Constant> ErrnoConstants() { return kErrno; }
std::span<const Constant> SignalConstants() { return kSignals; }
std::span<const Constant> FsConstants() { return kFs; }

}  // namespace kiln
