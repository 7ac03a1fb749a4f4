// The permutation and its two modes: see keccak.h. A long KangarooTwelve message is split into
// chunks; each but the first becomes a chaining value, and the last sponge absorbs the first chunk
// followed by these (RFC 9861, 3.2).
#include "runtime-stub/bindings/crypto/digests/keccak.h"

#include <algorithm>
#include <bit>
#include <utility>

static_assert(std::endian::native == std::endian::little);

namespace kiln::runtime {
namespace {

// The last 12 of Keccak-f's 24 round constants.
constexpr uint64_t kRoundConstants[12] = {
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

// Step pi moves lanes in one cycle through all but lane 0; step rho rotates each by a triangular
// number of bits. kPi[i] is the new position of the i-th lane of the cycle.
constexpr int kPi[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                         15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};

constexpr size_t kChunk = 8192;

// RFC 9861's length_encode: the number without leading zero bytes, then the number of its bytes.
std::string EncodeLength(uint64_t length) {
  std::string bytes;
  for (; length; length >>= 8) bytes.insert(bytes.begin(), char(length));
  bytes.push_back(char(bytes.size()));
  return bytes;
}

}  // namespace

void TurboShake::Permute() {
  for (uint64_t constant : kRoundConstants) {
    uint64_t parity[5];  // theta
    for (int x = 0; x < 5; x++)
      parity[x] = state_[x] ^ state_[x + 5] ^ state_[x + 10] ^ state_[x + 15] ^ state_[x + 20];
    for (int i = 0; i < 25; i++)
      state_[i] ^= parity[(i + 4) % 5] ^ std::rotl(parity[(i + 1) % 5], 1);

    uint64_t moved = state_[1];  // rho and pi
    for (int i = 0; i < 24; i++)
      moved = std::exchange(state_[kPi[i]], std::rotl(moved, (i + 1) * (i + 2) / 2 % 64));

    for (int y = 0; y < 25; y += 5) {  // chi
      uint64_t row[5];
      std::copy_n(state_ + y, 5, row);
      for (int x = 0; x < 5; x++) state_[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    state_[0] ^= constant;  // iota
  }
  position_ = 0;
}

void TurboShake::Absorb(std::string_view message) {
  while (!message.empty()) {
    size_t size = std::min(message.size(), rate_ - position_);
    for (size_t i = 0; i < size; i++) bytes()[position_ + i] ^= uint8_t(message[i]);
    message.remove_prefix(size);
    position_ += size;
    if (position_ == rate_) Permute();
  }
}

void TurboShake::Squeeze(uint8_t domain, char* out, size_t size) {
  bytes()[position_] ^= domain;
  bytes()[rate_ - 1] ^= 0x80;
  Permute();
  for (;;) {
    size_t block = std::min(size, rate_);
    std::copy_n(bytes(), block, out);
    out += block;
    size -= block;
    if (size == 0) return;
    Permute();
  }
}

void KangarooTwelve(KeccakRate rate, std::string_view message, std::string_view customization,
                    std::span<char> out) {
  std::string length = EncodeLength(customization.size());
  std::string_view pieces[] = {message, customization, length};
  size_t left = message.size() + customization.size() + length.size();

  // Moves the next bytes of the three pieces, at most a chunk, into a sponge.
  std::string_view* piece = pieces;
  auto feed = [&](TurboShake* sponge) {
    size_t wanted = std::min(left, kChunk);
    left -= wanted;
    while (wanted) {
      std::string_view part = piece->substr(0, wanted);
      sponge->Absorb(part);
      piece->remove_prefix(part.size());
      wanted -= part.size();
      if (piece->empty() && wanted) piece++;
    }
  };

  TurboShake trunk(rate);
  feed(&trunk);
  if (left == 0) return trunk.Squeeze(0x07, out.data(), out.size());
  trunk.Absorb({"\3\0\0\0\0\0\0\0", 8});
  char value[64];
  std::string_view chaining(value, rate == KeccakRate::k128 ? 32 : 64);
  uint64_t leaves = 0;
  while (left > 0) {
    TurboShake leaf(rate);
    feed(&leaf);
    leaf.Squeeze(0x0b, value, chaining.size());
    trunk.Absorb(chaining);
    leaves++;
  }
  trunk.Absorb(EncodeLength(leaves));
  trunk.Absorb("\xff\xff");
  trunk.Squeeze(0x06, out.data(), out.size());
}

}  // namespace kiln::runtime
