// TurboSHAKE and KangarooTwelve (RFC 9861): extendable-output functions on Keccak-p[1600]
// with 12 rounds, which OpenSSL 3.5 does not have. Pure functions of bytes; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kiln::runtime {

// The security level in bits decides how much of the state carries data: bytes per block, 200 -
// level / 4.
enum class KeccakRate : size_t { k128 = 168, k256 = 136 };

// Absorbs a message in any number of pieces, then outputs any number of bytes. Not thread-safe.
class TurboShake {
 public:
  explicit TurboShake(KeccakRate rate) : rate_(size_t(rate)) {}

  void Absorb(std::string_view message);
  // `domain` (0x01 to 0x7f) separates different uses and ends the message. May be called once,
  // after all of the message; Absorb() must not follow.
  void Squeeze(uint8_t domain, char* out, size_t size);

 private:
  // The state as bytes: lanes are little-endian, and so is every target.
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(state_); }
  void Permute();

  uint64_t state_[25] = {};  // lane (x, y) at x + 5 y
  size_t rate_;
  size_t position_ = 0;  // of the next byte in the block
};

// Fills the bytes that `out` already has. k128 is KT128, k256 is KT256.
void KangarooTwelve(KeccakRate rate, std::string_view message, std::string_view customization,
                    std::span<char> out);

}  // namespace kiln::runtime
