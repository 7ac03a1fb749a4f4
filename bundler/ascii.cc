// A character outside of ASCII in a regular expression means the same as its \u escape; one
// outside of the basic plane as the escapes of its two halves, with and without the u flag.
#include "bundler/ascii.h"

#include <cstdint>
#include <cstdio>

#include "bundler/lexer.h"

namespace kiln {
namespace {

void AppendEscape(std::string& out, uint32_t unit) {
  char text[8];
  snprintf(text, sizeof text, "\\u%04x", unit & 0xFFFF);
  out += text;
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    uint8_t c = uint8_t(text[i]);
    size_t more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    if (c < 0x80 || i + more >= text.size() || more == 0) {
      out += text[i++];
      continue;
    }
    uint32_t code = c & (0x3Fu >> more);
    for (size_t k = 1; k <= more; ++k) code = code << 6 | (uint8_t(text[i + k]) & 0x3Fu);
    i += more + 1;
    // `\é` is the character itself, and so is its escape without the backslash.
    size_t slashes = 0;
    while (slashes < out.size() && out[out.size() - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 1) out.pop_back();
    if (code >= 0x10000) {
      code -= 0x10000;
      AppendEscape(out, 0xD800 | code >> 10);
      AppendEscape(out, 0xDC00 | (code & 0x3FF));
    } else {
      AppendEscape(out, code);
    }
  }
  return out;
}

}  // namespace

bool IsAscii(const std::string& text) {
  uint8_t all = 0;
  for (char c : text) all |= uint8_t(c);
  return all < 0x80;
}

bool MakeAscii(std::string& code) {
  if (IsAscii(code)) return true;
  TokenList list = Tokenize(code);
  std::string out;
  out.reserve(code.size() + 1024);
  size_t from = 0;
  for (size_t i = 0; i < list.tokens.size(); ++i) {
    const Token& token = list.tokens[i];
    // Between tokens there are only spaces and comments.
    for (; from < token.start; ++from) out += uint8_t(code[from]) < 0x80 ? code[from] : '?';
    std::string_view text = list.Text(i);
    if (token.kind == TokenKind::kRegExp) {
      out += Escaped(text);
    } else {
      out += text;
    }
    from = token.end;
  }
  code = std::move(out);
  return IsAscii(code);
}

}  // namespace kiln
