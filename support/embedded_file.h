// A file of the read-only file system that an executable carries: what the bundler collects and
// the payload stores.
#pragma once

#include <cstdint>
#include <string>

namespace kiln {

// Owns its bytes. The bundler reads it from disk with the mode 0444, or 0555 if its owner may
// execute it; folders have no entry, they follow from the paths.
struct EmbeddedFile {
  std::string path;      // virtual, "/kiln/…": where the app finds it at run time
  std::string contents;  // any bytes
  uint32_t mode = 0644;  // permission bits: 0644 or 0755
  // The original of a module whose text in the bundle differs: TypeScript, for example.
  bool is_original = false;
};

}  // namespace kiln
