// Hashes: SHA-256 for names in caches and for what users compare, BLAKE3 for the contents of many or
// large files, and one that only finds damage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace llvm {
class BLAKE3;
class SHA256;
}  // namespace llvm

namespace kiln {

// One computation: created, given bytes with Add and AddField, ended by one of the Finish
// functions. Not copyable. The algorithm is LLVM's (llvm/Support/SHA256.h).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  // Both Add functions return this object. Bytes added in pieces give the same digest as at once.
  Sha256& Add(std::string_view bytes);
  // Adds the length (64 bits, in the byte order of this machine), then the bytes, so that
  // ("ab","c") and ("a","bc") differ.
  Sha256& AddField(std::string_view bytes);
  // The digest of all bytes so far. REQUIRES: called once; nothing may be added after it.
  std::array<uint8_t, 32> Finish();
  std::string FinishHex();  // the same as 64 lower-case digits

 private:
  std::unique_ptr<llvm::SHA256> state_;  // not in this header, since its own are large
};

// The digest of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

using Digest = std::array<uint8_t, 32>;

// BLAKE3 with 256 bits, as safe as SHA-256 and ten times as fast. Used as Sha256 is.
class Blake3 {
 public:
  Blake3();
  ~Blake3();
  Blake3& Add(std::string_view bytes);
  Blake3& AddField(std::string_view bytes);
  Digest Finish();

 private:
  std::unique_ptr<llvm::BLAKE3> state_;
};

// XXH3 with 64 bits, at the speed of memory: finds damage of what Kiln itself wrote, but whoever
// wants to can make other bytes with the same hash.
uint64_t DamageHash(std::string_view bytes);

}  // namespace kiln
