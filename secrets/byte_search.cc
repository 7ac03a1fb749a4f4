// Four bytes at each position are looked up in a table, which is small enough for the first level of
// the processor's cache, at four positions at once; only where it has an entry are the needles
// compared.
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

uint32_t HashOf(uint32_t bytes) { return bytes * 0x9E3779B1u >> (32 - ByteSearch::kFilterBits); }

}  // namespace

size_t ByteSearch::Add(std::string needle, size_t anchor) {
  uint32_t bytes = FourBytes(needle.data() + anchor);
  std::pair<uint32_t, size_t> entry = {bytes, needles_.size()};
  by_anchor_.insert(std::upper_bound(by_anchor_.begin(), by_anchor_.end(), entry), entry);
  filter_[HashOf(bytes)] = 1;
  needles_.push_back({std::move(needle), anchor});
  return needles_.size() - 1;
}

void ByteSearch::Find(std::string_view text,
                      const std::function<void(size_t, size_t)>& found) const {
  if (text.size() < kAnchorSize) return;
  const char* filter = filter_.data();
  const char* at = text.data();
  const size_t end = text.size() - kAnchorSize + 1;
  size_t i = 0;
  for (; i + 4 < end; i += 4) {
    uint64_t bytes;  // of which seven are used
    std::memcpy(&bytes, at + i, sizeof bytes);
    char any = filter[HashOf(uint32_t(bytes))] | filter[HashOf(uint32_t(bytes >> 8))] |
               filter[HashOf(uint32_t(bytes >> 16))] | filter[HashOf(uint32_t(bytes >> 24))];
    if (!any) [[likely]]
      continue;
    for (size_t k = i; k < i + 4; ++k)
      if (filter[HashOf(FourBytes(at + k))]) CompareAt(text, k, found);
  }
  for (; i < end; ++i) CompareAt(text, i, found);
}

void ByteSearch::CompareAt(std::string_view text, size_t i,
                           const std::function<void(size_t, size_t)>& found) const {
  uint32_t bytes = FourBytes(text.data() + i);
  auto entry = std::lower_bound(by_anchor_.begin(), by_anchor_.end(), std::pair(bytes, size_t{}));
  for (; entry != by_anchor_.end() && entry->first == bytes; ++entry) {
    const Needle& needle = needles_[entry->second];
    if (i < needle.anchor) continue;
    size_t begin = i - needle.anchor;
    if (text.substr(begin).starts_with(needle.bytes)) found(entry->second, begin);
  }
}

}  // namespace kiln
