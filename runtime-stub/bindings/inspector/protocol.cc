#include "runtime-stub/bindings/inspector/protocol.h"

#include "runtime-stub/platform/simdutf.h"

namespace kiln::runtime::inspector {

std::string ToUtf8(v8_inspector::StringView text) {
  if (text.is8Bit()) {
    const auto* latin1 = reinterpret_cast<const char*>(text.characters8());
    std::string out(simdutf::utf8_length_from_latin1(latin1, text.length()), '\0');
    (void)simdutf::convert_latin1_to_utf8(latin1, text.length(), out.data());
    return out;
  }
  std::string out;
  out.reserve(text.length());
  const uint16_t* at = text.characters16();
  const uint16_t* end = at + text.length();
  while (at < end) {
    uint32_t c = *at++;
    if (c >= 0xD800 && c < 0xE000) {
      bool pair = c < 0xDC00 && at < end && (*at & 0xFC00) == 0xDC00;
      c = pair ? 0x10000 + ((c - 0xD800) << 10) + (*at++ - 0xDC00) : 0xFFFD;
    }
    if (c < 0x80) {
      out += char(c);
    } else if (c < 0x800) {
      out += {char(0xC0 | c >> 6), char(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      out += {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
    } else {
      out += {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63)), char(0x80 | (c >> 6 & 63)),
              char(0x80 | (c & 63))};
    }
  }
  return out;
}

v8_inspector::StringView MessageView(std::string_view utf8) {
  return {reinterpret_cast<const uint8_t*>(utf8.data()), utf8.size()};
}

std::unique_ptr<v8_inspector::StringBuffer> TextBuffer(std::string_view utf8) {
  if (simdutf::validate_ascii(utf8.data(), utf8.size()) ||
      !simdutf::validate_utf8(utf8.data(), utf8.size()))
    return v8_inspector::StringBuffer::create(MessageView(utf8));
  std::u16string wide(simdutf::utf16_length_from_utf8(utf8.data(), utf8.size()), u'\0');
  (void)simdutf::convert_valid_utf8_to_utf16le(utf8.data(), utf8.size(), wide.data());
  return v8_inspector::StringBuffer::create(
      {reinterpret_cast<const uint16_t*>(wide.data()), wide.size()});
}

}  // namespace kiln::runtime::inspector
