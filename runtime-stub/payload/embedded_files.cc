// Look-ups in the kFiles section; embedded_contents.cc reads what they find. Its entries are sorted by
// path, so a file is found by binary search, and a directory is the run of entries that start with
// its path and "/".
// The app's modules are files too, whose content is their source (bundled_modules.h).
// If there are links, paths are first resolved by follow_links.h; otherwise that costs one comparison.
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
bool g_has_links = false;

bool Inside(uint64_t offset, uint64_t size) {
  return offset <= g_section.size() && size <= g_section.size() - offset;
}

format::FileEntry EntryAt(uint32_t index) {
  format::FileEntry entry;
  std::memcpy(&entry, g_section.data() + sizeof(format::FilesHeader) + index * sizeof entry,
              sizeof entry);
  return entry;
}

// Not for modules.
bool IsLink(uint32_t index) { return g_has_links && S_ISLNK(EntryAt(index).mode); }

File At(uint32_t index) {
  format::FileEntry entry = EntryAt(index);
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
    if (out->path == path) {
      out->link = IsLink(index);
      if (out->link && out->compressed) out->damaged = true;
      return true;
    }
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

bool IsInRoot(std::string_view path) {
  return path.starts_with(kRoot) && (path.size() == kRoot.size() || path[kRoot.size()] == '/');
}

// False for a relative path that cannot lead to /kiln.
bool MakeAbsolute(std::string_view path, std::string* absolute) {
  if (path[0] == '/') {
    absolute->assign(path);
    return true;
  }
  if (!MayLeadToRoot(path)) return false;
  char directory[PATH_MAX];
  if (!getcwd(directory, sizeof directory)) return false;
  absolute->append(directory).append("/").append(path);
  return true;
}

std::string_view TargetOf(const File& link) {
  return {reinterpret_cast<const char*>(link.stored.data()), link.stored.size()};
}

// For FollowLinks().
PathKind FindKindOf(std::string_view path, std::string_view* target) {
  File file;
  if (!FindFile(path, &file))
    return IsDirectory(std::string(path)) ? PathKind::kDirectory : PathKind::kMissing;
  if (!file.link || file.damaged) return PathKind::kFile;
  *target = TargetOf(file);
  return PathKind::kLink;
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

// Resolves a path without looking up its last part: "." and "..", and links if there are any.
int ResolveAll(std::string_view path, Follow follow, std::string* resolved, bool* folder_only) {
  if (!g_has_links) {
    if (!Resolve(path, resolved)) return UV_ENOENT;
    if (path.size() >= PATH_MAX) return UV_ENAMETOOLONG;
    *folder_only = path.ends_with('/') || path.ends_with("/.");
    return CheckFoldersOf(path);
  }
  if (path.size() >= PATH_MAX) return UV_ENAMETOOLONG;
  std::string absolute;
  if (!MakeAbsolute(path, &absolute)) return UV_ENOENT;
  Followed followed = FollowLinks(absolute, kRoot, follow == Follow::kAll, FindKindOf);
  if (followed.rc < 0) return followed.rc;
  *resolved = std::move(followed.path);
  *folder_only = followed.folder_only;
  // A link that leads out of /kiln leads nowhere: what is on disk there is not the app's.
  return IsInRoot(*resolved) ? 0 : UV_ENOENT;
}

}  // namespace

int Find(std::string_view path, std::string* resolved, PathKind* kind, File* file, Follow follow) {
  bool folder_only = false;
  if (int rc = ResolveAll(path, follow, resolved, &folder_only)) return rc;
  if (FindFile(*resolved, file)) {
    *kind = file->link ? PathKind::kLink : PathKind::kFile;
    if (file->damaged) return UV_EIO;
    if (file->module) file->size = bundled::SourceSize(bundled::At(file->index));
    return folder_only ? UV_ENOTDIR : 0;
  }
  if (IsDirectory(*resolved)) {
    *kind = PathKind::kDirectory;
    return 0;
  }
  // A file used as a directory?
  for (size_t end = resolved->rfind('/'); end > kRoot.size() && end != std::string::npos;
       end = resolved->rfind('/', end - 1))
    if (FindFile(std::string_view(*resolved).substr(0, end), file)) return UV_ENOTDIR;
  size_t slash = resolved->rfind('/');
  return resolved->size() - slash > NAME_MAX + 1 ? UV_ENAMETOOLONG : UV_ENOENT;
}

void FillStat(PathKind kind, const File& file, std::string_view path, uv_stat_t* out) {
  *out = {};
  bool directory = kind == PathKind::kDirectory;
  out->st_dev = kDevice;
  out->st_mode = directory                 ? S_IFDIR | 0755
                 : kind == PathKind::kLink ? S_IFLNK | 0777
                                           : S_IFREG | file.mode;
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

bool Resolve(std::string_view path, std::string* resolved) {
  if (!g_present || path.empty()) return false;
  std::string absolute;
  if (path[0] != '/') {
    if (!MakeAbsolute(path, &absolute)) return false;
    path = absolute;
  }
  Normalize(path, resolved);
  if (IsInRoot(*resolved)) return true;
  // A ".." behind a link leads to the folder above the link's target.
  if (!g_has_links || path.find("/..") == std::string_view::npos || path.size() >= PATH_MAX)
    return false;
  Followed followed = FollowLinks(path, kRoot, /*follow_last=*/false, FindKindOf);
  *resolved = std::move(followed.path);
  return followed.rc == 0 && IsInRoot(*resolved);
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
  PathKind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc == 0) FillStat(kind, file, resolved, out);
  return rc;
}

int LStat(std::string_view path, uv_stat_t* out) {
  std::string resolved;
  PathKind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file, Follow::kAllButLast);
  if (rc == 0) FillStat(kind, file, resolved, out);
  return rc;
}

