#include "runtime-stub/bindings/inspector/sha1.h"

#include <bit>
#include <string>

namespace kiln::runtime::inspector {

namespace {

// One block of 64 bytes (FIPS 180-4, 6.1.2).
void AddBlock(const uint8_t* block, std::array<uint32_t, 5>& state) {
  uint32_t w[80];
  for (int i = 0; i < 16; i++)
    w[i] = uint32_t(block[i * 4]) << 24 | uint32_t(block[i * 4 + 1]) << 16 |
           uint32_t(block[i * 4 + 2]) << 8 | block[i * 4 + 3];
  for (int i = 16; i < 80; i++) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = state;
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? (b & c) | (~b & d)
                 : i < 40 ? b ^ c ^ d
                 : i < 60 ? (b & c) | (b & d) | (c & d)
                          : b ^ c ^ d;
    constexpr uint32_t kConstants[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t next = std::rotl(a, 5) + f + e + kConstants[i / 20] + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

}  // namespace

std::array<uint8_t, 20> Sha1(std::string_view bytes) {
  std::string padded(bytes);
  padded += char(0x80);
  while (padded.size() % 64 != 56) padded += '\0';
  const uint64_t bits = uint64_t(bytes.size()) * 8;
  for (int shift = 56; shift >= 0; shift -= 8) padded += char(bits >> shift);
  std::array<uint32_t, 5> state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (size_t at = 0; at < padded.size(); at += 64)
    AddBlock(reinterpret_cast<const uint8_t*>(padded.data()) + at, state);
  std::array<uint8_t, 20> digest;
  for (size_t i = 0; i < 20; i++) digest[i] = uint8_t(state[i / 4] >> (24 - i % 4 * 8));
  return digest;
}

}  // namespace kiln::runtime::inspector
