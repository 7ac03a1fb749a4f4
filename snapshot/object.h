// Writes the payload as a relocatable object file, which an ordinary link puts into the executable.
// It defines the two symbols of snapshot/format/payload_format.h.
#pragma once

#include <string>
#include <string_view>

#include "targets/target.h"

namespace kiln {

// The bytes of a .o file, kept in memory: the link gives it to lld as an anonymous file
// (compiler/link.cc).
struct Object {
  std::string bytes;
};

// Cannot fail; the result has about the size of `payload`, which it copies. The object is ELF64
// with the machine number of the target's architecture, a read-only section for each of the
// symbols, and no relocations. The payload begins at a multiple of 4096, so that its sections stay
// aligned. Equal input gives equal bytes.
Object WriteObject(std::string_view payload, const Target& target);

}  // namespace kiln
