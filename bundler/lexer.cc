// One pass over the text with a stack of open brackets.
#include "bundler/lexer.h"

#include <algorithm>
#include <array>

#include "support/text.h"

namespace kiln {
namespace {

constexpr bool IsNameStart(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '#' ||
         c == '@' || c == '\\' || c >= 0x80;
}
constexpr bool IsDigit(uint8_t c) { return c >= '0' && c <= '9'; }

// ASCII characters that go on with a name or a number.
constexpr std::array<bool, 256> kNamePart = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x80; ++c)
    table[c] = (IsNameStart(uint8_t(c)) && c != '#' && c != '@') || IsDigit(uint8_t(c));
  return table;
}();

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Keywords after which an expression begins.
bool StartsExpression(std::string_view word) {
  return IsOneOf(word, {"return", "typeof", "instanceof", "in", "of", "new", "delete", "void",
                        "throw", "case", "do", "else", "yield", "await", "extends", "default"});
}

struct Bracket {
  char open = 0;            // one of ( [ { and $ for a template's ${
  bool expression = false;  // a {} that is a value: an operator may follow it
  bool control = false;     // the () of if, for, while, with, switch, catch
  bool parameters = false;  // the () of a function: its body may follow
  bool function = false;    // the {} of a function
  bool class_body = false;
  bool is_try = false;
  int ternaries = 0;  // ? without their : so far
};

// The size of the white space that is not ASCII at the start of `text`, 0 if there is none.
size_t UnicodeSpace(std::string_view text) {
  switch (uint8_t(text[0])) {
    case 0xC2:
      return text.starts_with("\xC2\xA0") ? 2 : 0;  // no-break space
    case 0xE1:
      return text.starts_with("\xE1\x9A\x80") ? 3 : 0;  // U+1680
    case 0xE2: {
      if (text.size() < 3) return 0;
      uint8_t last = uint8_t(text[2]);
      if (text[1] == '\x81') return last == 0x9F ? 3 : 0;  // U+205F
      // U+2000 to U+200A, U+2028, U+2029, U+202F.
      bool space = last <= 0x8A || last == 0xA8 || last == 0xA9 || last == 0xAF;
      return text[1] == '\x80' && space ? 3 : 0;
    }
    case 0xE3:
      return text.starts_with("\xE3\x80\x80") ? 3 : 0;  // U+3000
    case 0xEF:
      return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;  // byte-order mark
    default:
      return 0;
  }
}

