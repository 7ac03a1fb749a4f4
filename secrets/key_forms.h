// Strings that look like keys: private keys, tokens of well-known services, passwords in URLs. Each
// form has a constant part by which it is found, and a function that says where it begins and ends.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace kiln {

// A part of a text, from the offset `begin` to `end`.
struct KeyRange {
  size_t begin = 0;
  size_t end = 0;
};

struct KeyForm {
  std::string_view kind;    // one of KeyKinds()
  std::string_view marker;  // ASCII, at least four characters
  size_t anchor;            // offset of four characters in `marker` that are rare in code
  // The key, if the text has one with the marker at the offset `at`; nothing for what only
  // looks similar, and for placeholders of documentation. The bytes of `text` may be any.
  std::optional<KeyRange> (*match)(std::string_view text, size_t at);
};

// How far before and behind its marker a key reaches at most. A longer key is cut.
inline constexpr size_t kKeyReachBefore = 64;
inline constexpr size_t kKeyReachBehind = 4096;

std::span<const KeyForm> KeyForms();

// A kind, and what it is called in messages: "github-token", "a token for GitHub".
struct KeyKind {
  std::string_view kind;
  std::string_view description;
};
std::span<const KeyKind> KeyKinds();

}  // namespace kiln
