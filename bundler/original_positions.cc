// One pass over the tokens. Those from one token of the map up to the next are placed together:
// with the blanks that esbuild wrote if there is room before the next token's column, else with
// only those that keep tokens apart.
#include "bundler/original_positions.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "bundler/lexer.h"
#include "bundler/token_map.h"
#include "support/json.h"
#include "support/result.h"

namespace kiln {
namespace {

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '#' || c == '@' || c == '\\' || uint8_t(c) >= 0x80;
}

bool IsOperatorCharacter(char c) {
  return std::string_view("+-*/<>=&|?!.%^~").find(c) != std::string_view::npos;
}

class Layout {
 public:
  Layout(const TokenList& tokens, std::string_view mappings, std::string_view original)
      : tokens_(tokens), origins_(OriginsOf(tokens, mappings)) {
    MoveExports(original);
  }

  void Run() {
    out_.reserve(tokens_.text.size() * 5 / 4);
    // A #! line stays.
    if (tokens_.text.starts_with("#!")) {
      Append(tokens_.text.substr(0, std::min(tokens_.text.find('\n'), tokens_.text.size())));
      if (out_.size() < tokens_.text.size()) BreakLine();
    }
    size_t end = tokens_.tokens.size() - 1;  // without kEnd
    for (size_t from = 0; from < end;) {
      // Tokens of the map are followed by others, which may also be at the beginning of the text.
      if (origins_[from].line >= 0) PlaceMapped(from++);
      size_t to = from;
      while (to < end && origins_[to].line < 0) ++to;
      PlaceOthers(from, to, to < end);
      from = to;
    }
    if (!out_.empty()) out_ += '\n';
  }

  std::string& code() { return out_; }
  const std::string& mappings() const { return mappings_.text(); }
  bool exact() const { return exact_; }
  bool exact_lines() const { return exact_lines_; }

 private:
  // The map has the place of `const` for `export` in `export const`: moves it to the next token.
  void MoveExports(std::string_view original) {
    LineIndex lines(original);
    for (size_t i = 0; i + 1 < tokens_.tokens.size(); ++i) {
      TokenOrigin& origin = origins_[i];
      if (origin.line < 0 || origins_[i + 1].line >= 0 || !tokens_.Is(i, "export")) continue;
      size_t offset = lines.Offset(size_t(origin.line), size_t(origin.column));
      if (original.substr(offset).starts_with("export")) continue;
      if (original.substr(offset).starts_with(tokens_.Text(i + 1))) origins_[i + 1] = origin;
      origin.line = -1;
    }
  }

  // A token, or another text.
  void Append(std::string_view text) {
    out_ += text;
    for (size_t at = 0; at < text.size();) {
      size_t size = LineBreakAt(text, at);
      if (size == 0) {
        ++at;
        continue;
      }
      ++line_;
      mappings_.NextLine();
      column_ = 0;
      text.remove_prefix(at + size);
      at = 0;
    }
    column_ += int(Utf16Length(text));
  }
  void BreakLine() { Append("\n"); }
  void Pad(int columns) {
    out_.append(size_t(columns), ' ');
    column_ += columns;
  }

  char FirstCharacter(size_t index) const { return tokens_.text[tokens_.tokens[index].start]; }
  char LastCharacter(size_t index) const { return tokens_.text[tokens_.tokens[index].end - 1]; }

  // Did esbuild write white space (or a comment) before this token?
  bool HasSpace(size_t index) const {
    return index > 0 && tokens_.tokens[index - 1].end < tokens_.tokens[index].start;
  }
  // Is white space needed between this token and the one before it?
  bool NeedsSpace(size_t index) const {
    if (!HasSpace(index)) return false;
    char last = LastCharacter(index - 1), first = FirstCharacter(index);
    if (IsWordCharacter(last) && (IsWordCharacter(first) || first == '.')) return true;
    return IsOperatorCharacter(last) && IsOperatorCharacter(first);
  }
  // May a line break be written between this token and the one before it?
  bool MayBreak(size_t index) const {
    if (index == 0) return true;
    // Within a template's text nothing can be written, but between ${ and its tokens it can.
    std::string_view last = tokens_.Text(index - 1), text = tokens_.Text(index);
    // Only a break that esbuild wrote; `-->` at the beginning of a line is a comment, too.
    if (IsOneOf(text, {"=>", "++", "--"})) return tokens_.tokens[index].new_line;
    return tokens_.tokens[index].new_line ||
           !IsOneOf(last, {"return", "break", "continue", "throw", "yield", "async", "await", "get",
                           "set", "static", "accessor", "using", "let", "type", "of", "--"});
  }

