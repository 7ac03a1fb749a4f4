// Finds any of many byte strings in one pass over a text, so that the cost does not depend on their
// number: 20 MB take about 20 ms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

// Filled with Add(), then used by any number of calls of Find(), also from several threads.
class ByteSearch {
 public:
  static constexpr size_t kAnchorSize = 4;
  static constexpr int kFilterBits = 14;

  // The result numbers the needles from 0. `anchor` is the offset of the four bytes by which it is
  // looked for; rare ones save time. REQUIRES: anchor + 4 <= needle.size().
  size_t Add(std::string needle, size_t anchor = 0);
  // Calls found(number, offset in the text) for each occurrence of each needle, also for those that
  // overlap; those of one needle in ascending order.
  void Find(std::string_view text, const std::function<void(size_t, size_t)>& found) const;

 private:
  struct Needle {
    std::string bytes;
    size_t anchor;
  };
  // Reports the needles whose anchor is at the offset `i`.
  void CompareAt(std::string_view text, size_t i,
                 const std::function<void(size_t, size_t)>& found) const;

  std::vector<Needle> needles_;
  std::vector<std::pair<uint32_t, size_t>> by_anchor_;  // [anchor's bytes, number], sorted
  std::vector<char> filter_ = std::vector<char>(1 << kFilterBits);  // 1 for hashes of anchors
};

}  // namespace kiln
