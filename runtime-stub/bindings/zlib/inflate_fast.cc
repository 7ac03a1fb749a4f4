// The inner loop of inflate(). V8's archive has a slow version of it: Node compiles Chromium's zlib
// with wide copies, V8 without them. The linker uses this function instead of the archive's, and
// the archive's other members call it.
//
// It decodes symbols (RFC 1951, 3.2) while there are six bytes to read, enough for any length
// and distance, and space for 258, the longest match. The rest of the input and the output is
// decoded by zlib, byte by byte. Bits are fetched eight bytes at a time, and matches copied sixteen
// at a time, as long as that stays within the caller's buffers.
//
// No library replaces it. Gunzip of 1 MiB of text, JavaScript and machine code into 16 KiB
// pieces, in milliseconds of processor time:
//   this file 2.1 1.7 2.6, V8's archive 3.4 2.8 4.0, Debian's zlib 3.3 2.9 4.3 (too slow)
//   Chromium's zlib (1.2.11) 2.0 1.8 2.7: Debian's nodejs source is repacked without deps/zlib
//   zlib-ng 2.2 1.6 2.5: Debian has no package of it
//   ISA-L 1.1 1.0 1.8: 6 error codes for the 18 messages that Node reports; no static archive
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtime-stub/bindings/zlib/chromium_zlib.h"

namespace kiln::runtime {
namespace {

// An entry of a decoding table. `op`: 0 a literal; 0001eeee a length or distance with e extra
// bits; 0000tttt a link to a second table of t bits at `value`; 011xxxxx the end of the block;
// else no code. (zlib's inftrees.h)
struct Code {
  uint8_t op;
  uint8_t bits;
  uint16_t value;
};

// The beginning of zlib's struct inflate_state (inflate.h), which is the same since 1.2.9.
struct InflateState {
  z_stream* stream;
  int mode;
  int last, wrap, have_dictionary, flags;
  unsigned max_distance;
  unsigned long check, total;
  void* header;
  unsigned window_bits, window_size;
  unsigned window_have;  // valid bytes of the window
  unsigned window_next;  // index of the next byte to write; 0 when the window is just full
  uint8_t* window;
  uint64_t hold;  // bits that have been fetched; the lowest is the next one
  unsigned bits;  // how many bits of `hold` are valid
  unsigned length, offset, extra;
  const Code* length_codes;
  const Code* distance_codes;
  unsigned length_bits, distance_bits;  // the number of bits that index the tables
};
static_assert(offsetof(InflateState, hold) == 0x50 && offsetof(InflateState, distance_bits) == 0x7c,
              "inffast.o in V8's archive has them there");

enum Mode { kType = 16191, kBad = 16209 };

constexpr ptrdiff_t kMaxMatch = 258;
constexpr ptrdiff_t kMaxSymbolBytes = 6;  // 15 + 5 + 15 + 13 bits
constexpr unsigned kMaxSymbolBits = 48;
constexpr ptrdiff_t kWide = 16;
// With this much input and output left, a symbol is decoded without bounds checks: two wide reads,
// three literals, and the longest match with the surplus that its copy writes.
constexpr ptrdiff_t kRoomyIn = 16, kRoomyOut = 3 + kMaxMatch + 2 * kWide;

// Copies `size` bytes, and up to 15 more.
void CopyWide(uint8_t* to, const uint8_t* from, ptrdiff_t size) {
  do {
    std::memcpy(to, from, kWide);
    to += kWide;
    from += kWide;
    size -= kWide;
  } while (size > 0);
}

// Repeats the `distance` (less than 16) bytes before `to`; writes up to 30 surplus bytes.
void RepeatWide(uint8_t* to, size_t distance, ptrdiff_t size) {
  if (distance == 1) {
    std::memset(to, to[-1], size_t(size));
    return;
  }
  // Every copy doubles what can be copied at once.
  while (distance < kWide) {
    uint8_t piece[kWide];
    std::memcpy(piece, to - distance, kWide);
    std::memcpy(to, piece, kWide);
    to += distance;
    size -= ptrdiff_t(distance);
    distance += distance;
    if (size <= 0) return;
  }
  CopyWide(to, to - distance, size);
}

void Repeat(uint8_t* to, size_t distance, ptrdiff_t size) {
  for (const uint8_t* from = to - distance; size > 0; size--) *to++ = *from++;
}

class FastInflate {
 public:
  // `start`: the size of the output buffer when inflate() was called.
  FastInflate(z_stream& stream, unsigned start)
      : stream_(stream),
        state_(*reinterpret_cast<InflateState*>(stream.state)),
        in_(stream.next_in),
        in_end_(in_ + stream.avail_in),
        out_(stream.next_out),
        out_begin_(out_ - (start - stream.avail_out)),
        out_end_(out_ + stream.avail_out),
        window_(state_.window),
        window_size_(state_.window_size),
        window_have_(state_.window_have),
        window_next_(state_.window_next),
        length_codes_(state_.length_codes),
        length_mask_(Mask(state_.length_bits)),
        distance_codes_(state_.distance_codes),
        distance_mask_(Mask(state_.distance_bits)),
        hold_(state_.hold),
        bits_(state_.bits) {}

