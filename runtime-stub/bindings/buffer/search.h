// Buffer's indexOf and lastIndexOf (nodejs.org/api/buffer.html). Positions are in bytes. `offset`
// is where the search starts, in the whole buffer, from its end if negative. A match must end at or
// before `end`. In UTF-16 a match must be at an even position. If `offset` is outside of the
// buffer, a forward search finds nothing after the end, and starts at 0 before the beginning; a
// backward search does the reverse.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime-stub/binding/buffer.h"

namespace kiln::runtime {

// Return the position of the match, or -1. An empty needle matches where the search starts.
int64_t SearchBytes(std::string_view bytes, std::string_view needle, double offset,
                    Encoding encoding, bool forward, double end);
int64_t SearchByte(std::string_view bytes, uint32_t byte, double offset, bool forward, double end);

}  // namespace kiln::runtime
