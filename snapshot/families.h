// The parts of the runtime that an executable may be linked without. Each is an archive of
// bindings, libkiln-NAME.a, together with the libraries that only it uses. The compiler
// chooses them for an app (compiler/runtime_choice.h) and writes their names into the
// payload; the runtime heeds the payload when it lists its bindings. So the one stub that
// has them all takes the snapshots for executables with any choice of them: the tables
// of native callbacks are the same in both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace kiln {

enum class Family : uint32_t {
  kCrypto,         // OpenSSL: the bindings crypto and tls_wrap
  kHttp2,          // nghttp2; its library modules use cryptography, so never without kCrypto
  kBrotliEncoder,  // of the binding zlib, as the next two
  kBrotliDecoder,
  kZstdEncoder,  // the decoder is in every executable, which is compressed by it
};

// In the order of the enumerators.
inline constexpr std::string_view kFamilyNames[] = {"crypto", "http2", "brotli-encoder",
                                                    "brotli-decoder", "zstd-encoder"};
inline constexpr size_t kFamilyCount = std::size(kFamilyNames);

inline constexpr std::string_view NameOf(Family family) { return kFamilyNames[size_t(family)]; }

inline constexpr std::optional<Family> FindFamily(std::string_view name) {
  for (size_t i = 0; i < kFamilyCount; i++)
    if (name == kFamilyNames[i]) return Family(i);
  return std::nullopt;
}

class Families {
 public:
  constexpr Families() = default;
  static constexpr Families All() {
    Families all;
    all.bits_ = (1u << kFamilyCount) - 1;
    return all;
  }

  constexpr bool Has(Family family) const { return bits_ & Bit(family); }
  constexpr void Add(Family family) {
    bits_ |= Bit(family);
    if (family == Family::kHttp2) bits_ |= Bit(Family::kCrypto);
  }
  constexpr void Add(Families others) { bits_ |= others.bits_; }
  bool operator==(const Families&) const = default;

 private:
  static constexpr uint32_t Bit(Family family) { return 1u << uint32_t(family); }
  uint32_t bits_ = 0;
};

}  // namespace kiln
