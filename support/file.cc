// Files and folders with POSIX calls. The list of files to remove on a signal is guarded by a
// mutex. A separate thread waits for the signals (sigwait) and removes them, so that no code here
// runs inside a signal handler.
#include "support/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

namespace kiln {
namespace {

// The files to remove on a signal. Never destroyed: the waiting thread may outlive main.
struct PendingCleanup {
  std::mutex mutex;
  std::set<std::string> paths;
};
PendingCleanup& GetPendingCleanup() {
  static PendingCleanup* pending = new PendingCleanup;
  return *pending;
}
void AddCleanup(const std::string& path) {
  std::lock_guard lock(GetPendingCleanup().mutex);
  GetPendingCleanup().paths.insert(path);
}
void RemoveCleanup(const std::string& path) {
  std::lock_guard lock(GetPendingCleanup().mutex);
  GetPendingCleanup().paths.erase(path);
}

Result<> WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error error = SystemError("Cannot write", path, errno);
      if (errno == ENOSPC || errno == EDQUOT)
        error.notes.push_back("Free some space, or choose another place with -o.");
      return error;
    }
    bytes.remove_prefix(size_t(n));
  }
  return {};
}

uint32_t Umask() {
  // The mask can only be read by setting it; Kiln does so before other threads create files.
  static const mode_t mask = [] {
    mode_t m = umask(022);
    umask(m);
    return m;
  }();
  return mask;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError("Cannot read", path, errno);
  struct stat info = {};
  std::string bytes;
  if (fstat(fd, &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      close(fd);
      return SystemError("Cannot read", path, EISDIR);
    }
    bytes.resize(size_t(std::max<off_t>(0, info.st_size)) + 1);
  }
  size_t used = 0;
  while (true) {
    // The size may be wrong (procfs, pipes), so read until the end.
    if (used == bytes.size()) bytes.resize(used + 65536);
    ssize_t n = read(fd, bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error error = SystemError("Cannot read", path, errno);
      close(fd);
      return error;
    }
    used += size_t(n);
    if (n == 0) break;
  }
  close(fd);
  bytes.resize(used);
  return bytes;
}

Result<> WriteFileAtomically(const std::string& path, std::string_view bytes, uint32_t mode) {
  TRY(PendingFile file, PendingFile::Open(path));
  TRY_OK(file.Write(bytes));
  return file.Commit(mode);
}

Result<> MakeDirectories(const std::string& path) {
  if (path.empty() || IsDirectory(path)) return {};
  std::string parent = DirectoryOf(path);
  if (parent != path) TRY_OK(MakeDirectories(parent));
  if (mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    return SystemError("Cannot create the folder", path, errno);
  if (!IsDirectory(path)) return SystemError("Cannot create the folder", path, ENOTDIR);
  return {};
}

Result<> RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return SystemError("Cannot remove", path, errno);
  return {};
}

void RemoveLeastRecent(const std::string& folder, size_t count, uint64_t bytes) {
  auto names = ListDirectory(folder);
  if (!names.ok()) return;
  struct Used {
    int64_t time;  // in ns
    std::string path;
    uint64_t size;
  };
  std::vector<Used> files;
  for (const std::string& name : *names) {
    std::string path = JoinPath(folder, name);
    struct stat info = {};
    if (name[0] != '.' && stat(path.c_str(), &info) == 0)
      files.push_back({info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, path,
                       uint64_t(info.st_size)});
  }
  std::ranges::sort(files, [](const Used& a, const Used& b) { return a.time > b.time; });
  uint64_t sum = 0;
  for (size_t i = 0; i < files.size(); ++i) {
    sum += files[i].size;
    if (i >= count || sum > bytes) unlink(files[i].path.c_str());
  }
}

void RemoveTree(const std::string& path) {
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0) return;
  if (!S_ISDIR(info.st_mode)) {
    unlink(path.c_str());
    return;
  }
  if (auto names = ListDirectory(path); names.ok())
    for (const std::string& name : *names) RemoveTree(JoinPath(path, name));
  rmdir(path.c_str());
}

