// The parts of the runtime that an executable may be linked without. Each is an archive of
// bindings, libkiln-NAME.a, together with the libraries that only it uses. The compiler chooses
// them for an app (compiler/runtime_choice.h) and writes their names into the payload; the runtime
// lists only the bindings of these. So a single stub, which has all components, takes the snapshots
// for executables with any choice of them: the tables of native callbacks are the same in both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace kiln {

// Numbered from 0 without gaps, as bits of OptionalComponents and indices of the table of names.
// The numbers are not stored in files: payloads contain the names.
enum class OptionalComponent : uint32_t {
  kCrypto,         // OpenSSL: the bindings crypto and tls_wrap
  kHttp2,          // nghttp2; its library modules use cryptography, so it includes kCrypto
  kBrotliEncoder,  // this and the next two belong to the binding zlib
  kBrotliDecoder,
  kZstdEncoder,  // the decoder is in every executable, which contains compressed sections
  kSqlite,       // SQLite: the bindings sqlite and webstorage
  kInspector,    // V8's inspector: the bindings inspector and profiler
};

// In the order of the enumerators. The names are those of --with, of the archives libkiln-NAME.a
// and of the payload's option "components".
inline constexpr std::string_view kOptionalComponentNames[] = {
    "crypto", "http2", "brotli-encoder", "brotli-decoder", "zstd-encoder", "sqlite", "inspector"};
inline constexpr size_t kOptionalComponentCount = std::size(kOptionalComponentNames);

inline constexpr std::string_view NameOf(OptionalComponent component) {
  return kOptionalComponentNames[size_t(component)];
}

// The component of that name; nothing for other names, also for "all" and "".
inline constexpr std::optional<OptionalComponent> FindOptionalComponent(std::string_view name) {
  for (size_t i = 0; i < kOptionalComponentCount; i++)
    if (name == kOptionalComponentNames[i]) return OptionalComponent(i);
  return std::nullopt;
}

// A set of components, empty by default, passed by value. It always has kCrypto if it has kHttp2.
class OptionalComponents {
 public:
  constexpr OptionalComponents() = default;
  static constexpr OptionalComponents All() {
    OptionalComponents all;
    all.bits_ = (1u << kOptionalComponentCount) - 1;
    return all;
  }

  // What code that is not known at build time may need. The inspector can read and change everything,
  // so an executable has it only if it was asked for.
  static constexpr OptionalComponents AllForUnknownCode() {
    OptionalComponents all = All();
    all.bits_ &= ~Bit(OptionalComponent::kInspector);
    return all;
  }

  constexpr bool Has(OptionalComponent component) const { return bits_ & Bit(component); }
  // Also adds the component that it needs.
  constexpr void Add(OptionalComponent component) {
    bits_ |= Bit(component);
    if (component == OptionalComponent::kHttp2) bits_ |= Bit(OptionalComponent::kCrypto);
  }
  constexpr void Add(OptionalComponents others) { bits_ |= others.bits_; }
  bool operator==(const OptionalComponents&) const = default;

 private:
  static constexpr uint32_t Bit(OptionalComponent component) { return 1u << uint32_t(component); }
  uint32_t bits_ = 0;
};

}  // namespace kiln
