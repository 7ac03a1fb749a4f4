// Writes the payload as a relocatable object file, which an ordinary link puts into the executable.
// It defines the two symbols of snapshot/format/payload_format.h.
#pragma once

#include <string>
#include <string_view>

#include "targets/target.h"

namespace kiln {

// The bytes of a .o file.
struct Object {
  std::string bytes;
};

Object WriteObject(std::string_view payload, const Target& target);

}  // namespace kiln
