// Host names the way Node's newer ada takes them. An ASCII label that begins with "xn--"
// is kept as it is even when it is no valid Punycode ("xn--", "xn--0x7f"); ada 3.4 refuses
// such a URL. What it refuses is parsed again with the prefix disguised.
#pragma once

#include <string>
#include <string_view>

namespace kiln::runtime {

// Disguises "xn--" as another prefix of the same length that occurs nowhere in the texts,
// so that all positions in the parsed URL stay right.
class PunycodeMask {
 public:
  // Whether one is worth trying: some text has "xn--", and a free prefix was found.
  PunycodeMask(std::string_view text, std::string_view other = {});
  explicit operator bool() const { return letter_ != 0; }

  std::string Hide(std::string_view text) const { return Swap(text, 'n', letter_); }
  std::string Reveal(std::string_view text) const { return Swap(text, letter_, 'n'); }
  // A host that was not all ASCII has labels of ada's own making; those were judged by the
  // full rules, and the verdict stands.
  static bool Judged(std::string_view masked_host);

 private:
  static std::string Swap(std::string_view text, char from, char to);
  char letter_ = 0;
};

// ada::idna's to_ascii and to_unicode, lenient in the same way.
std::string LenientToAscii(std::string_view domain);
std::string LenientToUnicode(std::string_view domain);

}  // namespace kiln::runtime
