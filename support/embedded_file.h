// A file of the read-only file system that an executable carries: what the bundler collects and
// the payload stores.
#pragma once

#include <cstdint>
#include <string>

namespace kiln {

struct EmbeddedFile {
  std::string path;      // virtual, "/kiln/…": where the app finds it at run time
  std::string contents;  // any bytes
  uint32_t mode = 0444;  // permission bits
};

}  // namespace kiln