// Does a line end at `at`? After \n, \r, U+2028 or U+2029 there is another line.
bool IsLineBreak(std::string_view text, size_t at) {
  char c = text[at];
  if (c == '\n' || c == '\r') return true;
  return c == '\xE2' && at + 2 < text.size() && text[at + 1] == '\x80' &&
         (text[at + 2] == '\xA8' || text[at + 2] == '\xA9');
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) { list_.text = text; }

  TokenList Run() {
    list_.tokens.reserve(list_.text.size() / 5 + 16);
    if (Rest().starts_with("#!")) SkipLine();
    while (SkipSpace(), at_ < size()) Next();
    Push(TokenKind::kEnd, at_, at_);
    if (!brackets_.empty()) list_.balanced = false;
    return std::move(list_);
  }

 private:
  size_t size() const { return list_.text.size(); }
  uint8_t Peek(size_t ahead = 0) const {
    return at_ + ahead < size() ? uint8_t(list_.text[at_ + ahead]) : 0;
  }
  std::string_view Rest() const { return list_.text.substr(at_); }

  void SkipLine() {
    while (at_ < size() && !IsLineBreak(list_.text, at_)) ++at_;
  }

  void SkipSpace() {
    while (at_ < size()) {
      uint8_t c = Peek();
      if (c == '\n' || c == '\r') {
        new_line_ = true;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\v' || c == '\f') {
        ++at_;
      } else if (size_t space = c < 0x80 ? 0 : UnicodeSpace(Rest()); space > 0) {
        if (IsLineBreak(list_.text, at_)) new_line_ = true;
        at_ += space;
      } else if (c == '/' && Peek(1) == '/') {
        SkipLine();
      } else if (c == '/' && Peek(1) == '*') {
        size_t end = list_.text.find("*/", at_ + 2);
        end = end == std::string_view::npos ? size() : end + 2;
        for (; !new_line_ && at_ < end; ++at_) new_line_ = IsLineBreak(list_.text, at_);
        at_ = end;
      } else {
        return;
      }
    }
  }

  void Push(TokenKind kind, size_t start, size_t end) {
    Token token;
    token.start = uint32_t(start);
    token.end = uint32_t(end);
    token.kind = kind;
    token.in_function = functions_ > 0;
    token.in_try = tries_ > 0;
    token.outermost = brackets_.empty();
    token.new_line = new_line_;
    new_line_ = false;
    list_.tokens.push_back(token);
  }

  size_t count() const { return list_.tokens.size(); }
  std::string_view Last(size_t back = 1) const {
    return count() >= back ? list_.Text(count() - back) : std::string_view();
  }
  TokenKind LastKind(size_t back = 1) const {
    return count() >= back ? list_.tokens[count() - back].kind : TokenKind::kEnd;
  }
  bool LastIsProperty() const { return Last(2) == "." || Last(2) == "?."; }

  void Next() {
    size_t start = at_;
    uint8_t c = Peek();
    // After `class` comes a name, `extends` or {, unless it is the name of a member.
    if (after_class_ && (c == '{' || IsNameStart(c))) class_ = brackets_.size();
    after_class_ = false;
    if (IsNameStart(c)) {
      // \ only as the beginning of \u escapes in identifiers.
      ++at_;
      while (at_ < size() && (kNamePart[Peek()] || IsNamePart(start))) ++at_;
      Push(TokenKind::kName, start, at_);
      after_class_ = c == 'c' && Last() == "class" && !LastIsProperty();
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      Number();
      Push(TokenKind::kNumber, start, at_);
    } else if (c == '"' || c == '\'') {
      String(char(c));
      Push(TokenKind::kString, start, at_);
    } else if (c == '`') {
      ++at_;
      Template(start, true);
    } else if (c == '/' && RegExpAllowed()) {
      RegExp();
      Push(TokenKind::kRegExp, start, at_);
    } else {
      Punct();
    }
  }

  // Is the character at at_, which is not in kNamePart, part of the name that begins at `start`?
  bool IsNamePart(size_t start) const {
    uint8_t c = Peek();
    if (c >= 0x80) return UnicodeSpace(Rest()) == 0;
    if (c == '{') return list_.text[at_ - 1] == 'u' && at_ >= 2 && list_.text[at_ - 2] == '\\';
    return c == '}' && InEscape(start);
  }

  bool InEscape(size_t start) const {
    size_t brace = list_.text.rfind('{', at_);
    return brace != std::string_view::npos && brace > start && brace >= 2 &&
           list_.text[brace - 1] == 'u' && list_.text[brace - 2] == '\\';
  }

  void Number() {
    auto digits = [&] {
      while (IsDigit(Peek()) || Peek() == '_') ++at_;
    };
    size_t start = at_;
    digits();
    // 017 is octal: a dot after it is an operator. 0x, 0b and 0o are read as a suffix.
    std::string_view whole = list_.text.substr(start, at_ - start);
    bool octal =
        whole.size() > 1 && whole[0] == '0' && whole.find_first_of("89_") == std::string_view::npos;
    if (!octal) {
      if (Peek() == '.') {
        ++at_;
        digits();
      }
      if ((Peek() | 0x20) == 'e' && (Peek(1) == '+' || Peek(1) == '-')) at_ += 2;
    }
    while (at_ < size() && kNamePart[Peek()]) ++at_;
  }

  void String(char quote) {
    ++at_;
    while (at_ < size() && list_.text[at_] != quote) {
      if (list_.text[at_] == '\n') return;  // unterminated: end here and continue
      bool escape = list_.text[at_] == '\\';
      bool two_byte_line_end = escape && Peek(1) == '\r' && Peek(2) == '\n';
      at_ += two_byte_line_end ? 3 : escape ? 2 : 1;
    }
    at_ = std::min(at_ + 1, size());
  }

  // Reads from after ` or } up to ` or ${.
  void Template(size_t start, bool head) {
    while (at_ < size()) {
      char c = list_.text[at_];
      if (c == '`') {
        ++at_;
        Push(head ? TokenKind::kTemplate : TokenKind::kTemplateTail, start, at_);
        return;
      }
      if (c == '$' && Peek(1) == '{') {
        at_ += 2;
        Push(head ? TokenKind::kTemplateHead : TokenKind::kTemplateMiddle, start, at_);
        brackets_.push_back({.open = '$', .expression = true});
        return;
      }
      at_ += c == '\\' ? 2 : 1;
    }
    at_ = size();
    list_.balanced = false;
  }

  void RegExp() {
    ++at_;
    bool in_class = false;
    while (at_ < size()) {
      char c = list_.text[at_];
      if (c == '\n') return;
      if (c == '\\') {
        at_ += 2;
        continue;
      }
      if (c == '[') in_class = true;
      if (c == ']') in_class = false;
      ++at_;
      if (c == '/' && !in_class) break;
    }
    at_ = std::min(at_, size());
    while (at_ < size() && kNamePart[Peek()]) ++at_;
  }

  bool RegExpAllowed() const {
    if (count() == 0) return true;
    switch (LastKind()) {
      case TokenKind::kName:
        return StartsExpression(Last()) && !LastIsProperty();
      case TokenKind::kPunct:
        break;
      case TokenKind::kTemplateHead:
      case TokenKind::kTemplateMiddle:
        return true;
      default:
        return false;
    }
    std::string_view last = Last();
    if (last == ")") return closed_.control;
    if (last == "}") return !closed_.expression;
    return last != "]" && last != "++" && last != "--";
  }

  // At a `(` after a name: do parameters begin here?
  bool BeginsParameters() const {
    if (Last() == "function" || Last(2) == "function") return true;
    if (Last() == "*" && Last(2) == "function") return true;
    if (Last(2) == "*" && Last(3) == "function") return true;
    return InMembers();
  }
  // Is the innermost bracket the {} of a class or of an object?
  bool InMembers() const {
    return !brackets_.empty() && brackets_.back().open == '{' &&
           (brackets_.back().class_body || brackets_.back().expression);
  }
  // At a `(`: is it that of a statement? In a class and in an object, `catch(` is a method.
  bool BeginsControl() const {
    if (LastKind() != TokenKind::kName || LastIsProperty()) return false;
    bool named = IsOneOf(Last(), {"if", "for", "while", "with", "switch", "catch"}) ||
                 (Last() == "await" && Last(2) == "for");
    if (!named || !InMembers()) return named;
    return !brackets_.back().class_body &&
           !IsOneOf(Last(2), {"{", ",", "get", "set", "async", "*"});
  }

  // Does the { here belong to the last `class` that was seen?
  bool BeginsClassBody() const {
    return class_ != kNoClass && brackets_.size() == class_ && Last() != "extends";
  }

  Bracket OpenBrace() {
    Bracket brace{.open = '{'};
    std::string_view last = Last();
    if (BeginsClassBody()) {
      class_ = kNoClass;
      brace.class_body = true;
      return brace;
    }
    if (count() == 0) return brace;
    if (LastKind() == TokenKind::kName) {
      if (LastIsProperty()) return brace;
      brace.is_try = last == "try";
      brace.expression = StartsExpression(last) && !IsOneOf(last, {"do", "else", "extends"});
      return brace;
    }
    if (LastKind() != TokenKind::kPunct) {
      brace.expression =
          LastKind() == TokenKind::kTemplateHead || LastKind() == TokenKind::kTemplateMiddle;
      return brace;
    }
    if (last == ")") {
      brace.function = closed_.parameters;
    } else if (last == "=>") {
      brace.function = true;
    } else if (last == ":") {
      brace.expression = colon_is_value_;
    } else {
      brace.expression = !IsOneOf(last, {";", "{", "}", "]"});
    }
    return brace;
  }

  void Open(Bracket bracket, size_t length) {
    Push(TokenKind::kPunct, at_, at_ + length);
    at_ += length;
    functions_ += bracket.function;
    tries_ += bracket.is_try;
    brackets_.push_back(bracket);
  }

  void Close(char open) {
    size_t start = at_++;
    if (!brackets_.empty() && brackets_.back().open == open) {
      closed_ = brackets_.back();
      functions_ -= closed_.function;
      tries_ -= closed_.is_try;
      brackets_.pop_back();
      if (class_ != kNoClass && class_ > brackets_.size()) class_ = kNoClass;
    } else {
      closed_ = {};
      list_.balanced = false;
    }
    Push(TokenKind::kPunct, start, at_);
  }

  void Punct() {
    char c = list_.text[at_];
    switch (c) {
      case '(':
        return Open({.open = c,
                     .expression = true,
                     .control = BeginsControl(),
                     .parameters = BeginsParameters()},
                    1);
      case '[':
        return Open({.open = c, .expression = true}, 1);
      case '{':
        return Open(OpenBrace(), 1);
      case ')':
        return Close('(');
      case ']':
        return Close('[');
      case '}':
        if (!brackets_.empty() && brackets_.back().open == '$') {
          brackets_.pop_back();
          size_t start = at_++;
          return Template(start, false);
        }
        return Close('{');
      default:
        break;
    }
    size_t length = 1;
    static constexpr std::string_view kLong[] = {">>>=",
                                                 "...",
                                                 "===",
                                                 "!==",
                                                 "**=",
                                                 "<<=",
                                                 ">>=",
                                                 ">>>",
                                                 "&&=",
                                                 "||=",
                                                 "?\?=",
                                                 "=>",
                                                 "==",
                                                 "!=",
                                                 "<=",
                                                 ">=",
                                                 "&&",
                                                 "||",
                                                 "?"
                                                 "?",
                                                 "++",
                                                 "--",
                                                 "+=",
                                                 "-=",
                                                 "*=",
                                                 "/=",
                                                 "%=",
                                                 "&=",
                                                 "|=",
                                                 "^=",
                                                 "<<",
                                                 ">>",
                                                 "**"};
    std::string_view rest = Rest().substr(0, 4);
    if (c == '?' && Peek(1) == '.' && !IsDigit(Peek(2))) {
      length = 2;
    } else if (std::string_view("=.>&|?*<+-").find(char(Peek(1))) != std::string_view::npos) {
      for (std::string_view punct : kLong)
        if (rest.starts_with(punct)) {
          length = punct.size();
          break;
        }
    }
    if (length == 1 && c == '?' && !brackets_.empty()) ++brackets_.back().ternaries;
    if (length == 1 && c == '?' && brackets_.empty()) ++outer_ternaries_;
    if (c == ':') {
      // A value follows the colon of ?: and of a property; a statement that of a label.
      int& ternaries = brackets_.empty() ? outer_ternaries_ : brackets_.back().ternaries;
      colon_is_value_ = ternaries > 0 || (!brackets_.empty() && brackets_.back().expression);
      if (ternaries > 0) --ternaries;
    }
    Push(TokenKind::kPunct, at_, at_ + length);
    at_ += length;
  }

  TokenList list_;
  size_t at_ = 0;
  std::vector<Bracket> brackets_;
  Bracket closed_{};  // the bracket that the last closing token closed
  static constexpr size_t kNoClass = SIZE_MAX;
  bool after_class_ = false;  // the last token is `class`
  size_t class_ = kNoClass;   // how many brackets were open at a `class` that has no body so far
  int outer_ternaries_ = 0;
  int functions_ = 0;
  int tries_ = 0;
  bool colon_is_value_ = false;
  bool new_line_ = true;
};

