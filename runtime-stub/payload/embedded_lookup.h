// How a path of the embedded files is looked up: shared by the files that implement
// embedded_files.h. From any thread.
#pragma once

#include <uv.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime-stub/payload/follow_links.h"

namespace kiln::runtime::embedded {

// The modification time of all files is the one that npm gives packed files: 1985-10-26.
inline constexpr long kTime = 499162500;
inline constexpr uint32_t kExecutableBits = 0111;

// A file as the payload stores it: an entry of the kFiles section, or the source of a module of the
// app. The views are into the payload.
struct File {
  std::string_view path;
  std::span<const uint8_t> stored;  // of an entry
  uint64_t size = 0;                // of the content
  uint32_t mode = 0;                // permission bits
  bool compressed = false;
  bool module = false;  // `index` is the number of a bundled module, otherwise of an entry
  bool link = false;    // only if there are links
  uint32_t index = 0;
  bool damaged = false;
};

enum class Follow { kAll, kAllButLast };  // which links

// Looks `path` up and sets `resolved`. Returns 0, or the libuv error that the kernel would return
// for it; `kind` is then unspecified. `file` is set for a file or link.
int Find(std::string_view path, std::string* resolved, PathKind* kind, File* file,
         Follow follow = Follow::kAll);
// What stat() returns for the result of Find().
void FillStat(PathKind kind, const File& file, std::string_view resolved, uv_stat_t* out);

}  // namespace kiln::runtime::embedded
