// Adds a payload to the runtime that was linked without one. That link depends only on the choice of
// runtime parts, so its result can be kept (compiler/linked_runtime.h), and building an app does not
// need the linker.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/result.h"

namespace kiln {

// What follows the runtime in the executable's file: `padding` zero bytes, the payload, `end`.
struct PayloadPlace {
  size_t padding = 0;
  std::string end;
  // The parts of the runtime that were changed, for a copy that was made before: offset, size.
  std::vector<std::pair<size_t, size_t>> changed;
};

// Changes `runtime`, a whole executable, in place so that a payload of `payload_size` bytes is part
// of it: the payload gets a read-only segment of its own after all others, at the page alignment of
// the runtime's segments, and the runtime's PayloadSlot (snapshot/format/payload_format.h) gets its
// address. A section names it too, so that tools which copy section by section keep it.
//
// An Error if `runtime` is no executable with an empty PayloadSlot and a note segment, whose row in
// the program headers the payload takes. Equal input gives equal bytes.
Result<PayloadPlace> PlacePayload(std::span<char> runtime, uint64_t payload_size);

}  // namespace kiln