bool Exists(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0;
}
bool IsDirectory(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}
bool IsRegularFile(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

bool IsExecutable(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && (info.st_mode & S_IXUSR);
}

Result<std::vector<std::string>> ListDirectory(const std::string& path) {
  DIR* dir = opendir(path.c_str());
  if (!dir) return SystemError("Cannot list", path, errno);
  std::vector<std::string> names;
  while (dirent* entry = readdir(dir)) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

std::string JoinPath(std::string_view a, std::string_view b) {
  if (a.empty() || IsAbsolutePath(b)) return std::string(b);
  if (b.empty()) return std::string(a);
  std::string out(a);
  if (out.back() != '/') out += '/';
  return out.append(b);
}

std::string DirectoryOf(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  while (slash > 0 && path[slash - 1] == '/') --slash;
  return std::string(path.substr(0, std::max<size_t>(1, slash)));
}

std::string BaseNameOf(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.size() == 1) return std::string(path);
  return std::string(path.substr(slash + 1));
}

std::string ExtensionOf(std::string_view path) {
  std::string base = BaseNameOf(path);
  size_t dot = base.rfind('.');
  return dot == std::string::npos || dot == 0 ? "" : base.substr(dot);
}

bool IsAbsolutePath(std::string_view path) { return path.starts_with('/'); }

std::string NormalizePath(std::string_view path) {
  bool absolute = IsAbsolutePath(path);
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (part == ".." && absolute)
      continue;
    else
      parts.push_back(part);
  }
  std::string out = absolute ? "/" : "";
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i) out += '/';
    out.append(parts[i]);
  }
  return out.empty() ? "." : out;
}

std::string AbsolutePath(std::string_view path) {
  return NormalizePath(JoinPath(CurrentDirectory(), path));
}

std::string RelativePath(std::string_view path, std::string_view base) {
  std::string to = NormalizePath(path), from = NormalizePath(base);
  if (to == from) return ".";
  if (from != "/") from += '/';
  std::string slashed = to == "/" ? to : to + '/';
  size_t common = 0;
  for (size_t i = 0; i < from.size() && i < slashed.size() && from[i] == slashed[i]; ++i)
    if (from[i] == '/') common = i + 1;
  std::string out;
  for (char c : std::string_view(from).substr(common))
    if (c == '/') out += "../";
  if (common < to.size()) out += to.substr(common);
  if (out.ends_with('/')) out.pop_back();
  return out.empty() ? "." : out;
}

std::string CurrentDirectory() {
  char buffer[PATH_MAX];
  return getcwd(buffer, sizeof buffer) ? buffer : "/";
}

Result<std::string> RealPath(const std::string& path) {
  char buffer[PATH_MAX];
  if (!realpath(path.c_str(), buffer)) return SystemError("Cannot resolve", path, errno);
  return std::string(buffer);
}

std::string ExecutablePath() {
  char buffer[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", buffer, sizeof buffer);
  return n > 0 ? std::string(buffer, size_t(n)) : std::string();
}

std::string CacheDirectory() {
  if (const char* xdg = getenv("XDG_CACHE_HOME"); xdg && *xdg == '/') return JoinPath(xdg, "kiln");
  if (const char* home = getenv("HOME"); home && *home == '/') return JoinPath(home, ".cache/kiln");
  return "";
}

Result<TempDir> TempDir::Make(std::string_view prefix) {
  const char* base = getenv("TMPDIR");
  std::string path = JoinPath(base && *base ? AbsolutePath(base) : "/tmp", prefix) + "-XXXXXX";
  if (!mkdtemp(path.data())) {
    return SystemError("Cannot create a temporary folder in", DirectoryOf(path), errno)
        .Note("Set TMPDIR to a folder that can be written.");
  }
  return TempDir(std::move(path));
}

TempDir::TempDir(std::string path) : path_(std::move(path)) { AddCleanup(path_); }
TempDir::TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    Remove();
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}
TempDir::~TempDir() { Remove(); }

void TempDir::Remove() {
  if (path_.empty()) return;
  RemoveTree(path_);
  RemoveCleanup(path_);
}

