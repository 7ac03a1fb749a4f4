// A file of the cache is named by a hash of what determines the link. It appears with a rename when it
// is complete, so builds may run at once. A file that was cut short later (a full disk, a copy of the
// cache) is noticed by the end of its section table, which lld writes last.
#include "compiler/linked_runtime.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "compiler/link.h"
#include "support/file.h"
#include "support/hash.h"

namespace kiln {
namespace {

bool IsWhole(std::span<const char> bytes) {
  if (bytes.size() < sizeof(Elf64_Ehdr)) return false;
  const auto& elf = *reinterpret_cast<const Elf64_Ehdr*>(bytes.data());
  return std::memcmp(elf.e_ident, ELFMAG, SELFMAG) == 0 &&
         elf.e_shoff + uint64_t(elf.e_shnum) * sizeof(Elf64_Shdr) == bytes.size();
}

// An Error if it is not in the cache, or damaged there.
Result<LinkedRuntime> ReadCached(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError("Cannot read", path, errno);
  Result<LinkedRuntime> mapped = LinkedRuntime::Map(fd);
  futimens(fd, nullptr);  // used now; fails harmlessly in a cache of another user
  close(fd);
  if (mapped.ok() && !IsWhole(mapped->bytes())) return Error{path + " is damaged"};
  return mapped;
}

// Links into the cache. An Error of the cache, and not of the link, has `*cache_failed` set.
Result<LinkedRuntime> LinkInto(const std::string& path, const TargetFiles& files,
                               const Runtime& runtime, bool* cache_failed) {
  *cache_failed = true;
  TRY_OK(MakeDirectories(DirectoryOf(path)));
  TRY(PendingFile file, PendingFile::Open(path));
  *cache_failed = false;
  TRY_OK(LinkRuntime(files, runtime, file.fd()));
  TRY(LinkedRuntime linked, LinkedRuntime::Map(file.fd()));
  // The mapping stays valid if the name cannot be given.
  if (file.Commit(0666).ok()) RemoveLeastRecent(DirectoryOf(path), kKeptRuntimes, UINT64_MAX);
  return linked;
}

Result<LinkedRuntime> LinkInMemory(const TargetFiles& files, const Runtime& runtime) {
  int fd = memfd_create("kiln-runtime", MFD_CLOEXEC);
  if (fd < 0) return SystemError("Cannot link", "", errno);
  Result<LinkedRuntime> linked = [&]() -> Result<LinkedRuntime> {
    TRY_OK(LinkRuntime(files, runtime, fd));
    return LinkedRuntime::Map(fd);
  }();
  close(fd);
  return linked;
}

std::string KeyOf(const TargetFiles& files, const Runtime& runtime) {
  Sha256 hash;
  hash.AddField(IdentityOf(files)).AddField(files.IcuObject(runtime.intl));
  for (size_t i = 0; i < kOptionalComponentCount; ++i)
    hash.AddField(runtime.components.Has(OptionalComponent(i)) ? "1" : "0");
  return hash.AddField(runtime.symbols ? "symbols" : "").FinishHex();
}

}  // namespace

Result<LinkedRuntime> LinkedRuntime::Map(int fd) {
  struct stat info = {};
  if (fstat(fd, &info) != 0 || info.st_size == 0) return SystemError("Cannot link", "", errno);
  void* at = mmap(nullptr, size_t(info.st_size), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  if (at == MAP_FAILED) return SystemError("Cannot link", "", errno);
  return LinkedRuntime({static_cast<char*>(at), size_t(info.st_size)},
                       fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

LinkedRuntime::LinkedRuntime(LinkedRuntime&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), fd_(std::exchange(other.fd_, -1)) {}

LinkedRuntime::~LinkedRuntime() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
  if (fd_ >= 0) close(fd_);
}

Result<LinkedRuntime> GetLinkedRuntime(const TargetFiles& files, const Runtime& runtime,
                                       bool use_cache) {
  std::string cache = use_cache ? CacheDirectory() : "";
  if (cache.empty()) return LinkInMemory(files, runtime);
  std::string path = JoinPath(cache, "runtimes/" + KeyOf(files, runtime));
  if (auto cached = ReadCached(path); cached.ok()) return cached;
  bool cache_failed = false;
  auto linked = LinkInto(path, files, runtime, &cache_failed);
  return cache_failed ? LinkInMemory(files, runtime) : std::move(linked);
}

std::string IdentityOf(const TargetFiles& files) {
  std::string identity;
  for (const std::string& path : {files.Stub(), JoinPath(files.folder, "stub.rsp")}) {
    struct stat info = {};
    stat(path.c_str(), &info);
    identity += path + " " + std::to_string(info.st_size) + " " +
                std::to_string(info.st_mtim.tv_sec) + " " + std::to_string(info.st_mtim.tv_nsec) +
                "\n";
  }
  return identity;
}

}  // namespace kiln
