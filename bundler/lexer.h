// Splits JavaScript into tokens without parsing it.
//
// The hard part of lexing JavaScript is to know whether `/` begins a regular expression;
// this is decided from the token before it and, after `)` and `}`, from what the matching
// bracket was (the stack of brackets is kept for that). The same stack shows whether a
// token is inside a function or a try block, which is all the structure that the scan of
// a module needs. Text that is not JavaScript still gives tokens; `balanced` is then
// usually false.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

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

struct Token {
  uint32_t start = 0;
  uint32_t end = 0;
  TokenKind kind = TokenKind::kEnd;
  bool in_function : 1 = false;
  bool in_try : 1 = false;
  bool outermost : 1 = false;  // in no bracket at all
  bool new_line : 1 = false;   // a line break comes before it
};

struct TokenList {
  std::string_view text;
  std::vector<Token> tokens;  // ends with a kEnd
  bool balanced = true;

  std::string_view Text(size_t index) const {
    const Token& token = tokens[index];
    return text.substr(token.start, token.end - token.start);
  }
  bool Is(size_t index, std::string_view spelling) const { return Text(index) == spelling; }
};

// REQUIRES: less than 4 GB of text, which outlives the list.
TokenList Tokenize(std::string_view text);

// What a string or template token means, without quotes and escapes. UTF-8.
std::string StringValue(std::string_view token);

struct LineColumn {
  int line;    // from 1
  int column;  // from 1
};
LineColumn PositionOf(std::string_view text, size_t offset);
// The reverse, for a column that counts UTF-16 units (as source maps do) of UTF-8 text.
size_t OffsetOf(std::string_view text, LineColumn position);
std::string LineTextAt(std::string_view text, size_t offset);

}  // namespace kiln