uint32_t ReadHex(std::string_view text, size_t& at, size_t digits) {
  uint32_t value = 0;
  for (size_t i = 0; i < digits && at < text.size(); ++i, ++at) {
    char c = text[at];
    uint32_t digit = IsDigit(uint8_t(c)) ? uint32_t(c - '0') : uint32_t((c | 0x20) - 'a' + 10);
    if (digit > 15) break;
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace

TokenList Tokenize(std::string_view text) { return Lexer(text).Run(); }

std::string StringValue(std::string_view token) {
  if (token.empty()) return {};
  size_t tail = token.ends_with("${") ? 2 : 1;
  if (token.size() < 1 + tail) return {};
  std::string_view text = token.substr(1, token.size() - 1 - tail);
  std::string out;
  for (size_t i = 0; i < text.size();) {
    char c = text[i++];
    if (c != '\\' || i >= text.size()) {
      out += c;
      continue;
    }
    char escaped = text[i++];
    switch (escaped) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'v':
        out += '\v';
        break;
      case '0':
        out += '\0';
        break;
      case '\n':
        break;
      case '\r':
        if (i < text.size() && text[i] == '\n') ++i;
        break;
      case 'x':
        AppendUtf8(out, ReadHex(text, i, 2));
        break;
      case 'u':
        if (i < text.size() && text[i] == '{') {
          AppendUtf8(out, ReadHex(text, ++i, 6));
          if (i < text.size() && text[i] == '}') ++i;
        } else {
          AppendUtf8(out, ReadHex(text, i, 4));
        }
        break;
      default:
        out += escaped;
    }
  }
  return out;
}

LineColumn PositionOf(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  std::string_view before = text.substr(0, offset);
  int line = 1 + int(std::count(before.begin(), before.end(), '\n'));
  size_t line_start = before.rfind('\n');
  line_start = line_start == std::string_view::npos ? 0 : line_start + 1;
  return {line, int(offset - line_start) + 1};
}

LineColumn UnitPositionOf(std::string_view text, size_t offset) {
  LineColumn position = PositionOf(text, offset);
  size_t end = std::min(offset, text.size());
  int units = 0;
  for (size_t at = end - size_t(position.column - 1); at < end; ++at) {
    uint8_t byte = uint8_t(text[at]);
    if ((byte & 0xC0) != 0x80) units += byte < 0xF0 ? 1 : 2;
  }
  return {position.line, units + 1};
}

size_t OffsetOf(std::string_view text, LineColumn position) {
  size_t at = 0;
  for (int line = 1; line < position.line; ++line) {
    size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  for (int column = 1; column < position.column && at < text.size() && text[at] != '\n';) {
    uint8_t lead = uint8_t(text[at]);
    at += lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    column += lead < 0xF0 ? 1 : 2;
  }
  return std::min(at, text.size());
}

std::string LineTextAt(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  size_t start = text.rfind('\n', offset == 0 ? 0 : offset - 1);
  start = start == std::string_view::npos || offset == 0 ? 0 : start + 1;
  size_t end = text.find('\n', offset);
  std::string line(text.substr(start, (end == std::string_view::npos ? text.size() : end) - start));
  if (line.ends_with('\r')) line.pop_back();
  // Omit minified lines, which would fill the screen.
  return line.size() > 400 ? std::string() : line;
}

}  // namespace kiln
