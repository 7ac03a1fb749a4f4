// Buffer's indexOf and lastIndexOf. An offset counts from the start, or from the end when it
// is negative, in the whole buffer; a match must end at or before `end`. In UTF-16 only
// even positions count. Forward and backward differ in how an offset outside is taken.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime-stub/binding/buffer.h"

namespace kiln::runtime {

// The position, or -1. An empty needle is found where the search starts.
int64_t SearchBytes(std::string_view bytes, std::string_view needle, double offset,
                    Encoding encoding, bool forward, double end);
int64_t SearchByte(std::string_view bytes, uint32_t byte, double offset, bool forward, double end);

}  // namespace kiln::runtime