  void Run() {
    bool goes_on = true;
    do {
      while (goes_on && in_end_ - in_ >= kRoomyIn && out_end_ - out_ >= kRoomyOut)
        goes_on = DecodeSymbols<true>();
      if (!goes_on || in_end_ - in_ < kMaxSymbolBytes || out_end_ - out_ < kMaxMatch) break;
      goes_on = DecodeSymbols<false>();
    } while (goes_on);
    Finish();
  }

 private:
  // Decodes up to three literals, or one other symbol after at most two literals. Returns false
  // when the block has ended or is invalid.
  template <bool kRoomy>
  [[gnu::always_inline]] bool DecodeSymbols() {
    Refill<kRoomy>();
    Code code = length_codes_[hold_ & length_mask_];
    // Most codes are short, so that one refill is enough for three.
    if (code.op == 0) {
      Put(code);
      code = length_codes_[hold_ & length_mask_];
      if (code.op == 0) {
        Put(code);
        code = length_codes_[hold_ & length_mask_];
        if (code.op == 0) {
          Put(code);
          return true;
        }
      }
      // The next symbol may have the maximum length. It was only peeked at, and is decoded later.
      if (bits_ < kMaxSymbolBits) Refill<kRoomy>();
      if (!kRoomy && (bits_ < kMaxSymbolBits || out_end_ - out_ < kMaxMatch)) return true;
    }
    if (!(code.op & 16)) {
      if (code.op < 16) {
        code = Link(length_codes_, code);
        if (code.op == 0) {
          Put(code);
          return true;
        }
      }
      if (!(code.op & 16)) {
        Drop(code.bits);
        if (!(code.op & 32)) return Fail("invalid literal/length code");
        state_.mode = kType;
        return false;
      }
    }
    Drop(code.bits);
    return Match<kRoomy>(code.value + Extra(code.op & 15));
  }

  static uint64_t Mask(unsigned bits) { return (uint64_t(1) << bits) - 1; }
  void Drop(unsigned bits) {
    hold_ >>= bits;
    bits_ -= bits;
  }
  unsigned Extra(unsigned bits) {
    unsigned value = unsigned(hold_ & Mask(bits));
    Drop(bits);
    return value;
  }
  void Put(Code literal) {
    Drop(literal.bits);
    *out_++ = uint8_t(literal.value);
  }
  bool Fail(const char* message) {
    stream_.msg = const_cast<char*>(message);
    state_.mode = kBad;
    return false;
  }

  // Fetches input until there are at least 48 bits, if six bytes are left. Bits of `hold_` above
  // `bits_` may be set: they belong to the byte at `in_`, which the next refill writes there again.
  template <bool kRoomy>
  [[gnu::always_inline]] void Refill() {
    if (kRoomy || in_end_ - in_ >= 8) {
      uint64_t next;
      std::memcpy(&next, in_, 8);  // little-endian, as all our targets are
      hold_ |= next << bits_;
      in_ += (63 - bits_) >> 3;
      bits_ |= 56;
      return;
    }
    for (hold_ &= Mask(bits_); bits_ <= 48 && in_ < in_end_; bits_ += 8)
      hold_ |= uint64_t(*in_++) << bits_;
  }

  // Returns the entry of the second-level table that an entry of the first level refers to.
  Code Link(const Code* codes, Code code) {
    Drop(code.bits);
    return codes[code.value + (hold_ & Mask(code.op))];
  }

