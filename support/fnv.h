// FNV-1a with 64 bits: a quick hash for checks of what Kiln itself wrote and for tables in memory.
// Not for input from an attacker, who could cause collisions: use Sha256 (support/hash.h) there.
#pragma once

#include <cstdint>
#include <string_view>

namespace kiln {

// The offset basis of FNV-1a with 64 bits, and its prime.
constexpr uint64_t kFnvBasis = 0xcbf29ce484222325;
constexpr uint64_t kFnvPrime = 0x100000001b3;

// The hash of `bytes`, also at compile time; pass the result of one call as `hash` of the next to
// hash in pieces. An empty text gives `hash`.
constexpr uint64_t Fnv1a64(std::string_view bytes, uint64_t hash = kFnvBasis) {
  for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return hash;
}

}  // namespace kiln
