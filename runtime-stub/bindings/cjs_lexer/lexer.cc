// A tokeniser that knows just enough JavaScript to skip strings, templates, comments and
// regular expressions, plus patterns for the forms in which bundlers, compilers and people
// write CommonJS exports. The forms are those of the cjs-module-lexer grammar, which Node
// follows: `exports.a =`, `exports['a'] =`, `module.exports = {a, b: c, 'd': e, ...f}`,
// `module.exports = require('x')`, `Object.defineProperty(exports, 'a', {...})`,
// `__export(require('x'))`, and the `Object.keys(m).forEach(...)` loops that compilers
// emit for `export *`.
//
// The main loop (Lexer::Run) sees every token once. At the words `exports`, `module`,
// `Object` and `require` it tries patterns from there on; a pattern only looks ahead, the
// loop continues behind the word whether it matched or not.
#include "runtime-stub/bindings/cjs_lexer/lexer.h"

#include <algorithm>
#include <optional>
#include <set>

namespace kiln::runtime {
namespace {

bool IsLineBreak(unsigned char c) { return c == '\n' || c == '\r'; }
bool IsDigit(unsigned char c) { return c >= '0' && c <= '9'; }
bool IsLetter(unsigned char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

// Letters of an identifier. Everything beyond ASCII counts as a letter, except the spaces
// that SpaceLength knows.
bool IsIdentifierStart(unsigned char c) { return IsLetter(c) || c == '$' || c == '_' || c >= 0x80; }
bool IsIdentifierPart(unsigned char c) { return IsIdentifierStart(c) || IsDigit(c); }
bool IsWordChar(unsigned char c) { return IsIdentifierPart(c) || c == '\\'; }

bool IsPunctuator(unsigned char c) {
  return c && std::string_view("!%&()*+,-./:;<=>?[]^{}|~").find(char(c)) != std::string_view::npos;
}

// The value of a string literal (with its quotes), or nothing when it is not well formed:
// export names must be valid Unicode.
std::optional<std::string> DecodeString(std::string_view literal);

class Lexer {
 public:
  Lexer(std::string_view source, CjsExports* out) : src_(source), out_(out) {}

  bool Run();

 private:
  // An open bracket: the last token before it tells what a `/` after its end means.
  struct Open {
    size_t token_before;
    bool is_class = false;
    bool is_template = false;
  };

  unsigned char At(size_t i) const { return i < src_.size() ? src_[i] : 0; }
  bool Starts(size_t i, std::string_view text) const { return src_.substr(i).starts_with(text); }
  size_t SpaceLength(size_t i) const;

  // ---- tokens
  bool SkipString(char quote);  // pos_ at the opening quote; ends behind the closing one
  bool SkipTemplate();          // pos_ behind "`" or "}"; ends behind "`" or "${"
  bool SkipRegExp();
  void SkipComment();
  bool SlashStartsRegExp() const;
  bool EndsWithKeyword(size_t last) const;
  bool StatementBraceFollows(size_t last) const;
  bool KeywordStart(size_t start) const;
  bool Word();

  // ---- patterns; all look ahead from pos_, which the caller restores
  void SkipSpace();
  bool Eat(char c);
  bool EatWord(std::string_view word);
  bool EatText(std::string_view text);
  bool EatIdentifier(std::string_view* out = nullptr);
  bool EatString(std::string_view* out = nullptr);
  bool EatExports();
  bool EatRequire(std::string_view* specifier);
  bool Pattern(std::string_view pattern, std::string_view one = {}, std::string_view two = {});
  bool TryPattern(std::string_view pattern, std::string_view one = {}, std::string_view two = {}) {
    size_t start = pos_;
    if (Pattern(pattern, one, two)) return true;
    pos_ = start;
    return false;
  }
  void AfterExports(bool is_module);
  void ObjectLiteral();
  void DefineProperty();
  void KeysForEach();
  void StarImport(size_t word_start);
  void ExportStar();

  void AddName(std::string_view raw);
  void AddReexport(std::string_view raw);

  std::string_view src_;
  CjsExports* out_;
  size_t pos_ = 0;
  static constexpr size_t kNone = size_t(-1);
  size_t last_token_ = kNone;  // index of the last byte of the last token
  bool last_slash_was_division_ = false;
  bool next_brace_is_class_ = false;
  std::vector<Open> open_;
  Open closed_{kNone};  // the bracket that was closed last
  std::set<std::string, std::less<>> seen_;
  std::vector<std::pair<std::string, std::string>> star_imports_;  // variable, specifier
};

// ------------------------------------------------------------------ tokens

// White space other than ASCII: no-break space.
size_t Lexer::SpaceLength(size_t i) const {
  unsigned char c = At(i);
  if (c == ' ' || (c > 8 && c < 14)) return 1;
  return c == 0xC2 && At(i + 1) == 0xA0 ? 2 : 0;
}

bool Lexer::SkipString(char quote) {
  for (pos_++; pos_ < src_.size(); pos_++) {
    char c = src_[pos_];
    if (c == quote) {
      pos_++;
      return true;
    }
    if (c == '\\') {
      pos_++;
      if (At(pos_) == '\r' && At(pos_ + 1) == '\n') pos_++;
    } else if (IsLineBreak(c)) {
      return false;
    }
  }
  return false;
}

bool Lexer::SkipTemplate() {
  for (; pos_ < src_.size(); pos_++) {
    char c = src_[pos_];
    if (c == '`') {
      pos_++;
      return true;
    }
    if (c == '\\') {
      pos_++;
    } else if (c == '$' && At(pos_ + 1) == '{') {
      pos_ += 2;
      open_.push_back({.token_before = kNone, .is_template = true});
      return true;
    }
  }
  return false;
}

bool Lexer::SkipRegExp() {
  bool in_class = false;
  for (pos_++; pos_ < src_.size(); pos_++) {
    char c = src_[pos_];
    if (IsLineBreak(c)) return false;
    if (c == '\\') {
      pos_++;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '/') {
      pos_++;
      return true;
    }
  }
  return false;
}

void Lexer::SkipComment() {
  if (At(pos_ + 1) == '/') {
    while (pos_ < src_.size() && !IsLineBreak(src_[pos_])) pos_++;
    return;
  }
  size_t end = src_.find("*/", pos_ + 2);
  pos_ = end == std::string_view::npos ? src_.size() : end + 2;
}

// Whether a word that ends at `last` is a keyword after which an expression begins.
bool Lexer::EndsWithKeyword(size_t last) const {
  if (last == kNone) return false;
  size_t start = last + 1;
  while (start > 0 && IsWordChar(src_[start - 1])) start--;
  static constexpr std::string_view kKeywords[] = {
      "case", "debugger", "delete", "do",     "else", "in",    "instanceof",
      "new",  "return",   "throw",  "typeof", "void", "yield", "await"};
  std::string_view word = src_.substr(start, last + 1 - start);
  return std::find(std::begin(kKeywords), std::end(kKeywords), word) != std::end(kKeywords) &&
         KeywordStart(start);
}

// Whether a `{` after the token that ends at `last` opens a block, not an object.
bool Lexer::StatementBraceFollows(size_t last) const {
  if (last == kNone) return false;
  auto ends = [&](std::string_view text) {
    return last + 1 >= text.size() && Starts(last + 1 - text.size(), text);
  };
  return ends("=>") || ends(";") || ends(")") || ends("catch") || ends("finally") || ends("else");
}

// A `/` is a division after a value, else the start of a regular expression. What came
// last tells: a punctuator, a keyword, a closing bracket and then what opened it.
bool Lexer::SlashStartsRegExp() const {
  if (last_token_ == kNone) return true;
  unsigned char last = src_[last_token_];
  unsigned char before = last_token_ > 0 ? src_[last_token_ - 1] : 0;
  if (last == ')') {
    if (closed_.token_before == kNone) return false;
    size_t end = closed_.token_before + 1;
    auto ends = [&](std::string_view text) {
      return end >= text.size() && Starts(end - text.size(), text);
    };
    return ends("while") || ends("for") || ends("if");
  }
  if (last == '}') return StatementBraceFollows(closed_.token_before) || closed_.is_class;
  if (last == '/') return last_slash_was_division_;
  if (IsPunctuator(last) && last != ']') {
    if (last == '.' && IsDigit(before)) return false;
    return !((last == '+' || last == '-') && before == last);
  }
  return EndsWithKeyword(last_token_);
}

// Whether a word at `start` can be a keyword or a free variable: nothing but white space
// or punctuation precedes it, and it is no property name.
bool Lexer::KeywordStart(size_t start) const {
  if (start == 0) return true;
  unsigned char c = src_[start - 1];
  if (c == 0xA0 && start > 1 && (unsigned char)(src_[start - 2]) == 0xC2) return true;
  return c == ' ' || (c > 8 && c < 14) || (IsPunctuator(c) && c != '.');
}

// ------------------------------------------------------------------ main loop

bool Lexer::Run() {
  if (Starts(0, "#!"))
    while (pos_ < src_.size() && !IsLineBreak(src_[pos_])) pos_++;

  while (pos_ < src_.size()) {
    if (size_t space = SpaceLength(pos_)) {
      pos_ += space;
      continue;
    }
    unsigned char c = src_[pos_];
    if (IsWordChar(c)) {
      if (!Word()) return false;
      last_token_ = pos_ - 1;
      continue;
    }
    switch (c) {
      case '(':
        open_.push_back({last_token_});
        pos_++;
        break;
      case '{':
        open_.push_back({last_token_, next_brace_is_class_});
        next_brace_is_class_ = false;
        pos_++;
        break;
      case ')':
      case '}':
        if (open_.empty()) return false;
        closed_ = open_.back();
        open_.pop_back();
        pos_++;
        if (closed_.is_template && (c == ')' || !SkipTemplate())) return false;
        break;
      case '\'':
      case '"':
        if (!SkipString(c)) return false;
        break;
      case '`':
        pos_++;
        if (!SkipTemplate()) return false;
        break;
      case '/':
        if (At(pos_ + 1) == '/' || At(pos_ + 1) == '*') {
          SkipComment();
          continue;  // a comment is no token
        }
        if (SlashStartsRegExp()) {
          if (!SkipRegExp()) return false;
          last_slash_was_division_ = false;
        } else {
          last_slash_was_division_ = true;
          pos_++;
        }
        break;
      default:
        pos_++;
    }
    last_token_ = pos_ - 1;
  }
  return open_.empty();
}

// Handles the word at pos_ and moves behind it. False for an import or export statement.
bool Lexer::Word() {
  size_t start = pos_;
  while (IsWordChar(At(pos_)) && !SpaceLength(pos_)) pos_++;
  size_t end = pos_;
  std::string_view word = src_.substr(start, end - start);
  bool top = open_.empty();
  if (!KeywordStart(start)) {
    // Helpers are also called as methods: tslib.__exportStar(require('x'), exports).
    if (top && start > 0 && src_[start - 1] == '.' && word.starts_with("__export")) ExportStar();
  } else if (word == "exports") {
    AfterExports(false);
  } else if (word == "module") {
    if (Eat('.') && EatWord("exports")) AfterExports(true);
  } else if (word == "Object") {
    DefineProperty();
    pos_ = end;
    if (top) KeysForEach();
  } else if (word == "class") {
    if (SpaceLength(end)) next_brace_is_class_ = true;
  } else if (top && (word == "require" || word == "_interopRequireWildcard")) {
    StarImport(start);
  } else if (top && (word == "__export" || word == "__exportStar")) {
    ExportStar();
  } else if (top && word == "import") {
    SkipSpace();
    unsigned char c = At(pos_);
    bool spaced = pos_ > end;
    if (c == '.' || c == '"' || c == '\'' || c == '{' || c == '*') return false;
    if (c != '(' && spaced) return false;
  } else if (top && word == "export") {
    SkipSpace();
    if (pos_ > end || IsPunctuator(At(pos_))) return false;
  }
  pos_ = end;
  return true;
}

// ------------------------------------------------------------------ patterns

void Lexer::SkipSpace() {
  while (pos_ < src_.size()) {
    if (size_t space = SpaceLength(pos_))
      pos_ += space;
    else if (src_[pos_] == '/' && (At(pos_ + 1) == '/' || At(pos_ + 1) == '*'))
      SkipComment();
    else
      return;
  }
}

bool Lexer::Eat(char c) {
  SkipSpace();
  if (At(pos_) != (unsigned char)c) return false;
  pos_++;
  return true;
}

bool Lexer::EatText(std::string_view text) {
  SkipSpace();
  if (!Starts(pos_, text)) return false;
  pos_ += text.size();
  return true;
}

bool Lexer::EatWord(std::string_view word) { return EatText(word) && !IsIdentifierPart(At(pos_)); }

bool Lexer::EatIdentifier(std::string_view* out) {
  SkipSpace();
  size_t start = pos_;
  if (!IsIdentifierStart(At(pos_))) return false;
  while (IsIdentifierPart(At(pos_)) && !SpaceLength(pos_)) pos_++;
  if (At(pos_) == '\\' || pos_ == start) return false;  // escapes are not supported
  if (out) *out = src_.substr(start, pos_ - start);
  return true;
}

bool Lexer::EatString(std::string_view* out) {
  SkipSpace();
  size_t start = pos_;
  if (At(pos_) != '"' && At(pos_) != '\'') return false;
  if (!SkipString(src_[pos_])) return false;
  if (out) *out = src_.substr(start, pos_ - start);
  return true;
}

bool Lexer::EatExports() {
  SkipSpace();
  size_t start = pos_;
  if (EatWord("module") && Eat('.') && EatWord("exports")) return true;
  pos_ = start;
  return EatWord("exports");
}

bool Lexer::EatRequire(std::string_view* specifier) {
  return EatWord("require") && Eat('(') && EatString(specifier) && Eat(')');
}

// Matches a list of tokens separated by single spaces. Words and punctuation match
// themselves (punctuation need not be spaced in the source); $1 and $2 are the given
// identifiers; ID is any identifier, STR a string, EXPORTS is `exports` or
// `module.exports`; a token that ends in `?` may be absent.
bool Lexer::Pattern(std::string_view pattern, std::string_view one, std::string_view two) {
  while (!pattern.empty()) {
    size_t space = std::min(pattern.find(' '), pattern.size());
    std::string_view token = pattern.substr(0, space);
    pattern.remove_prefix(std::min(space + 1, pattern.size()));
    bool optional = token.size() > 1 && token.back() == '?';
    if (optional) token.remove_suffix(1);
    size_t start = pos_;
    bool matched = token == "$1"        ? EatWord(one)
                   : token == "$2"      ? EatWord(two)
                   : token == "ID"      ? EatIdentifier()
                   : token == "STR"     ? EatString()
                   : token == "EXPORTS" ? EatExports()
                   : IsLetter(token[0]) ? EatWord(token)
                                        : EatText(token);
    if (matched) continue;
    if (!optional) return false;
    pos_ = start;
  }
  return true;
}

// Behind `exports` or `module.exports`.
void Lexer::AfterExports(bool is_module) {
  std::string_view name;
  if (Eat('.')) {
    if (EatIdentifier(&name) && Eat('=')) AddName(name);
    return;
  }
  if (Eat('[')) {
    if (EatString(&name) && Eat(']') && Eat('=')) AddName(name);
    return;
  }
  if (!Eat('=') || !is_module) return;
  out_->reexports.clear();  // the last assignment counts
  if (Eat('{'))
    ObjectLiteral();
  else if (EatRequire(&name))
    AddReexport(name);
}

// The members of `module.exports = {`, up to the first that is more than a name. A member
// whose value is a require() call also makes that module's names known, as in Node.
void Lexer::ObjectLiteral() {
  auto value = [&](std::string_view key) {
    size_t start = pos_;
    std::string_view specifier;
    bool required = EatRequire(&specifier);
    if (required) AddReexport(specifier);
    pos_ = start;
    if (EatIdentifier()) AddName(key);
    return !required;
  };
  do {
    std::string_view name;
    if (EatIdentifier(&name)) {
      if (Eat(':')) {
        if (!value(name)) return;
        continue;
      }
      if (name == "get" && IsIdentifierStart(At(pos_))) return;  // get x() {...}
      AddName(name);
    } else if (EatText("...")) {
      size_t start = pos_;
      if (EatRequire(&name)) {
        AddReexport(name);
      } else {
        pos_ = start;
        if (!EatIdentifier()) return;
      }
    } else if (EatString(&name)) {
      if (Eat(':') && !value(name)) return;
    } else {
      return;
    }
  } while (Eat(','));
}

// Object.defineProperty(exports, 'a', {enumerable: true, value: or a plain getter.
void Lexer::DefineProperty() {
  std::string_view name;
  if (!Pattern(". defineProperty ( EXPORTS ,") || !EatString(&name) || !Pattern(", {")) return;
  TryPattern("enumerable : true ,");
  if (TryPattern("value :")) return AddName(name);
  if (!EatWord("get")) return;
  if (Eat(':') && !Pattern("function ID?")) return;
  if (!Pattern("( ) { return ID")) return;
  if (Eat('.')) {
    if (!EatIdentifier()) return;
  } else if (Eat('[')) {
    if (!Pattern("STR ]")) return;
  }
  if (Pattern(";? } ,? } )")) AddName(name);
}

// The loops that Babel and TypeScript write for `export * from`.
void Lexer::KeysForEach() {
  std::string_view module, key;
  if (!Pattern(". keys (") || !EatIdentifier(&module)) return;
  if (!Pattern(") . forEach ( function (") || !EatIdentifier(&key)) return;
  if (!Pattern(") { if ( $2", module, key)) return;
  auto has_own = [&] {
    return Pattern("Object . prototype? .? hasOwnProperty . call ( ID , $2 )", module, key);
  };
  auto eat_either = [&](std::string_view word) {
    return TryPattern("\"" + std::string(word) + "\"") || EatText("'" + std::string(word) + "'");
  };
  if (EatText("===")) {
    if (!eat_either("default") || !Pattern("|| $2 ===", module, key)) return;
    if (!eat_either("__esModule") || !Pattern(") return ;?")) return;
    size_t start = pos_;
    if (Pattern("if (") && has_own()) {
      if (!Pattern(") return ;?")) return;
    } else {
      pos_ = start;
    }
    if (TryPattern("if (")) {
      if (!Pattern("$2 in EXPORTS && EXPORTS [ $2 ] === $1 [ $2 ] ) return ;?", module, key))
        return;
    }
  } else if (EatText("!==")) {
    if (!eat_either("default")) return;
    if (TryPattern("&& !")) {
      size_t start = pos_;
      if (!has_own()) {
        pos_ = start;
        if (!Pattern("ID . hasOwnProperty ( $2 )", module, key)) return;
      }
    }
    if (!Eat(')')) return;
  } else {
    return;
  }
  if (!TryPattern("EXPORTS [ $2 ] = $1 [ $2 ] ;?", module, key)) {
    if (!Pattern("Object . defineProperty ( EXPORTS , $2 , { enumerable : true , get", module, key))
      return;
    if (Eat(':') && !Pattern("function ID?")) return;
    if (!Pattern("( ) { return $1 [ $2 ] ;? } ,? } ) ;?", module, key)) return;
  }
  if (!Pattern("} )")) return;
  for (auto it = star_imports_.rbegin(); it != star_imports_.rend(); ++it) {
    if (it->first != module) continue;
    if (std::find(out_->reexports.begin(), out_->reexports.end(), it->second) ==
        out_->reexports.end())
      out_->reexports.push_back(it->second);
    return;
  }
}

// `var m = require('x')` at top level: remembered for KeysForEach.
void Lexer::StarImport(size_t word_start) {
  std::string_view specifier;
  if (src_[word_start] == 'r')
    pos_ = word_start;
  else if (At(pos_) == '(')
    pos_++;
  else
    return;
  if (!EatRequire(&specifier)) return;
  // Look back over `var NAME = `, where only spaces may separate.
  size_t p = word_start;
  auto skip_spaces = [&] {
    while (p > 0 && src_[p - 1] == ' ') p--;
  };
  skip_spaces();
  if (p == 0 || src_[p - 1] != '=') return;
  p--;
  skip_spaces();
  size_t end = p;
  while (p > 0 && IsIdentifierPart(src_[p - 1])) p--;
  std::string_view name = src_.substr(p, end - p);
  if (name.empty() || !IsIdentifierStart(name[0]) || p == 0 || src_[p - 1] != ' ') return;
  skip_spaces();
  std::string_view before = src_.substr(0, p);
  if (!before.ends_with("var") && !before.ends_with("let") && !before.ends_with("const")) return;
  if (auto decoded = DecodeString(specifier)) star_imports_.emplace_back(name, *decoded);
}

// __export(require('x')), __exportStar(require('x'), exports)
void Lexer::ExportStar() {
  std::string_view specifier;
  if (At(pos_) != '(') return;
  pos_++;
  if (EatRequire(&specifier)) AddReexport(specifier);
}

// ------------------------------------------------------------------ results

void Lexer::AddName(std::string_view raw) {
  std::optional<std::string> name(raw);
  if (raw[0] == '"' || raw[0] == '\'') name = DecodeString(raw);
  if (name && seen_.insert(*name).second) out_->names.push_back(*name);
}

void Lexer::AddReexport(std::string_view raw) {
  auto specifier = DecodeString(raw);
  auto& list = out_->reexports;
  if (specifier && std::find(list.begin(), list.end(), *specifier) == list.end())
    list.push_back(*specifier);
}

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    *out += char(c);
  } else if (c < 0x800) {
    *out += char(0xC0 | c >> 6);
    *out += char(0x80 | (c & 63));
  } else if (c < 0x10000) {
    *out += char(0xE0 | c >> 12);
    *out += char(0x80 | (c >> 6 & 63));
    *out += char(0x80 | (c & 63));
  } else {
    *out += char(0xF0 | c >> 18);
    *out += char(0x80 | (c >> 12 & 63));
    *out += char(0x80 | (c >> 6 & 63));
    *out += char(0x80 | (c & 63));
  }
}

std::optional<std::string> DecodeString(std::string_view literal) {
  std::string out;
  std::string_view s = literal.substr(1, literal.size() - 2);
  uint32_t high = 0;  // a leading surrogate that waits for its partner
  auto hex = [&](size_t at, size_t count, uint32_t* value) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
      unsigned char c = at + i < s.size() ? s[at + i] : 0;
      unsigned char lower = c | 32;
      if (!IsDigit(c) && !(lower >= 'a' && lower <= 'f')) return false;
      *value = *value * 16 + (IsDigit(c) ? c - '0' : lower - 'a' + 10);
    }
    return true;
  };
  for (size_t i = 0; i < s.size(); i++) {
    if (s[i] != '\\') {
      if (high) return {};
      out += s[i];
      continue;
    }
    char c = ++i < s.size() ? s[i] : 0;
    uint32_t code = 0;
    if (c == 'u' && i + 1 < s.size() && s[i + 1] == '{') {
      size_t end = s.find('}', i);
      if (end == std::string_view::npos || end - i - 2 > 6 || end - i == 2) return {};
      if (!hex(i + 2, end - i - 2, &code) || code > 0x10FFFF) return {};
      i = end;
    } else if (c == 'u') {
      if (!hex(i + 1, 4, &code)) return {};
      i += 4;
    } else if (c == 'x') {
      if (!hex(i + 1, 2, &code)) return {};
      i += 2;
    } else {
      static constexpr std::string_view kFrom = "nrtbvf0", kTo("\n\r\t\b\v\f\0", 7);
      size_t at = c ? kFrom.find(c) : std::string_view::npos;
      if (high) return {};
      out += at == std::string_view::npos ? c : kTo[at];
      continue;
    }
    bool low = code >= 0xDC00 && code < 0xE000;
    if (low != (high != 0)) return {};
    if (low) {
      code = 0x10000 + ((high & 0x3FF) << 10) + (code & 0x3FF);
      high = 0;
    } else if (code >= 0xD800 && code < 0xDC00) {
      high = code;
      continue;
    }
    AppendUtf8(code, &out);
  }
  if (high) return {};
  return out;
}

}  // namespace

bool LexCommonJs(std::string_view source, CjsExports* out) {
  if (Lexer(source, out).Run()) return true;
  *out = {};
  return false;
}

}  // namespace kiln::runtime
