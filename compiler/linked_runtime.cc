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

std::string KeyOf(const TargetFiles& files, const Runtime& runtime) {
  Sha256 hash;
  hash.AddField(IdentityOf(files)).AddField(files.IcuObject(runtime.intl));
  for (size_t i = 0; i < kOptionalComponentCount; ++i)
    hash.AddField(runtime.components.Has(OptionalComponent(i)) ? "1" : "0");
  return hash.AddField(runtime.symbols ? "symbols" : "").FinishHex();
}

// Empty without a cache.
std::string PathInCache(const TargetFiles& files, const Runtime& runtime, bool use_cache) {
  const std::string cache = use_cache ? CacheDirectory() : "";
  return cache.empty() ? "" : JoinPath(cache, "runtimes/" + KeyOf(files, runtime));
}

// Options of `kiln link-runtime`.
std::vector<std::string> OptionsOf(const Target& target, const Runtime& runtime) {
  std::vector<std::string> options = {"--target=" + std::string(target.name),
                                      "--intl=" + std::string(NameOf(runtime.intl))};
  for (size_t i = 0; i < kOptionalComponentCount; ++i)
    if (auto component = OptionalComponent(i); runtime.components.Has(component))
      options.push_back("--with=" + std::string(NameOf(component)));
  if (runtime.symbols) options.push_back("--symbols");
  return options;
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
  const std::string path = PathInCache(files, runtime, use_cache);
  if (!path.empty())
    if (auto cached = ReadCached(path); cached.ok()) return cached;
  TRY(LinkOutput output, LinkOutput::Open(path));
  TRY_OK(LinkRuntime(files, runtime, output.fd()));
  return output.Finish();
}

Result<LinkOutput> LinkOutput::Open(const std::string& path) {
  LinkOutput output;
  if (!path.empty() && MakeDirectories(DirectoryOf(path)).ok()) {
    if (auto file = PendingFile::Open(path); file.ok()) {
      output.file_.emplace(std::move(*file));
      output.folder_ = DirectoryOf(path);
      return output;
    }
  }
  output.memory_ = memfd_create("kiln-runtime", MFD_CLOEXEC);
  if (output.memory_ < 0) return SystemError("Cannot link", "", errno);
  return output;
}

LinkOutput::LinkOutput(LinkOutput&& other) noexcept
    : file_(std::move(other.file_)),
      folder_(std::move(other.folder_)),
      memory_(std::exchange(other.memory_, -1)) {}

LinkOutput::~LinkOutput() {
  if (memory_ >= 0) close(memory_);
}

Result<LinkedRuntime> LinkOutput::Finish() {
  TRY(LinkedRuntime linked, LinkedRuntime::Map(fd()));
  // The mapping stays valid if the name cannot be given.
  if (file_ && file_->Commit(0666).ok()) RemoveLeastRecent(folder_, kKeptRuntimes, UINT64_MAX);
  return linked;
}

RuntimeLink RuntimeLink::Start(const TargetFiles& files, const Target& target,
                               const Runtime& runtime, bool use_cache) {
  RuntimeLink link(files, runtime, use_cache);
  const std::string path = PathInCache(files, runtime, use_cache);
  if (IsRegularFile(path)) return link;
  auto output = LinkOutput::Open(path);
  if (!output.ok()) return link;
  Command command = {
      .argv = {ExecutablePath(), "link-runtime", "-o",
               "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(output->fd())},
      .niceness = 5};
  for (std::string& option : OptionsOf(target, runtime)) command.argv.push_back(std::move(option));
  auto process = ChildProcess::Start(command);
  if (!process.ok()) return link;
  link.process_ = std::move(*process);
  link.output_.emplace(std::move(*output));
  return link;
}

Result<LinkedRuntime> RuntimeLink::Finish() {
  if (process_) {
    auto ended = process_->Wait();
    if (ended.ok() && ended->ok()) return output_->Finish();
    output_.reset();
  }
  return GetLinkedRuntime(files_, runtime_, use_cache_);
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