int Access(std::string_view path, int mode) {
  std::string resolved;
  PathKind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc < 0) return rc;
  if (mode & W_OK) return UV_EROFS;
  if ((mode & X_OK) && kind == PathKind::kFile && !(file.mode & kExecutableBits)) return UV_EACCES;
  return 0;
}

int RealPath(std::string_view path, std::string* out) {
  PathKind kind;
  File file;
  return Find(path, out, &kind, &file);
}

int ReadLink(std::string_view path, std::string* out) {
  std::string resolved;
  PathKind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file, Follow::kAllButLast);
  if (rc < 0) return rc;
  if (kind != PathKind::kLink) return UV_EINVAL;
  out->assign(TargetOf(file));
  return 0;
}

int StatFs(std::string_view path, uv_statfs_t* out) {
  std::string resolved;
  PathKind kind;
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
  PathKind kind;
  File file;
  int rc = Find(path, &resolved, &kind, &file);
  if (rc < 0) return rc;
  if (kind != PathKind::kDirectory) return UV_ENOTDIR;
  std::string prefix = resolved + '/';
  std::set<std::string, std::less<>> listed;
  auto add = [&](std::string_view rest, size_t slash, bool is_link) {
    std::string name(rest.substr(0, slash));
    if (listed.insert(name).second)
      out->push_back({std::move(name), slash != std::string_view::npos ? UV_DIRENT_DIR
                                       : is_link                       ? UV_DIRENT_LINK
                                                                       : UV_DIRENT_FILE});
  };
  for (uint32_t i = bundled::LowerBound(prefix); i < bundled::Count(); i++) {
    bundled::Module module = bundled::At(bundled::ByPath(i));
    if (!module.path.starts_with(prefix)) break;
    std::string_view rest = module.path.substr(prefix.size());
    if (HasSource(module)) add(rest, rest.find('/'), false);
  }
  for (uint32_t i = LowerBound(prefix); i < g_count;) {
    File entry = At(i);
    if (entry.damaged) return UV_EIO;
    if (!entry.path.starts_with(prefix)) break;
    std::string_view rest = entry.path.substr(prefix.size());
    size_t slash = rest.find('/');
    add(rest, slash, IsLink(i));
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
  g_has_links = false;
  g_section = {};
  format::FilesHeader header;
  if (section.size() < sizeof header) return;
  std::memcpy(&header, section.data(), sizeof header);
  if ((section.size() - sizeof header) / sizeof(format::FileEntry) < header.count) return;
  g_section = section;
  g_count = header.count;
  g_has_links = header.link_count > 0;
}

}  // namespace kiln::runtime
