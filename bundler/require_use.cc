// Judged by the tokens around the name.
#include "bundler/require_use.h"

namespace kiln {
namespace {

constexpr size_t kNone = size_t(-1);

class Around {
 public:
  explicit Around(const TokenList& tokens) : tokens_(tokens) {}

  std::string_view Text(size_t i) const {
    return i < tokens_.tokens.size() ? tokens_.Text(i) : std::string_view();
  }
  bool Is(size_t i, std::string_view spelling) const { return Text(i) == spelling; }
  bool IsOneOf(size_t i, std::initializer_list<std::string_view> list) const {
    return kiln::IsOneOf(Text(i), list);
  }
  TokenKind Kind(size_t i) const {
    return i < tokens_.tokens.size() ? tokens_.tokens[i].kind : TokenKind::kEnd;
  }
  bool IsLiteral(size_t i) const {
    return Kind(i) == TokenKind::kString || Kind(i) == TokenKind::kTemplate;
  }
  bool Opens(size_t i) const {
    return Kind(i) == TokenKind::kTemplateHead ||
           (Kind(i) == TokenKind::kPunct && IsOneOf(i, {"(", "[", "{"}));
  }
  bool Closes(size_t i) const {
    return Kind(i) == TokenKind::kTemplateTail ||
           (Kind(i) == TokenKind::kPunct && IsOneOf(i, {")", "]", "}"}));
  }

  // The closing bracket of the one at `open`, or the end.
  size_t Close(size_t open) const {
    int depth = 0;
    for (size_t i = open; Kind(i) != TokenKind::kEnd; ++i) {
      if (Opens(i)) ++depth;
      if (Closes(i) && --depth == 0) return i;
    }
    return tokens_.tokens.size() - 1;
  }
  // The bracket that holds the token at `index`; kNone if there is none.
  size_t Open(size_t index) const {
    int depth = 0;
    for (size_t i = index; i-- > 0;) {
      if (Closes(i)) ++depth;
      if (Opens(i) && depth-- == 0) return i;
    }
    return kNone;
  }

  // Whether the ( at `open` only groups, and is no list of arguments or parameters.
  bool Groups(size_t open) const {
    if (open == 0) return true;
    if (Kind(open - 1) == TokenKind::kName)
      return IsOneOf(open - 1,
                     {"return", "typeof", "void", "delete", "await", "yield", "new", "throw", "in",
                      "of", "instanceof", "case", "else", "do", "default"});
    return !Closes(open - 1) && !IsOneOf(open - 1, {"?."}) &&
           Kind(open - 1) != TokenKind::kTemplate;
  }

  // Whether the ( at `open` begins a list of parameters.
  bool HasParameters(size_t open) const {
    size_t after = Close(open) + 1;
    if (Is(after, "=>")) return true;
    if (!Is(after, "{") || open == 0) return false;
    if (IsOneOf(open - 1, {"if", "for", "while", "switch", "with"})) return false;
    return Kind(open - 1) == TokenKind::kName || IsLiteral(open - 1) ||
           IsOneOf(open - 1, {"]", "*"});
  }

