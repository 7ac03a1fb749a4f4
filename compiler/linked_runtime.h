// The runtime, linked without an app: the same for all apps that use the same parts of it.
//
// Linking takes most of a build's time, so the result is kept in the user's cache, in the folder
// `runtimes` of CacheDirectory() (support/file.h). Without a usable cache each build links.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "compiler/installation.h"
#include "support/file.h"
#include "support/process.h"
#include "support/result.h"

namespace kiln {

// A whole executable in memory. The bytes may be changed; the file that they may come from is not.
class LinkedRuntime {
 public:
  // Maps an open file, whose descriptor stays the caller's; the object has a copy of it.
  static Result<LinkedRuntime> Map(int fd);
  LinkedRuntime(LinkedRuntime&& other) noexcept;
  LinkedRuntime& operator=(LinkedRuntime&&) = delete;
  ~LinkedRuntime();

  std::span<char> bytes() const { return bytes_; }
  // The file, which has the bytes as they were before any change. Owned by this object.
  int fd() const { return fd_; }

 private:
  LinkedRuntime(std::span<char> bytes, int fd) : bytes_(bytes), fd_(fd) {}
  std::span<char> bytes_;
  int fd_;
};

// The file into which a runtime is linked: it will be in the cache, or has no name.
class LinkOutput {
 public:
  // `path` is empty for no name. It has none either if the cache cannot be written.
  static Result<LinkOutput> Open(const std::string& path);
  LinkOutput(LinkOutput&& other) noexcept;
  LinkOutput& operator=(LinkOutput&&) = delete;
  ~LinkOutput();

  // Owned by this object.
  int fd() const { return file_ ? file_->fd() : memory_; }
  // Gives it its name, which is no Error if it fails. REQUIRES: called at most once, after the link.
  Result<LinkedRuntime> Finish();

 private:
  LinkOutput() = default;
  std::optional<PendingFile> file_;
  std::string folder_;
  int memory_ = -1;
};

// From the cache if it has the runtime of these files with these parts, else linked and kept there.
// A cache that cannot be read or written is no Error; without `use_cache` there is none. The cache
// keeps the kKeptRuntimes that were
// used last (40 to 70 MB each).
Result<LinkedRuntime> GetLinkedRuntime(const TargetFiles& files, const Runtime& runtime,
                                       bool use_cache);
constexpr size_t kKeptRuntimes = 6;

// The same in two steps. In between, a process of its own and of lower priority links: `kiln link-runtime`, which opens the
// file of this one.
class RuntimeLink {
 public:
  // Starts no process if the cache has the runtime. `files` is borrowed until Finish.
  static RuntimeLink Start(const TargetFiles& files, const Target& target, const Runtime& runtime,
                           bool use_cache);
  // If the process has failed, this one links, and reports why it cannot. REQUIRES: called at most once.
  Result<LinkedRuntime> Finish();

 private:
  RuntimeLink(const TargetFiles& files, const Runtime& runtime, bool use_cache)
      : files_(files), runtime_(runtime), use_cache_(use_cache) {}
  const TargetFiles& files_;
  const Runtime runtime_;
  const bool use_cache_;
  std::optional<LinkOutput> output_;
  std::optional<ChildProcess> process_;
};

// What identifies the installed runtime: changes when it is built or installed anew.
std::string IdentityOf(const TargetFiles& files);

}  // namespace kiln