Result<PendingFile> PendingFile::Open(const std::string& wanted) {
  // What a symbolic link points to is replaced, not the link.
  std::string target = wanted;
  if (auto real = RealPath(wanted); real.ok()) target = *real;
  struct stat info = {};
  if (stat(target.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return SystemError("Cannot write", wanted, EISDIR);
    if (!S_ISREG(info.st_mode)) {
      // /dev/null and pipes are written to; a rename would put a file in their place.
      int fd = open(target.c_str(), O_WRONLY | O_CLOEXEC);
      if (fd < 0) return SystemError("Cannot write", wanted, errno);
      return PendingFile("", "", fd);
    }
  }
  std::string folder = DirectoryOf(target);
  if (!IsDirectory(folder)) {
    return SystemError("Cannot write", wanted, Exists(folder) ? ENOTDIR : ENOENT)
        .Note("The folder " + folder + " must exist.");
  }
  int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return PendingFile(target, "", fd);
  // Not every file system supports files without a name.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
    return SystemError("Cannot write into the folder", folder, errno);
  std::string name = JoinPath(folder, "." + BaseNameOf(target) + ".XXXXXX");
  fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return SystemError("Cannot write into the folder", folder, errno);
  AddCleanup(name);
  return PendingFile(target, name, fd);
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)) {}

PendingFile::~PendingFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) {
    unlink(temporary_.c_str());
    RemoveCleanup(temporary_);
  }
}

Result<> PendingFile::Write(std::string_view bytes) {
  return WriteAll(fd_, bytes, target_.empty() ? "the output" : target_);
}

Result<> PendingFile::CopyFile(int fd, std::string_view bytes) {
  off_t from = 0;
  while (fd >= 0 && is_file() && size_t(from) < bytes.size()) {
    ssize_t n = copy_file_range(fd, &from, fd_, nullptr, bytes.size() - size_t(from), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;  // not between these file systems, for example
  }
  return Write(bytes.substr(size_t(from)));
}

Result<> PendingFile::WriteAt(uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = pwrite(fd_, bytes.data(), bytes.size(), off_t(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("Cannot write", target_, errno);
    offset += uint64_t(n);
    bytes.remove_prefix(size_t(n));
  }
  return {};
}

Result<> PendingFile::Commit(uint32_t mode) {
  if (target_.empty()) return {};  // was written in place
  if (fchmod(fd_, mode & ~Umask() & 07777) != 0)
    return SystemError("Cannot set the mode of", target_, errno);
  if (temporary_.empty()) {
    // linkat cannot replace a file, so the file gets a temporary name first.
    std::string source = "/proc/self/fd/" + std::to_string(fd_);
    for (int attempt = 0;; ++attempt) {
      std::string name = JoinPath(DirectoryOf(target_), "." + BaseNameOf(target_) + "." +
                                                            std::to_string(getpid()) + "-" +
                                                            std::to_string(attempt));
      AddCleanup(name);
      if (linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        temporary_ = name;
        break;
      }
      int error = errno;
      RemoveCleanup(name);
      if (error != EEXIST || attempt >= 100) return SystemError("Cannot write", target_, error);
    }
  }
  // Errors of delayed writes are reported here at the latest (NFS, quotas).
  if (close(std::exchange(fd_, -1)) != 0) return SystemError("Cannot write", target_, errno);
  // The names are exchanged and the old file removed, because ext4 writes a file to the disk when a
  // rename replaces another by it (auto_da_alloc), which takes longer than the rest of a build.
  if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0)
    unlink(temporary_.c_str());
  else if (rename(temporary_.c_str(), target_.c_str()) != 0)
    return SystemError("Cannot write", target_, errno);
  RemoveCleanup(std::exchange(temporary_, {}));
  return {};
}

void InstallInterruptCleanup() {
  (void)Umask();
  GetPendingCleanup();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  // Under nohup SIGHUP is ignored; keep that.
  struct sigaction hang_up = {};
  sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::thread([set] {
    int number = 0;
    if (sigwait(&set, &number) != 0) return;
    {
      // The lock is held until the process ends: no new files may be created from here on.
      PendingCleanup& pending = GetPendingCleanup();
      pending.mutex.lock();
      for (const std::string& path : pending.paths) RemoveTree(path);
    }
    signal(number, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    raise(number);
  }).detach();
}

}  // namespace kiln
