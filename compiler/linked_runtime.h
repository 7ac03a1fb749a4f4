// The runtime, linked without an app: the same for all apps that use the same parts of it.
//
// Linking takes most of a build's time, so the result is kept in the user's cache, in the folder
// `runtimes` of CacheDirectory() (support/file.h). Without a usable cache each build links.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "compiler/installation.h"
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

// From the cache if it has the runtime of these files with these parts, else linked and kept there.
// A cache that cannot be read or written is no Error; without `use_cache` there is none. The cache
// keeps the kKeptRuntimes that were
// used last (40 to 70 MB each).
Result<LinkedRuntime> GetLinkedRuntime(const TargetFiles& files, const Runtime& runtime,
                                       bool use_cache);
constexpr size_t kKeptRuntimes = 6;

// What identifies the installed runtime: changes when it is built or installed anew.
std::string IdentityOf(const TargetFiles& files);

}  // namespace kiln