  // Decodes the distance and copies the match. Returns false for an invalid distance.
  template <bool kRoomy>
  [[gnu::always_inline]] bool Match(unsigned length) {
    Code code = distance_codes_[hold_ & distance_mask_];
    if (code.op < 16) code = Link(distance_codes_, code);
    Drop(code.bits);
    if (!(code.op & 16)) return Fail("invalid distance code");
    const size_t distance = code.value + Extra(code.op & 15);
    const ptrdiff_t size = ptrdiff_t(length);
    if (!kRoomy) return CopyMatch(distance, size);
    // Whether a match begins in the window is unpredictable. So both source addresses are computed,
    // and the only branch is predictable: most matches are contiguous and do not overlap the
    // output.
    const ptrdiff_t back = ptrdiff_t(distance) - (out_ - out_begin_);  // in the window, if > 0
    ptrdiff_t at = window_next_ - back;
    at += at < 0 ? window_size_ : 0;
    const ptrdiff_t piece_end = back > window_next_ ? window_size_ : window_next_;
    const bool far = back > 0;
    const bool plain = far ? (back <= window_have_) & (at + size <= piece_end) &
                                 (at + size + kWide <= window_size_)
                           : distance >= kWide;
    if (!plain) [[unlikely]]
      return CopyMatch(distance, size);
    const uintptr_t from =
        far ? uintptr_t(window_) + uintptr_t(at) : uintptr_t(out_) - uintptr_t(distance);
    CopyWide(out_, reinterpret_cast<const uint8_t*>(from), size);
    out_ += size;
    return true;
  }

  // The same for any match: it may begin at the end of the window, continue at its beginning, and
  // then in the output.
  [[gnu::always_inline]] bool CopyMatch(size_t distance, ptrdiff_t size) {
    const size_t written = size_t(out_ - out_begin_);
    if (distance > written) {
      const size_t back = distance - written;
      if (back > size_t(window_have_)) return Fail("invalid distance too far back");
      size = FromWindow(back, size);
    }
    const bool has_room = out_end_ - out_ >= size + 2 * kWide;
    if (size > 0) (has_room && distance < kWide ? RepeatWide : Repeat)(out_, distance, size);
    out_ += size;
    return true;
  }

  // Copies the part of a match of `size` bytes that is in the window, `back` bytes before its end.
  // Returns the size of the rest, which is in the output.
  ptrdiff_t FromWindow(size_t back, ptrdiff_t size) {
    const size_t next = size_t(window_next_);
    if (next < back) {  // at the end of the ring, and maybe at its beginning
      back -= next;
      size = Take(window_ + window_size_ - back, ptrdiff_t(back), size);
      if (size == 0 || next == 0) return size;
      back = next;
    }
    return Take(window_ + next - back, ptrdiff_t(back), size);
  }
  // Copies up to `there` of `size` bytes and returns how many are left.
  ptrdiff_t Take(const uint8_t* from, ptrdiff_t there, ptrdiff_t size) {
    const ptrdiff_t here = std::min(there, size);
    std::memcpy(out_, from, size_t(here));
    out_ += here;
    return size - here;
  }

  // Returns whole bytes that were fetched in advance to the input, and stores the state.
  void Finish() {
    in_ -= bits_ >> 3;
    bits_ &= 7;
    stream_.next_in = const_cast<uint8_t*>(in_);
    stream_.avail_in = unsigned(in_end_ - in_);
    stream_.next_out = out_;
    stream_.avail_out = unsigned(out_end_ - out_);
    state_.hold = hold_ & Mask(bits_);
    state_.bits = bits_;
  }

  z_stream& stream_;
  InflateState& state_;
  const uint8_t* in_;
  const uint8_t* const in_end_;
  uint8_t* out_;
  uint8_t* const out_begin_;
  uint8_t* const out_end_;
  const uint8_t* const window_;
  const ptrdiff_t window_size_, window_have_, window_next_;
  const Code* const length_codes_;
  const uint64_t length_mask_;
  const Code* const distance_codes_;
  const uint64_t distance_mask_;
  uint64_t hold_;
  unsigned bits_;
};

}  // namespace
}  // namespace kiln::runtime

extern "C" void Cr_z_inflate_fast(z_stream* stream, unsigned start) {
  kiln::runtime::FastInflate(*stream, start).Run();
}
