// Goes back from the expression to the beginning of its statement, out of the brackets that hold
// it.
#include "bundler/surely_runs.h"

#include <algorithm>

namespace kiln {
namespace {

// How far back it looks, in tokens.
constexpr size_t kFarthest = 4000;

constexpr size_t kNone = size_t(-1);

// The opening bracket of the one at `close`; kNone if there is none, or it is too far away.
size_t OpeningOf(const TokenList& tokens, size_t close) {
  int depth = 0;
  for (size_t i = close + 1; i-- > 0 && close - i < kFarthest;) {
    if (tokens.tokens[i].kind != TokenKind::kPunct) continue;
    if (IsOneOf(tokens.Text(i), {")", "]", "}"})) ++depth;
    if (IsOneOf(tokens.Text(i), {"(", "[", "{"}) && --depth == 0) return i;
  }
  return kNone;
}

// Whether the statement that begins at `index` is the body of another, as in `if (x) f()`.
bool IsBody(const TokenList& tokens, size_t index) {
  if (index == 0) return false;
  if (IsOneOf(tokens.Text(index - 1), {"else", "do", ":"})) return true;
  if (!tokens.Is(index - 1, ")")) return false;
  size_t open = OpeningOf(tokens, index - 1);
  return open == kNone || open == 0 ||
         IsOneOf(tokens.Text(open - 1), {"if", "for", "while", "with", "await"});
}

}  // namespace

bool SurelyRuns(const TokenList& tokens, size_t index) {
  if (tokens.tokens[index].in_function) return false;
  for (size_t i = index;; --i) {
    const Token& token = tokens.tokens[i];
    std::string_view text = tokens.Text(i);
    if (index - i > kFarthest) return false;
    if (token.kind == TokenKind::kName && !(i > 0 && tokens.Is(i - 1, "."))) {
      if (text == "default" && i > 0 && tokens.Is(i - 1, "export")) return true;
      if (IsOneOf(text, {"if", "else", "for", "while", "do", "with", "case", "default", "function",
                         "class", "yield"}))
        return false;
      // Without a semicolon before it, only these surely begin a statement.
      if (token.outermost && token.new_line && i > 0) {
        if (tokens.Is(i - 1, "}")) return true;
        if (IsOneOf(text, {"const", "let", "var", "import", "export"})) return !IsBody(tokens, i);
      }
    } else if (token.kind == TokenKind::kPunct && i != index) {
      if (IsOneOf(text, {"&&", "||", "??", "?", "?.", "=>", "&&=", "||=", "\?\?="})) return false;
      if (text == ";") return token.outermost;
      if (IsOneOf(text, {")", "]", "}"})) {
        i = OpeningOf(tokens, i);
        if (i == kNone) return false;
      } else if (text == "{") {
        // The values of an object are evaluated with it; all else is a block or a pattern.
        if (i == 0 || !IsOneOf(tokens.Text(i - 1), {"=", "(", ",", ":", "["})) return false;
      }
    }
    if (i == 0) return true;
  }
}

}  // namespace kiln
