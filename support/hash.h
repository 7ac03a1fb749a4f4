// SHA-256, for names in caches and for hashes that users compare.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace llvm {
class SHA256;
}

namespace kiln {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256& Add(std::string_view bytes);
  // Adds the length, then the bytes, so that ("ab","c") and ("a","bc") differ.
  Sha256& AddField(std::string_view bytes);
  // The digest of all bytes so far. REQUIRES: called once; nothing may be added after it.
  std::array<uint8_t, 32> Finish();
  std::string FinishHex();  // the same as 64 lower-case digits

 private:
  std::unique_ptr<llvm::SHA256> state_;  // not in this header, since its own are large
};

std::string Sha256Hex(std::string_view bytes);

}  // namespace kiln
