// Lenient host names in URLs. The prefix "xn--" is found and replaced in upper and lower case.
#include "runtime-stub/bindings/lenient_host.h"

#include <ada.h>

#include <algorithm>

namespace kiln::runtime {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }

std::string Lowered(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

// The position of the next "x<letter>--", in any letter case, at or after `from`.
size_t FindPrefix(std::string_view text, char letter, size_t from = 0) {
  for (size_t i = from; i + 4 <= text.size(); i++)
    if (Lower(text[i]) == 'x' && Lower(text[i + 1]) == letter && text[i + 2] == '-' &&
        text[i + 3] == '-')
      return i;
  return std::string_view::npos;
}

bool Has(std::string_view text, char letter) {
  return FindPrefix(text, letter) != std::string_view::npos;
}

bool IsAscii(std::string_view s) {
  return std::none_of(s.begin(), s.end(), [](char c) { return c & 0x80; });
}

}  // namespace

PunycodeMask::PunycodeMask(std::string_view text, std::string_view other) {
  if (!Has(text, 'n') && !Has(other, 'n')) return;
  for (char letter : {'q', 'j', 'z', 'k', 'w'}) {
    if (Has(text, letter) || Has(other, letter)) continue;
    letter_ = letter;
    return;
  }
}

bool PunycodeMask::HasEncodedLabel(std::string_view masked_host) { return Has(masked_host, 'n'); }

std::string PunycodeMask::Swap(std::string_view text, char from, char to) {
  std::string out(text);
  for (size_t at = FindPrefix(text, from); at != std::string_view::npos;
       at = FindPrefix(text, from, at + 4))
    out[at + 1] = out[at + 1] == from ? to : char(to - 32);
  return out;
}

std::string LenientToAscii(std::string_view domain) {
  return IsAscii(domain) ? Lowered(domain) : ada::idna::to_ascii(domain);
}

std::string LenientToUnicode(std::string_view domain) {
  std::string out;
  for (size_t start = 0; start <= domain.size();) {
    size_t dot = std::min(domain.find('.', start), domain.size());
    std::string_view label = domain.substr(start, dot - start);
    std::string decoded = ada::idna::to_unicode(label);
    // It is valid Punycode only if it encodes to the same label again.
    bool punycode = FindPrefix(label, 'n') == 0;
    out += punycode && ada::idna::to_ascii(decoded) != Lowered(label) ? label : decoded;
    if (dot < domain.size()) out += '.';
    start = dot + 1;
  }
  return out;
}

}  // namespace kiln::runtime
