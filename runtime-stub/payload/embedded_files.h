// The files an executable carries: a read-only file system at /kiln, read in place from the payload
// (snapshot/format/payload_format.h). Directories are implied by the paths of files. Symbolic links
// are followed as the kernel does, but one that leads out of /kiln leads nowhere. While a section is
// set, nothing else exists below /kiln and nothing can be written there. Functions that return an
// int return 0 or a negative libuv code (UV_ENOENT, UV_EROFS, …). None calls JavaScript; all may be
// called from any thread. fs (bindings/fs) and the module loaders look here first.
#pragma once

#include <uv.h>

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

// Reads the whole content, decompressed. Returns false when there is no such embedded file.
bool ReadFile(std::string_view path, std::string* out);

// The functions below require Owns(path).
int Stat(std::string_view path, uv_stat_t* out);
int LStat(std::string_view path, uv_stat_t* out);  // of a link itself
int Access(std::string_view path, int mode);
// Returns a file descriptor for reading, of a memory file with a copy of the content; the caller
// closes it.
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