 private:
  const TokenList& tokens_;
};

// After the ( of a call: the arguments from the second on.
RequireUse ApplyTo(const TokenList& tokens, size_t open, std::string_view method) {
  using Kind = RequireUse::Kind;
  Around around(tokens);
  size_t close = around.Close(open);
  size_t comma = EndOfArgument(tokens, open + 1);
  bool has_name = around.Is(comma, ",") && !around.Is(comma + 1, ")");
  if (method == "bind" && !has_name) return UseOfRequire(tokens, close);
  if (!has_name) return {Kind::kProperty};
  if (method != "apply") return {Kind::kCall, comma + 1, close};
  if (!around.Is(comma + 1, "[")) return {Kind::kValue};
  return {Kind::kCall, comma + 2, close};
}

}  // namespace

size_t EndOfArgument(const TokenList& tokens, size_t index) {
  Around around(tokens);
  for (; around.Kind(index) != TokenKind::kEnd; ++index) {
    if (around.Is(index, ",") || around.Closes(index)) return index;
    if (around.Opens(index)) index = around.Close(index);
  }
  return index;
}

RequireUse UseOfRequire(const TokenList& tokens, size_t last) {
  using Kind = RequireUse::Kind;
  Around around(tokens);
  size_t next = last + 1;
  // (require), (0, require), (0, module_1.require)
  while (around.Is(next, ")")) {
    size_t open = around.Open(next);
    if (open == kNone || !around.Groups(open)) return {Kind::kValue};
    ++next;
  }
  if (around.Is(next, "?.") && around.IsOneOf(next + 1, {"(", "["})) ++next;
  if (around.Is(next, "(")) return {Kind::kCall, next + 1, around.Close(next)};
  std::string property;
  if (around.IsOneOf(next, {".", "?."})) {
    property = around.Text(next + 1);
    next += 2;
  } else if (around.Is(next, "[")) {
    if (!around.IsLiteral(next + 1) || !around.Is(next + 2, "]")) return {Kind::kValue};
    property = StringValue(around.Text(next + 1));
    next += 3;
  } else {
    return {Kind::kValue};
  }
  if (around.Is(next, "?.") && around.Is(next + 1, "(")) ++next;
  bool called = around.Is(next, "(");
  if (property == "resolve" && called) return {Kind::kResolve, next + 1, around.Close(next)};
  if (IsOneOf(property, {"call", "apply", "bind"}) && called)
    return ApplyTo(tokens, next, property);
  return {Kind::kProperty};
}

bool DeclaresVariable(const TokenList& tokens, size_t index) {
  Around around(tokens);
  size_t before = index - 1;  // kNone at the first token, which is no token
  if (around.Is(index + 1, "=>")) return true;
  if (around.IsOneOf(before, {"var", "let", "const", "function", "class", "import"})) return true;
  if (around.Is(before, "*") && around.Is(before - 1, "function")) return true;
  if (!around.IsOneOf(before, {"(", ",", "{", "[", ":", "...", "as"}) ||
      !around.IsOneOf(index + 1, {")", ",", "}", "]", "=", "from"}))
    return false;
  // Out of patterns: {a: [x]}
  for (size_t at = index;;) {
    size_t open = around.Open(at);
    if (open == kNone) return around.Is(before, "as") && around.Is(index + 1, "from");
    if (around.Is(open, "("))
      return (open > 0 && around.Is(open - 1, "catch")) || around.HasParameters(open);
    if (open == 0) return false;
    if (around.IsOneOf(open - 1, {"var", "let", "const", "import"})) return true;
    if (around.Is(open - 1, ",") && around.Is(open, "{") &&
        around.Is(around.Close(open) + 1, "from"))
      return true;
    if (!around.IsOneOf(open - 1, {"(", ",", "[", ":", "..."})) return false;
    at = open;
  }
}

bool DeclaresMethod(const TokenList& tokens, size_t index) {
  Around around(tokens);
  size_t close = around.Close(index + 1);
  if (!around.Is(close + 1, "{")) return false;
  // A call in a line of its own may come before a block.
  if (tokens.tokens[close + 1].new_line && around.IsLiteral(index + 2)) return false;
  return tokens.tokens[index].new_line ||
         around.IsOneOf(index - 1, {"{", "}", ",", ";", "static", "async", "get", "set", "*"});
}

bool AlternativesIn(const TokenList& tokens, size_t first, size_t end,
                    std::vector<size_t>& literals) {
  Around around(tokens);
  if (first + 1 == end && around.IsLiteral(first)) {
    literals.push_back(first);
    return true;
  }
  if (first >= end) return false;
  if (around.Is(first, "(") && around.Close(first) == end - 1)
    return AlternativesIn(tokens, first + 1, end - 1, literals);
  size_t question = kNone, colon = kNone, choice = kNone;
  bool is_or = false;
  for (size_t i = first, nested = 0; i < end; ++i) {
    if (around.Opens(i)) i = around.Close(i);
    if (around.Kind(i) != TokenKind::kPunct) continue;
    if (around.Is(i, "?")) {
      if (question == kNone) {
        question = i;
      } else if (colon == kNone) {
        ++nested;
      }
    } else if (around.Is(i, ":") && question != kNone && colon == kNone) {
      if (nested == 0) {
        colon = i;
      } else {
        --nested;
      }
    } else if (around.IsOneOf(i, {"||", "\?\?"}) || (around.Is(i, "&&") && !is_or)) {
      choice = i;
      is_or = !around.Is(i, "&&");
    } else if (around.IsOneOf(i, {"=>", "=", ","})) {
      return false;
    }
  }
  if (colon != kNone) {
    bool one = AlternativesIn(tokens, question + 1, colon, literals);
    return AlternativesIn(tokens, colon + 1, end, literals) && one;
  }
  if (choice == kNone || question != kNone) return false;
  bool left = !is_or || AlternativesIn(tokens, first, choice, literals);
  return AlternativesIn(tokens, choice + 1, end, literals) && left;
}

}  // namespace kiln
