// Four bytes at each position are looked up in a bit table, which is small enough for the first
// level of the processor's cache; only where it has a bit are the needles compared.
#include "secrets/byte_search.h"

#include <algorithm>
#include <cstring>

namespace kiln {
namespace {

uint32_t FourBytes(const char* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint32_t HashOf(uint32_t bytes) { return bytes * 0x9E3779B1u >> 16; }

}  // namespace

size_t ByteSearch::Add(std::string needle, size_t anchor) {
  uint32_t bytes = FourBytes(needle.data() + anchor);
  std::pair<uint32_t, size_t> entry = {bytes, needles_.size()};
  by_anchor_.insert(std::upper_bound(by_anchor_.begin(), by_anchor_.end(), entry), entry);
  uint32_t hash = HashOf(bytes);
  filter_[hash / 64] |= uint64_t{1} << hash % 64;
  needles_.push_back({std::move(needle), anchor});
  return needles_.size() - 1;
}

void ByteSearch::Find(std::string_view text,
                      const std::function<void(size_t, size_t)>& found) const {
  if (text.size() < kAnchorSize) return;
  const uint64_t* filter = filter_.data();
  const size_t end = text.size() - kAnchorSize + 1;
  for (size_t i = 0; i < end; ++i) {
    uint32_t bytes = FourBytes(text.data() + i), hash = HashOf(bytes);
    if ((filter[hash / 64] >> hash % 64 & 1) == 0) continue;
    auto entry = std::lower_bound(by_anchor_.begin(), by_anchor_.end(), std::pair(bytes, size_t{}));
    for (; entry != by_anchor_.end() && entry->first == bytes; ++entry) {
      const Needle& needle = needles_[entry->second];
      if (i < needle.anchor) continue;
      size_t begin = i - needle.anchor;
      if (text.substr(begin).starts_with(needle.bytes)) found(entry->second, begin);
    }
  }
}

}  // namespace kiln
