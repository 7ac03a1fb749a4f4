// There are no scopes here, so every use of the name must be one that cannot declare or assign it.
#include "bundler/constant_variable.h"

#include <algorithm>

namespace kiln {
namespace {

class Uses {
 public:
  explicit Uses(const TokenList& tokens) : tokens_(tokens) {}

  // Whether the name at `i` begins `NAME = "literal"` in a const, let or var statement.
  bool IsDeclaration(size_t i) const {
    if (i == 0 || !IsOneOf(Text(i - 1), {"const", "let", "var", ","}) || Text(i + 1) != "=")
      return false;
    if (Text(i - 1) == "," && !InDeclaration(i - 1)) return false;
    if (Kind(i + 2) != TokenKind::kString && Kind(i + 2) != TokenKind::kTemplate) return false;
    return Kind(i + 3) == TokenKind::kEnd || IsOneOf(Text(i + 3), {";", ",", "}"}) ||
           (tokens_.tokens[i + 3].new_line && Kind(i + 3) == TokenKind::kName &&
            !IsOneOf(Text(i + 3), {"in", "instanceof"}));
  }

  // Whether the name at `i` is no variable, or its value is only read.
  bool IsHarmless(size_t i) const {
    std::string_view before = i > 0 ? Text(i - 1) : "", after = Text(i + 1);
    if (before == "." || before == "?.") return true;
    if (after == ":" && (before == "{" || before == ",")) return true;  // a key
    if (after.ends_with("=") && !IsOneOf(after, {"==", "===", "!=", "!==", "<=", ">="}))
      return false;
    if (IsOneOf(after, {"=>", "++", "--", "in", "of", "from"})) return false;
    if (IsOneOf(before, {"const", "let", "var", "function", "class", "async", "import", "as", "*",
                         "...", ":", "++", "--", "get", "set", "static"}))
      return false;
    if (!IsOneOf(before, {"(", ",", "[", "{"})) return true;
    if (before != "(" && after == "(") return false;  // a method, or a call
    // An argument; a parameter or a part of a pattern looks the same.
    size_t open = i;
    for (int depth = 0; open-- > 0;) {
      if (Kind(open) != TokenKind::kPunct) continue;
      if (IsOneOf(Text(open), {")", "]", "}"})) ++depth;
      if (IsOneOf(Text(open), {"(", "[", "{"}) && depth-- == 0) break;
    }
    if (open == size_t(-1) || Text(open) != "(") return false;
    int depth = 0;
    size_t close = open;
    for (; Kind(close) != TokenKind::kEnd; ++close) {
      if (Kind(close) != TokenKind::kPunct) continue;
      if (IsOneOf(Text(close), {"(", "[", "{"})) ++depth;
      if (IsOneOf(Text(close), {")", "]", "}"}) && --depth == 0) break;
    }
    return !IsOneOf(Text(close + 1), {"{", "=>"});
  }

 private:
  TokenKind Kind(size_t i) const {
    return i < tokens_.tokens.size() ? tokens_.tokens[i].kind : TokenKind::kEnd;
  }
  std::string_view Text(size_t i) const {
    return i < tokens_.tokens.size() ? tokens_.Text(i) : std::string_view();
  }
  // Whether the comma at `i` is between declarations with literals: `const a = 1, b = "x"`.
  bool InDeclaration(size_t i) const {
    while (i >= 4 && Text(i) == "," && Text(i - 2) == "=" && Kind(i - 3) == TokenKind::kName) {
      if (IsOneOf(Text(i - 4), {"const", "let", "var"})) return true;
      i -= 4;
    }
    return false;
  }

  const TokenList& tokens_;
};

}  // namespace

size_t ConstantVariable(const TokenList& tokens, std::string_view name) {
  Uses uses(tokens);
  size_t value = 0;
  for (size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kName || !tokens.Is(i, name)) continue;
    if (uses.IsDeclaration(i)) {
      if (value != 0) return 0;
      value = i + 2;
    } else if (!uses.IsHarmless(i)) {
      return 0;
    }
  }
  return value;
}

}  // namespace kiln
