// Lenient host names in URLs, as the newer ada in Node 24.21 parses them. An ASCII label that
// begins with "xn--" is kept even if it is not valid Punycode ("xn--", "xn--0x7f"); ada 3.4, which
// Kiln links, rejects the URL. Rejected URLs are parsed again with the prefix replaced, and the
// prefix is restored in the result.
#pragma once

#include <string>
#include <string_view>

namespace kiln::runtime {

// Replaces "xn--" by another prefix of the same length that does not occur in the texts, so that
// all offsets in the parsed URL stay correct.
class PunycodeMask {
 public:
  // The mask is usable (true) if a text contains "xn--" and an unused prefix was found.
  PunycodeMask(std::string_view text, std::string_view other = {});
  explicit operator bool() const { return letter_ != 0; }

  std::string Hide(std::string_view text) const { return Swap(text, 'n', letter_); }
  std::string Reveal(std::string_view text) const { return Swap(text, letter_, 'n'); }
  // Whether ada itself encoded a label of the host, because it was not ASCII. Such a host was
  // checked by the full rules, so a rejection must stand.
  static bool HasEncodedLabel(std::string_view masked_host);

 private:
  static std::string Swap(std::string_view text, char from, char to);
  char letter_ = 0;
};

// ada::idna::to_ascii and to_unicode with the same leniency.
std::string LenientToAscii(std::string_view domain);
std::string LenientToUnicode(std::string_view domain);

}  // namespace kiln::runtime
