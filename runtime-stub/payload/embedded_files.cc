// Look-ups in the kFiles section; embedded_contents.cc reads what they find. Its entries are sorted by path, so a file is found by
// binary search, and a directory is the run of entries that start with its path and "/".
// The app's modules are files too, whose content is their source (bundled_modules.h).
// Every offset is checked when an entry is read: a damaged section gives EIO, no crash.
#include "runtime-stub/payload/embedded_files.h"

#include <limits.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "runtime-stub/payload/bundled_modules.h"
#include "runtime-stub/payload/embedded_lookup.h"
#include "snapshot/format/payload_format.h"
#include "support/fnv.h"

namespace kiln::runtime {
namespace embedded {

bool g_present = false;

namespace {

constexpr uint64_t kDevice = 0x6b696c6e;  // "kiln"

std::span<const uint8_t> g_section;
uint32_t g_count = 0;

bool Inside(uint64_t offset, uint64_t size) {
  return offset <= g_section.size() && size <= g_section.size() - offset;
}

File At(uint32_t index) {
  format::FileEntry entry;
  std::memcpy(&entry, g_section.data() + sizeof(format::FilesHeader) + index * sizeof entry,
              sizeof entry);
  File file;
  file.index = index;
  if (!Inside(entry.path_offset, entry.path_size) || !Inside(entry.data_offset, entry.data_size)) {
    file.damaged = true;
    return file;
  }
  file.path = {reinterpret_cast<const char*>(g_section.data()) + entry.path_offset,
               entry.path_size};
  file.stored = g_section.subspan(entry.data_offset, entry.data_size);
  file.size = entry.raw_size;
  file.mode = entry.mode & 0777;
  file.compressed = entry.flags & format::kZstd;
  // A block of zstd has at least 4 bytes and gives at most 128 KiB.
  constexpr uint64_t kMaxRatio = 128 * 1024 / 4;
  file.damaged = file.compressed ? entry.raw_size / kMaxRatio > entry.data_size
                                 : entry.data_size != entry.raw_size;
  return file;
}

// The first entry whose path is not less than `path`.
uint32_t LowerBound(std::string_view path, uint32_t low = 0) {
  uint32_t high = g_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (At(middle).path < path)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// Whether a module is a file by its source. JSON and WebAssembly have entries.
bool HasSource(const bundled::Module& module) {
  return module.kind == bundled::ModuleKind::kCommonJs || module.kind == bundled::ModuleKind::kEsm;
}

bool FindModule(std::string_view path, File* out) {
  uint32_t index = bundled::LowerBound(path);
  if (index == bundled::Count()) return false;
  bundled::Module module = bundled::At(bundled::ByPath(index));
  if (module.path != path || !HasSource(module)) return false;
  *out = {};
  out->path = module.path;
  out->module = true;
  out->index = bundled::ByPath(index);
  out->mode = module.flags & format::kExecutable ? 0755 : 0644;
  return true;
}

bool FindFile(std::string_view path, File* out) {
  uint32_t index = LowerBound(path);
  if (index < g_count) {
    *out = At(index);
    if (out->path == path) return true;
  }
  return FindModule(path, out);
}

bool IsDirectory(const std::string& path) {
  if (path == kRoot) return true;
  std::string prefix = path + '/';
  uint32_t index = LowerBound(prefix);
  if (index < g_count && At(index).path.starts_with(prefix)) return true;
  for (index = bundled::LowerBound(prefix); index < bundled::Count(); index++) {
    bundled::Module module = bundled::At(bundled::ByPath(index));
    if (!module.path.starts_with(prefix)) break;
    if (HasSource(module)) return true;
  }
  return false;
}

// What is before each ".." must be a folder. Returns 0 or the libuv error for what it is.
int CheckFoldersOf(std::string_view path) {
  std::string before;
  File file;
  for (size_t at = 0; (at = path.find("..", at)) != std::string_view::npos; at += 2) {
    bool part = at > 0 && path[at - 1] == '/' && (at + 2 == path.size() || path[at + 2] == '/');
    if (!part || !Resolve(path.substr(0, at), &before) || IsDirectory(before)) continue;
    return FindFile(before, &file) ? UV_ENOTDIR : UV_ENOENT;
  }
  return 0;
}

}  // namespace

int Find(std::string_view path, std::string* resolved, Kind* kind, File* file) {
  if (!Resolve(path, resolved)) return UV_ENOENT;
  if (path.size() >= PATH_MAX) return UV_ENAMETOOLONG;
  if (int rc = CheckFoldersOf(path)) return rc;
  if (FindFile(*resolved, file)) {
    *kind = Kind::kFile;
    if (file->damaged) return UV_EIO;
    if (file->module) file->size = bundled::SourceSize(bundled::At(file->index));
    return path.ends_with('/') || path.ends_with("/.") ? UV_ENOTDIR : 0;
  }
  if (IsDirectory(*resolved)) {
    *kind = Kind::kDirectory;
    return 0;
  }
  // A file used as a directory?
  for (size_t end = resolved->rfind('/'); end > kRoot.size() && end != std::string::npos;
       end = resolved->rfind('/', end - 1))
    if (FindFile(std::string_view(*resolved).substr(0, end), file)) return UV_ENOTDIR;
  size_t slash = resolved->rfind('/');
  return resolved->size() - slash > NAME_MAX + 1 ? UV_ENAMETOOLONG : UV_ENOENT;
}

void FillStat(Kind kind, const File& file, std::string_view path, uv_stat_t* out) {
  *out = {};
  bool directory = kind == Kind::kDirectory;
  out->st_dev = kDevice;
  out->st_mode = directory ? S_IFDIR | 0755 : S_IFREG | file.mode;
  out->st_nlink = directory ? 2 : 1;
  // Those with which the process started; without a system call.
  out->st_uid = getauxval(AT_UID);
  out->st_gid = getauxval(AT_GID);
  // Small for files; those of directories never meet them and stay exact as a double.
  out->st_ino = directory ? (Fnv1a64(path) >> 16) | (uint64_t{1} << 40)
                          : uint64_t{file.index} + 2 + (file.module ? g_count : 0);
  out->st_size = directory ? 4096 : file.size;
  out->st_blksize = 4096;
  out->st_blocks = (out->st_size + 511) / 512;
  out->st_atim = out->st_mtim = out->st_ctim = out->st_birthtim = {kTime, 0};
}

namespace {

// Whether a relative path can lead to /kiln from some directory: it begins with "..", or it may be
// in the root.
bool MayLeadToRoot(std::string_view path) {
  while (path.starts_with("./")) {
    path.remove_prefix(2);
    while (path.starts_with('/')) path.remove_prefix(1);
  }
  return path.starts_with("../") || path.starts_with(kRoot.substr(1));
}

// "." and ".." of an absolute path. The root is an empty string.
void Normalize(std::string_view path, std::string* resolved) {
  resolved->clear();
  resolved->reserve(path.size());
  for (size_t i = 0; i < path.size();) {
    size_t end = path.find('/', i);
    if (end == std::string_view::npos) end = path.size();
    std::string_view part = path.substr(i, end - i);
    i = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      size_t cut = resolved->rfind('/');
      resolved->resize(cut == std::string::npos ? 0 : cut);
      continue;
    }
    *resolved += '/';
    resolved->append(part);
  }
}

}  // namespace

bool Resolve(std::string_view path, std::string* resolved) {
  if (!g_present || path.empty()) return false;
  std::string absolute;
  if (path[0] != '/') {
    if (!MayLeadToRoot(path)) return false;
    char directory[PATH_MAX];
    if (!getcwd(directory, sizeof directory)) return false;
    absolute.append(directory).append("/").append(path);
    path = absolute;
  }
  Normalize(path, resolved);
  std::string_view r = *resolved;
  return r.starts_with(kRoot) && (r.size() == kRoot.size() || r[kRoot.size()] == '/');
}

bool IsParent(std::string_view path) {
  if (!g_present || path.empty() || path.find_first_not_of("/.") != std::string_view::npos)
    return false;
  struct stat it, root;
  return stat(std::string(path).c_str(), &it) == 0 && stat("/", &root) == 0 &&
         it.st_ino == root.st_ino && it.st_dev == root.st_dev;
}

int Stat(std::string_view path, uv_stat_t* out) {
  std::string resolved;
  Kind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc == 0) FillStat(kind, file, resolved, out);
  return rc;
}

int Access(std::string_view path, int mode) {
  std::string resolved;
  Kind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc < 0) return rc;
  if (mode & W_OK) return UV_EROFS;
  if ((mode & X_OK) && kind == Kind::kFile && !(file.mode & kExecutableBits)) return UV_EACCES;
  return 0;
}

