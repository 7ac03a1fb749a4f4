// Reads fields of a payload's bytes, which may be damaged.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace kiln {

// The value at `offset`. REQUIRES: it is within `bytes`.
template <class T>
T Load(std::string_view bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// Whether `size` bytes from `offset` are within `whole` bytes; no sum can overflow.
inline bool Within(uint64_t offset, uint64_t size, size_t whole) {
  return offset <= whole && size <= whole - offset;
}

}  // namespace kiln
