// Splits JavaScript into tokens without parsing it.
//
// The hard part of lexing JavaScript is to know whether `/` begins a regular expression;
// this is decided from the token before it and, after `)` and `}`, from what the matching
// bracket was (the stack of brackets is kept for that). The same stack shows whether a
// token is inside a function or a try block, which is all the structure that the scan of
// a module needs. Text that is not JavaScript still gives tokens; `balanced` is then
// usually false.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

// Keywords are kName. A private name (#x) and a name with \u escapes are one kName token.
enum class TokenKind : uint8_t {
  kName,  // identifiers and keywords
  kPunct,
  kString,
  kNumber,
  kRegExp,
  kTemplate,      // `text` without substitutions
  kTemplateHead,  // `text${
  kTemplateMiddle,
  kTemplateTail,
  kEnd,
};

// Offsets are in bytes; `end` is the offset after the last byte.
struct Token {
  uint32_t start = 0;
  uint32_t end = 0;
  TokenKind kind = TokenKind::kEnd;
  // In the {} of a function or method; not in its parameters, nor in an arrow's body without {}.
  // in_try: in the {} after `try`.
  bool in_function : 1 = false;
  bool in_try : 1 = false;
  bool outermost : 1 = false;  // in no bracket at all
  bool new_line : 1 = false;   // a line break comes before it
};

// The result of Tokenize. `text` is borrowed from its caller. `balanced` is false if a bracket or
// template is not closed, or closed by another kind.
struct TokenList {
  std::string_view text;
  std::vector<Token> tokens;  // ends with a kEnd
  bool balanced = true;

  // The text of a token as written. REQUIRES: `index` is less than tokens.size().
  std::string_view Text(size_t index) const {
    const Token& token = tokens[index];
    return text.substr(token.start, token.end - token.start);
  }
  bool Is(size_t index, std::string_view spelling) const { return Text(index) == spelling; }
};

// The tokens of `text`, JavaScript in UTF-8, in order; white space, comments and a #! line are
// omitted. Cannot fail. REQUIRES: less than 4 GB of text, which outlives the list.
TokenList Tokenize(std::string_view text);

// Whether a token's text, or another word, is in the list.
inline bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// What a string or template token (its text, with the delimiters) means, without quotes and
// escapes. UTF-8; escapes of surrogates become three bytes each (support/text.h).
std::string StringValue(std::string_view token);

// The function or type that uses one says what its columns count: bytes or UTF-16 units.
struct LineColumn {
  int line;    // from 1
  int column;  // from 1
};
// The place of a byte offset; the column counts bytes. An offset behind the end means the end.
LineColumn PositionOf(std::string_view text, size_t offset);
// The same, but the column counts UTF-16 units of UTF-8 text, as those of source maps do.
LineColumn UnitPositionOf(std::string_view text, size_t offset);
// The reverse, for a column that counts UTF-16 units (as source maps do) of UTF-8 text. A column
// behind the end of its line means that end.
size_t OffsetOf(std::string_view text, LineColumn position);
// The line around a byte offset, without its line break; "" if it has more than 400 bytes.
std::string LineTextAt(std::string_view text, size_t offset);

}  // namespace kiln