  void PlaceMapped(size_t index) {
    const TokenOrigin& origin = origins_[index];
    if (origin.line > line_ && MayBreak(index))
      while (line_ < origin.line) BreakLine();
    bool needs_space = out_.size() > 0 && column_ > 0 && NeedsSpace(index);
    if (origin.line == line_ && origin.column >= column_ + needs_space) {
      Pad(origin.column - column_);
    } else {
      if (origin.line != line_) exact_lines_ = false;
      exact_ = false;
      bool space = needs_space || (HasSpace(index) && origin.line != line_ && column_ > 0);
      if (space) Pad(1);
    }
    mappings_.Add(column_, origin.line, origin.column);
    AppendToken(index);
  }

  // The tokens [from, to), which have no origin. `more`: `to` is a token that has one. Those that
  // begin a statement that goes on with `to` (such as `export`) are placed on the line of `to`.
  void PlaceOthers(size_t from, size_t to, bool more) {
    if (from == to) return;
    size_t statement = to;
    if (more && origins_[to].line > line_) {
      while (statement > from && !tokens_.tokens[statement].new_line) --statement;
      if (!tokens_.tokens[statement].new_line) statement = to;
    }
    PlaceBefore(from, statement, more && origins_[to].line == line_ ? to : 0);
    if (statement == to || !MayBreak(statement)) {
      PlaceBefore(statement, to, 0);
      return;
    }
    while (line_ < origins_[to].line) BreakLine();
    int width = Width(statement, to) + int(HasSpace(to));
    if (width < origins_[to].column) Pad(origins_[to].column - width);
    PlaceBefore(statement, to, to);
  }

  // The tokens [from, to), with the blanks that esbuild wrote unless `next` (if it is not 0), which
  // follows on this line, would then be too far to the right.
  void PlaceBefore(size_t from, size_t to, size_t next) {
    bool room =
        next == 0 || column_ + Width(from, to) + int(HasSpace(next)) <= origins_[next].column;
    for (size_t i = from; i < to; ++i) {
      bool blank = column_ > 0 && out_.back() != ' ';
      if (blank && (room ? HasSpace(i) : NeedsSpace(i))) Pad(1);
      AppendToken(i);
    }
  }
  // The columns that tokens [from, to) need with esbuild's blanks.
  int Width(size_t from, size_t to) const {
    int width = 0;
    for (size_t i = from; i < to; ++i)
      width += int(i > from && HasSpace(i)) + int(Utf16Length(tokens_.Text(i)));
    return width + (column_ > 0 && from < to && HasSpace(from));
  }

  void AppendToken(size_t index) { Append(tokens_.Text(index)); }

  const TokenList& tokens_;
  std::vector<TokenOrigin> origins_;
  std::string out_;
  MappingsWriter mappings_;
  // The place of the next character, from 0, in UTF-16 units.
  int line_ = 0;
  int column_ = 0;
  bool exact_ = true;
  bool exact_lines_ = true;
};

}  // namespace

RestoredPositions RestorePositions(std::string_view generated, const std::string& map,
                                   std::string_view original) {
  RestoredPositions restored{.code = std::string(generated), .map = map};
  auto json = Json::Parse(map);
  if (!json.ok()) return restored;
  TokenList tokens = Tokenize(generated);
  if (!tokens.balanced) return restored;
  Layout layout(tokens, (*json)["mappings"].AsString(), original);
  layout.Run();
  restored.code = std::move(layout.code());
  restored.exact = layout.exact();
  restored.exact_lines = layout.exact_lines();
  restored.map.clear();
  if (!restored.exact) {
    json->Set("mappings", layout.mappings());
    json->Set("names", Json::Array());
    restored.map = json->Write();
  }
  return restored;
}

}  // namespace kiln
