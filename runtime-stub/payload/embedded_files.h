// The files an executable carries: a read-only file system at /kiln, read in place from the payload
// (snapshot/format/payload_format.h). Directories are implied by the paths of files. Symbolic links
// are followed as the kernel does, but one that leads out of /kiln leads nowhere. While a section is
// set, nothing else exists below /kiln and nothing can be written there. Functions that return an
// int return 0 or a negative libuv code (UV_ENOENT, UV_EROFS, …). None calls JavaScript; all may be
// called from any thread. fs (bindings/fs) and the module loaders look here first. Nothing here makes
// a system call, except what returns a descriptor or takes a path outside of the embedded files, and
// getcwd() for a relative path that may lead to /kiln.
#pragma once

#include <uv.h>

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

// `section` is the payload's kFiles section, which must live as long as the process; it may be
// empty. The sources of bundled modules are files too, so SetBundledModules() comes first. Call it
// before a second thread runs.
void SetEmbeddedFiles(std::span<const uint8_t> section);

namespace embedded {

constexpr std::string_view kRoot = "/kiln";

extern bool g_present;

// Resolves ".", ".." and double slashes of a path, a relative one from the working directory; links
// only where a ".." would otherwise lead out of /kiln. Returns false, and leaves `resolved`
// unspecified, if the result is not at or below /kiln.
bool Resolve(std::string_view path, std::string* resolved);

// Whether a path belongs to the embedded files (it need not exist). This is the test that
// every path operation begins with: one flag and two bytes for ordinary paths.
inline bool Owns(std::string_view path) {
  if (!g_present || path.size() < kRoot.size() - 1) return false;
  char first = path[0] == '/' ? path[1] : path[0];
  if (first != 'k' && first != '/' && first != '.') return false;
  std::string resolved;
  return Resolve(path, &resolved);
}

// Whether a path is that of the folder above /kiln, whose list of names has kRoot's too.
bool IsParent(std::string_view path);

// A file that is open for reading, without a descriptor: its bytes are read where they lie in the
// payload, or decompressed once. Thread-safe.
class OpenFile {
 public:
  // As open(2): sets `out` and returns 0, or returns a negative libuv code. REQUIRES: Owns(path).
  static int Open(std::string_view path, int flags, std::shared_ptr<OpenFile>* out);

  const uv_stat_t& stat() const { return stat_; }
  // As pread(2), and with a negative position as read(2). Returns the number of bytes, or a negative
  // libuv code. A read that was begun before Descriptor() may run after it: it then reads from the
  // descriptor, so that the next read of that goes on where this one ends.
  ssize_t Read(std::span<const uv_buf_t> buffers, int64_t position);
  // The whole content, if it lies in the payload as it is; otherwise no data, or of an empty file.
  std::span<const uint8_t> InPlace() const { return in_place_; }
  // Returns a real descriptor of the same file at the same position, which the caller closes.
  int Descriptor();

  struct Private;  // only Open() creates objects
  OpenFile(const Private& opened);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;

 private:
  int Decompress();
  const std::unique_ptr<const Private> opened_;
  uv_stat_t stat_;
  std::mutex mutex_;  // for what follows
  std::span<const uint8_t> in_place_;
  std::unique_ptr<char[]> own_;  // decompressed; null before it is needed
  uint64_t position_ = 0;
  int fd_ = -1;  // from Descriptor(), not owned
};

// Reads the whole content, decompressed. Returns false when there is no such embedded file.
bool ReadFile(std::string_view path, std::string* out);

// The functions below require Owns(path).
int Stat(std::string_view path, uv_stat_t* out);
int LStat(std::string_view path, uv_stat_t* out);  // of a link itself
int Access(std::string_view path, int mode);
// Returns a file descriptor for reading, of a memory file with a copy of the content; the caller
// closes it. For who asks for a descriptor: it takes eight system calls.
int Open(std::string_view path, int flags);
// Returns a file descriptor, close-on-exec, that /proc/self/fd can execute: UV_EACCES for what is no
// executable file.
int OpenToExecute(std::string_view path);
int RealPath(std::string_view path, std::string* out);
int ReadLink(std::string_view path, std::string* out);
int StatFs(std::string_view path, uv_statfs_t* out);

struct Item {
  std::string name;
  uv_dirent_type_t type;
};
int List(std::string_view path, std::vector<Item>* out);
// The names in a folder of the disk for which IsParent() is true, with kRoot's.
int ListParent(const char* path, std::vector<Item>* out);

// Copies a file out; `flags` as for uv_fs_copyfile.
int CopyOut(std::string_view path, const char* to, int flags);

}  // namespace embedded
}  // namespace kiln::runtime
