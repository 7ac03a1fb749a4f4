// A file of the read-only file system that an executable carries: what the bundler collects and
// the payload stores.
#pragma once

#include <cstdint>
#include <string>

namespace kiln {

// Owns its bytes. Folders have no entry, they follow from the paths.
struct EmbeddedFile {
  std::string path;      // virtual, "/kiln/…": where the app finds it at run time
  std::string contents;  // any bytes; of a link its target
  uint32_t mode = 0644;  // 0755 if the owner may execute it; kLinkMode for a symbolic link
  // The original of a module whose text in the bundle differs: TypeScript, for example.
  bool is_original = false;

  static constexpr uint32_t kLinkMode = 0120777;
  bool is_link() const { return mode == kLinkMode; }
};

}  // namespace kiln
