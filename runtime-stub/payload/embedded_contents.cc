// The content of embedded files: read in place, and in descriptors of memory files for code that
// needs one (child processes, programs, fs.open).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "runtime-stub/payload/bundled_modules.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/embedded_lookup.h"

namespace kiln::runtime::embedded {

namespace {

// The content, if it lies in the payload as it is.
std::span<const uint8_t> StoredContent(const File& file) {
  if (!file.module) return file.compressed ? std::span<const uint8_t>() : file.stored;
  bundled::Module module = bundled::At(file.index);
  // Latin-1 of the same size is ASCII, which is UTF-8.
  if (module.Has(format::kTwoByte) || module.source.size() != file.size) return {};
  return {reinterpret_cast<const uint8_t*>(module.source.data()), module.source.size()};
}

bool Unpack(const File& file, char* to) {
  if (file.module) return bundled::WriteSource(bundled::At(file.index), to);
  if (!file.compressed) {
    std::memcpy(to, file.stored.data(), file.size);
    return true;
  }
  size_t n = ZSTD_decompress(to, file.size, file.stored.data(), file.stored.size());
  return !ZSTD_isError(n) && n == file.size;
}

int WriteAll(int fd, const uint8_t* data, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    data += n;
    size -= size_t(n);
  }
  return 0;
}

// Writes the content to an empty memory file.
int Fill(int fd, const File& file) {
  if (file.size == 0) return 0;
  if (auto content = StoredContent(file); content.data())
    return WriteAll(fd, content.data(), content.size());
  if (ftruncate(fd, off_t(file.size)) < 0) return -errno;
  void* memory = mmap(nullptr, file.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return -errno;
  int rc = Unpack(file, static_cast<char*>(memory)) ? 0 : UV_EIO;
  munmap(memory, file.size);
  return rc;
}

// A sealed file in memory with the content, opened again for reading only, so that it
// behaves as a descriptor of a file opened O_RDONLY does.
int MemoryFile(const File& file, std::string_view path, int flags) {
  std::string name(path.substr(0, 200));
  // Since Linux 6.3 a system may require the flag for files that are executed.
  constexpr unsigned kMfdExec = 0x10;
  unsigned memory_flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  bool executable = file.mode & kExecutableBits;
  int fd = memfd_create(name.c_str(), memory_flags | (executable ? kMfdExec : 0));
  if (fd < 0 && errno == EINVAL && executable) fd = memfd_create(name.c_str(), memory_flags);
  if (fd < 0) return -errno;
  if (int rc = Fill(fd, file); rc < 0) {
    close(fd);
    return rc;
  }
  timespec times[2] = {{kTime, 0}, {kTime, 0}};
  futimens(fd, times);
  fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  std::string self = "/proc/self/fd/" + std::to_string(fd);
  int reading = open(self.c_str(), O_RDONLY | O_CLOEXEC | (flags & O_NONBLOCK));
  if (reading >= 0) {  // without /proc the sealed one serves
    fchmod(fd, file.mode);
    close(fd);
    fd = reading;
  } else {
    lseek(fd, 0, SEEK_SET);
  }
  return fd;
}

// Looks up what open(2) with `flags` opens. Returns 0, or the error of open().
int FindToOpen(std::string_view path, int flags, std::string* resolved, PathKind* kind,
               File* file) {
  bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  bool is_followed = !exclusive && !(flags & O_NOFOLLOW);
  int rc = Find(path, resolved, kind, file, is_followed ? Follow::kAll : Follow::kAllButLast);
  bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
  if (rc == UV_ENOENT && (flags & O_CREAT)) return UV_EROFS;
  if (rc < 0) return rc;
  if (exclusive) return UV_EEXIST;
  if (*kind == PathKind::kLink) return UV_ELOOP;
  if (*kind == PathKind::kDirectory) return writes || (flags & O_CREAT) ? UV_EISDIR : 0;
  if (writes) return UV_EROFS;
  return flags & O_DIRECTORY ? UV_ENOTDIR : 0;
}

int DescriptorOf(PathKind kind, const File& file, std::string_view resolved, int flags) {
  if (kind == PathKind::kFile) return MemoryFile(file, resolved, flags);
  // Reading a descriptor of a directory fails with EISDIR, whichever directory it is.
  int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

}  // namespace

struct OpenFile::Private {
  std::string resolved;
  int flags;
  PathKind kind;
  File file;
};

OpenFile::OpenFile(const Private& opened) : opened_(new Private(opened)) {
  FillStat(opened.kind, opened.file, opened.resolved, &stat_);
  if (opened.kind == PathKind::kFile) in_place_ = StoredContent(opened.file);
}

OpenFile::~OpenFile() = default;

int OpenFile::Open(std::string_view path, int flags, std::shared_ptr<OpenFile>* out) {
  Private opened = {.flags = flags};
  int rc = FindToOpen(path, flags, &opened.resolved, &opened.kind, &opened.file);
  if (rc == 0) *out = std::make_shared<OpenFile>(opened);
  return rc;
}

int OpenFile::Decompress() {
  if (own_) return 0;
  std::unique_ptr<char[]> content(new (std::nothrow) char[opened_->file.size]);
  if (!content) return UV_ENOMEM;
  if (!Unpack(opened_->file, content.get())) return UV_EIO;
  own_ = std::move(content);
  return 0;
}

// As libuv's read, which node would have used.
static ssize_t ReadDescriptor(int fd, std::span<const uv_buf_t> buffers) {
  static_assert(sizeof(uv_buf_t) == sizeof(iovec));
  ssize_t n;
  do n = readv(fd, reinterpret_cast<const iovec*>(buffers.data()), int(buffers.size()));
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

ssize_t OpenFile::Read(std::span<const uv_buf_t> buffers, int64_t position) {
  if (opened_->kind == PathKind::kDirectory) return UV_EISDIR;
  const File& file = opened_->file;
  std::lock_guard lock(mutex_);
  if (fd_ >= 0 && position < 0) return ReadDescriptor(fd_, buffers);
  const uint64_t begin = position < 0 ? position_ : uint64_t(position);
  if (begin >= file.size) return 0;
  uint64_t at = begin;
  if (!in_place_.data() && !own_ && begin == 0 && !buffers.empty() && buffers[0].len >= file.size) {
    // All at once: directly to where it is wanted.
    if (!Unpack(file, buffers[0].base)) return UV_EIO;
    at = file.size;
  } else {
    if (int rc = in_place_.data() ? 0 : Decompress(); rc < 0) return rc;
    const char* content =
        in_place_.data() ? reinterpret_cast<const char*>(in_place_.data()) : own_.get();
    for (const uv_buf_t& buffer : buffers) {
      size_t n = std::min<uint64_t>(buffer.len, file.size - at);
      if (n > 0) std::memcpy(buffer.base, content + at, n);
      at += n;
    }
  }
  if (position < 0) position_ = at;
  return ssize_t(at - begin);
}

int OpenFile::Descriptor() {
  int fd = DescriptorOf(opened_->kind, opened_->file, opened_->resolved, opened_->flags);
  if (fd < 0) return fd;
  std::lock_guard lock(mutex_);
  if (position_ > 0) lseek(fd, off_t(position_), SEEK_SET);
  return fd_ = fd;
}

bool ReadFile(std::string_view path, std::string* out) {
  if (!Owns(path)) return false;
  std::string resolved;
  PathKind kind;
  File file;
  if (Find(path, &resolved, &kind, &file) != 0 || kind != PathKind::kFile) return false;
  out->resize(file.size);
  return Unpack(file, out->data());
}

int Open(std::string_view path, int flags) {
  std::string resolved;
  PathKind kind;
  File file;
  int rc = FindToOpen(path, flags, &resolved, &kind, &file);
  return rc < 0 ? rc : DescriptorOf(kind, file, resolved, flags);
}

int OpenToExecute(std::string_view path) {
  std::string resolved;
  PathKind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc < 0) return rc;
  if (kind == PathKind::kDirectory || !(file.mode & kExecutableBits)) return UV_EACCES;
  return MemoryFile(file, resolved, O_RDONLY);
}

int CopyOut(std::string_view path, const char* to, int flags) {
  std::string resolved;
  PathKind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc < 0) return rc;
  if (kind == PathKind::kDirectory) return UV_EISDIR;
  if (flags & UV_FS_COPYFILE_FICLONE_FORCE) return UV_ENOSYS;
  if (Owns(to)) return UV_EROFS;
  std::string own;
  std::span<const uint8_t> content = StoredContent(file);
  if (!content.data()) {
    own.resize(file.size);
    if (!Unpack(file, own.data())) return UV_EIO;
    content = {reinterpret_cast<const uint8_t*>(own.data()), own.size()};
  }
  int exclusive = flags & UV_FS_COPYFILE_EXCL ? O_EXCL : O_TRUNC;
  int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC | exclusive, file.mode);
  if (fd < 0) return -errno;
  rc = WriteAll(fd, content.data(), content.size());
  // As uv_fs_copyfile does, whatever the umask is.
  if (rc == 0 && fchmod(fd, file.mode) < 0 && errno != EPERM) rc = -errno;
  if (close(fd) < 0 && rc == 0) rc = -errno;
  if (rc < 0) unlink(to);
  return rc;
}

}  // namespace kiln::runtime::embedded
