// The files an executable carries: a read-only file system at /kiln, read in place from
// the payload (snapshot/format/payload_format.h). Directories are implied by the paths of files. While a
// section is set, /kiln belongs to it: a path below that is not in it does not exist, and
// nothing can be written there. The functions answer libuv codes, touch no JavaScript and
// may run on any thread. fs (bindings/fs) and the module loaders ask here first.
#pragma once

#include <uv.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

// Bytes of the payload's kFiles section; they must outlive everything. Call before any
// other thread runs. An empty span means that there are no embedded files.
void SetEmbeddedFiles(std::span<const uint8_t> section);

namespace embedded {

constexpr std::string_view kRoot = "/kiln";

extern bool g_present;

// `path` with ".", ".." and double slashes resolved, if it lies in the embedded files.
bool Resolve(std::string_view path, std::string* resolved);

// Whether a path belongs to the embedded files (it need not exist). This is the test that
// every path operation begins with: one flag and three bytes for ordinary paths.
inline bool Owns(std::string_view path) {
  if (!g_present || path.size() < kRoot.size() || path[0] != '/') return false;
  if (path[1] != 'k' && path[1] != '/' && path[1] != '.') return false;
  std::string resolved;
  return Resolve(path, &resolved);
}

// The whole content. False when the path is no embedded file.
bool ReadFile(std::string_view path, std::string* out);

// The functions below require Owns(path).
int Stat(std::string_view path, uv_stat_t* out);
int Access(std::string_view path, int mode);
// Answers a file descriptor for reading, on memory of its own.
int Open(std::string_view path, int flags);
int RealPath(std::string_view path, std::string* out);
int ReadLink(std::string_view path);  // always fails: there are no links
int StatFs(std::string_view path, uv_statfs_t* out);

struct Item {
  std::string name;
  uv_dirent_type_t type;
};
int List(std::string_view path, std::vector<Item>* out);

// Copies a file out; `flags` as for uv_fs_copyfile.
int CopyOut(std::string_view path, const char* to, int flags);

}  // namespace embedded
}  // namespace kiln::runtime
