// SHA-256, for names in caches and for what users compare.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kiln {

class Sha256 {
 public:
  Sha256& Add(std::string_view bytes);
  // The length first, so that ("ab","c") and ("a","bc") differ.
  Sha256& AddField(std::string_view bytes);
  std::array<uint8_t, 32> Finish();
  std::string FinishHex();

 private:
  void Block(const uint8_t* block);

  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t buffer_[64];
  size_t buffered_ = 0;
  uint64_t total_ = 0;
};

std::string Sha256Hex(std::string_view bytes);

}  // namespace kiln