int RealPath(std::string_view path, std::string* out) {
  Kind kind;
  File file;
  return Find(path, out, &kind, &file);
}

int ReadLink(std::string_view path) {
  std::string resolved;
  Kind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  return rc < 0 ? rc : UV_EINVAL;
}

int StatFs(std::string_view path, uv_statfs_t* out) {
  std::string resolved;
  Kind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc < 0) return rc;
  *out = {};
  out->f_type = kDevice;
  out->f_bsize = 4096;
  out->f_blocks = (g_section.size() + 4095) / 4096;
  out->f_files = g_count;
  return 0;
}

int List(std::string_view path, std::vector<Item>* out) {
  std::string resolved;
  Kind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc < 0) return rc;
  if (kind != Kind::kDirectory) return UV_ENOTDIR;
  std::string prefix = resolved + '/';
  std::set<std::string, std::less<>> listed;
  auto add = [&](std::string_view rest, size_t slash) {
    std::string name(rest.substr(0, slash));
    if (listed.insert(name).second)
      out->push_back(
          {std::move(name), slash == std::string_view::npos ? UV_DIRENT_FILE : UV_DIRENT_DIR});
  };
  for (uint32_t i = bundled::LowerBound(prefix); i < bundled::Count(); i++) {
    bundled::Module module = bundled::At(bundled::ByPath(i));
    if (!module.path.starts_with(prefix)) break;
    std::string_view rest = module.path.substr(prefix.size());
    if (HasSource(module)) add(rest, rest.find('/'));
  }
  for (uint32_t i = LowerBound(prefix); i < g_count;) {
    File entry = At(i);
    if (entry.damaged) return UV_EIO;
    if (!entry.path.starts_with(prefix)) break;
    std::string_view rest = entry.path.substr(prefix.size());
    size_t slash = rest.find('/');
    add(rest, slash);
    if (slash == std::string_view::npos) {
      i++;
      continue;
    }
    // '0' follows '/': this skips everything below the directory.
    i = LowerBound(prefix + std::string(rest.substr(0, slash)) + '0', i + 1);
  }
  std::sort(out->begin(), out->end(), [](const Item& a, const Item& b) { return a.name < b.name; });
  return 0;
}

int ListParent(const char* path, std::vector<Item>* out) {
  uv_fs_t req;
  int rc = uv_fs_scandir(nullptr, &req, path, 0, nullptr);
  uv_dirent_t entry;
  while (rc >= 0 && uv_fs_scandir_next(&req, &entry) == 0) out->push_back({entry.name, entry.type});
  uv_fs_req_cleanup(&req);
  if (rc < 0) return rc;
  Item root = {std::string(kRoot.substr(1)), UV_DIRENT_DIR};
  auto at = std::lower_bound(out->begin(), out->end(), root,
                             [](const Item& a, const Item& b) { return a.name < b.name; });
  if (at == out->end() || at->name != root.name) at = out->insert(at, root);
  at->type = root.type;
  return 0;
}

}  // namespace embedded

void SetEmbeddedFiles(std::span<const uint8_t> section) {
  using namespace embedded;
  g_present = true;
  g_count = 0;
  g_section = {};
  format::FilesHeader header;
  if (section.size() < sizeof header) return;
  std::memcpy(&header, section.data(), sizeof header);
  if ((section.size() - sizeof header) / sizeof(format::FileEntry) < header.count) return;
  g_section = section;
  g_count = header.count;
}

}  // namespace kiln::runtime
