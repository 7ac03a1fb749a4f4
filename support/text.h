// Characters as bytes: UTF-8 and hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln {

// Indexed by the value of a digit; zero-terminated.
inline constexpr char kHexDigits[] = "0123456789abcdef";

// Appends two lower-case digits for each byte, the higher four bits first.
inline void AppendHex(std::string& out, std::string_view bytes) {
  for (char c : bytes) {
    out += kHexDigits[static_cast<unsigned char>(c) >> 4];
    out += kHexDigits[static_cast<unsigned char>(c) & 15];
  }
}

// Appends the UTF-8 form of a code point up to 0x10FFFF. A surrogate becomes the three bytes of its
// number, which are not valid UTF-8: callers replace it where that matters.
inline void AppendUtf8(std::string& out, uint32_t code_point) {
  auto tail = [&](int shift) { out += char(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    out += char(code_point);
  } else if (code_point < 0x800) {
    out += char(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    out += char(0xE0 | code_point >> 12);
    tail(6), tail(0);
  } else {
    out += char(0xF0 | (code_point >> 18 & 7));
    tail(12), tail(6), tail(0);
  }
}

}  // namespace kiln
