// Searching in Buffers. Bytes are found with memmem() and memrchr(), UTF-16 by comparing at even
// positions.
#include "runtime-stub/bindings/buffer/search.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kiln::runtime {
namespace {

// The index at which a search starts, or -1 if there can be no match.
int64_t SearchStart(int64_t length, int64_t offset, int64_t needle_length, bool forward) {
  if (offset < 0) {
    if (offset + length >= 0) return length + offset;  // counts from the end
    return forward || needle_length == 0 ? 0 : -1;
  }
  if (offset + needle_length <= length) return offset;
  if (needle_length == 0) return length;
  return forward ? -1 : length - 1;
}

// The position of `needle` at a multiple of `unit`, or -1.
int64_t Search(std::string_view haystack, std::string_view needle, size_t start, bool forward,
               size_t unit) {
  if (needle.size() > haystack.size()) return -1;
  size_t last = haystack.size() - needle.size();
  if (forward) {
    for (size_t at = start - start % unit; at <= last;) {
      const void* found =
          memmem(haystack.data() + at, haystack.size() - at, needle.data(), needle.size());
      if (!found) return -1;
      at = size_t(static_cast<const char*>(found) - haystack.data());
      if (at % unit == 0) return int64_t(at);
      at++;
    }
    return -1;
  }
  size_t at = std::min(start, last);
  at -= at % unit;
  for (;;) {
    if (unit == 1) {
      const void* first = memrchr(haystack.data(), needle[0], at + 1);
      if (!first) return -1;
      at = size_t(static_cast<const char*>(first) - haystack.data());
    }
    if (std::memcmp(haystack.data() + at, needle.data(), needle.size()) == 0) return int64_t(at);
    if (at < unit) return -1;
    at -= unit;
  }
}

int64_t ClampEnd(double end, size_t size) {
  if (!(end > 0)) return 0;
  return end >= double(size) ? int64_t(size) : int64_t(end);
}
int64_t ToOffset(double offset) {
  if (std::isnan(offset)) return 0;
  return int64_t(std::clamp(offset, -9007199254740991.0, 9007199254740991.0));
}

}  // namespace

int64_t SearchBytes(std::string_view bytes, std::string_view needle, double offset,
                    Encoding encoding, bool forward, double end) {
  size_t unit = encoding == Encoding::kUcs2 ? 2 : 1;
  int64_t start =
      SearchStart(int64_t(bytes.size()), ToOffset(offset), int64_t(needle.size()), forward);
  int64_t length = ClampEnd(end, bytes.size());
  if (unit == 2) length &= ~int64_t(1);
  if (needle.empty()) return std::min(start, length);
  if (start < 0 || int64_t(needle.size()) > (forward ? length - start : length)) return -1;
  std::string_view haystack = bytes.substr(0, size_t(length));
  if (unit == 2) {
    needle = needle.substr(0, needle.size() & ~size_t(1));
    if (needle.empty()) return -1;
  }
  return Search(haystack, needle, size_t(start), forward, unit);
}

int64_t SearchByte(std::string_view bytes, uint32_t byte, double offset, bool forward, double end) {
  const char* data = bytes.data();
  int64_t length = ClampEnd(end, bytes.size());
  int64_t start = SearchStart(int64_t(bytes.size()), ToOffset(offset), 1, forward);
  if (start < 0 || length == 0 || (forward && start >= length)) return -1;
  const void* found = forward
                          ? std::memchr(data + start, int(byte & 0xFF), size_t(length - start))
                          : memrchr(data, int(byte & 0xFF), size_t(std::min(start + 1, length)));
  return found ? static_cast<const char*>(found) - data : -1;
}

}  // namespace kiln::runtime
