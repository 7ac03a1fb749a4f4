// What is not matched (match_tokens.h) is a type, or text that esbuild has added. Runs of erased
// tokens become blanks, as Node writes them; added text is inserted over blanks.
#include "bundler/erase_types.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bundler/lexer.h"
#include "bundler/match_tokens.h"
#include "bundler/token_map.h"

namespace kiln {
namespace {

constexpr int kNone = MatchedTokens::kNone;

bool IsOpen(char c) { return c == '(' || c == '[' || c == '{'; }
bool IsClose(char c) { return c == ')' || c == ']' || c == '}'; }

class TypeEraser {
 public:
  TypeEraser(MatchedTokens tokens, AddedText added_text)
      : original_(std::move(tokens.original)),
        generated_(std::move(tokens.generated)),
        origins_(std::move(tokens.origins)),
        original_pairs_(std::move(tokens.original_pairs)),
        generated_pairs_(std::move(tokens.generated_pairs)),
        match_(std::move(tokens.match)),
        added_text_(added_text) {}

  std::optional<ErasedTypes> Run() {
    if (added_text_ == AddedText::kInsert) CheckPairs();
    KeepParentheses();
    if (added_text_ == AddedText::kInsert) FindAddedText();
    Erase();
    if (added_.empty()) return ErasedTypes{std::move(out_), ""};
    return InsertAddedText();
  }

 private:
  int generated_count() const { return int(generated_.tokens.size()); }

  // Parentheses of which only one is matched to the other text's are not matched.
  void CheckPairs() {
    for (size_t g = 0; g < match_.size(); ++g) {
      int pair = generated_pairs_[g];
      if (match_[g] == kNone || pair < int(g) || !generated_.Is(g, "(")) continue;
      if (match_[size_t(pair)] == original_pairs_[size_t(match_[g])]) continue;
      match_[g] = match_[size_t(pair)] = kNone;
    }
  }

  // Marks what stays: what is matched, and parentheses that contain something that is.
  void KeepParentheses() {
    kept_.assign(original_.tokens.size(), 0);
    before_.assign(original_.tokens.size(), kNone);
    for (int g = 0; g < generated_count(); ++g)
      if (match_[size_t(g)] != kNone) {
        kept_[size_t(match_[size_t(g)])] = 1;
        before_[size_t(match_[size_t(g)])] = g;
      }
    std::vector<int> sums(original_.tokens.size() + 1, 0);
    for (size_t i = 0; i < original_.tokens.size(); ++i) sums[i + 1] = sums[i] + kept_[i];
    for (size_t i = 0; i < original_.tokens.size(); ++i) {
      int pair = original_pairs_[i];
      if (pair < int(i) || !original_.Is(i, "(")) continue;
      if (kept_[i] || kept_[size_t(pair)] || sums[size_t(pair)] > sums[i])
        kept_[i] = kept_[size_t(pair)] = 1;
    }
  }

  // Finds tokens that esbuild has added, other than punctuation that does not matter. Where there
  // are such tokens, original tokens that are not matched are not kept.
  void FindAddedText() {
    for (size_t g = 0; g < match_.size(); ++g) {
      if (match_[g] == kNone || generated_.tokens[g].kind != TokenKind::kName) continue;
      std::string_view name = original_.Text(size_t(match_[g]));
      if (name != generated_.Text(g) && name != "undefined") renamed_[generated_.Text(g)] = name;
    }
    // sums[g]: how many added tokens are before g. Then parentheses around some of them.
    std::vector<int> sums(match_.size() + 1, 0);
    auto is_added = [&](size_t g) {
      return match_[g] == kNone && !IsFree(generated_, int(g)) && !IsOfUndefined(int(g));
    };
    for (size_t g = 0; g < match_.size(); ++g) sums[g + 1] = sums[g] + is_added(g);
    auto is_around_added = [&](size_t g) {
      int pair = generated_pairs_[g];
      if (match_[g] != kNone || pair == kNone) return false;
      return sums[std::max(g, size_t(pair))] > sums[std::min(g, size_t(pair))];
    };
    int last = kNone;  // the last matched token of the generated text
    for (int g = 0; g < generated_count(); ++g) {
      if (match_[size_t(g)] == kNone) continue;
      bool added = false;
      for (size_t i = size_t(last + 1); i < size_t(g); ++i)
        added |= is_added(i) || is_around_added(i) || IsSemicolonForComma(i, last);
      if (added) AddText(last + 1, g);
      last = g;
    }
  }
  // An enumerator's comma, for which there is a semicolon.
  bool IsSemicolonForComma(size_t g, int last) const {
    if (last == kNone || !generated_.Is(g, ";")) return false;
    size_t o = size_t(match_[size_t(last)]) + 1;
    return original_.Is(o, ",") && before_[o] == kNone;
  }
  // The generated tokens [from, to) are not matched.
  void AddText(int from, int to) {
    size_t o = from == 0 ? 0 : size_t(match_[size_t(from - 1)]) + 1,
           end = size_t(match_[size_t(to)]);
    added_.push_back({.start = o == 0 ? 0 : original_.tokens[o - 1].end,
                      .end = original_.tokens[end].start,
                      .from = size_t(from),
                      .to = size_t(to)});
    size_t first = o;
    for (; o < end; ++o) {
      int pair = original_pairs_[o];
      bool pair_outside = pair != kNone && (size_t(pair) < first || size_t(pair) >= end);
      if (kept_[o] != kIsKept || !pair_outside) kept_[o] = kErasedForSure;
    }
  }
  // How an added token is written.
  std::string_view TextOf(size_t g) const {
    if (generated_.tokens[g].kind == TokenKind::kName)
      if (auto found = renamed_.find(generated_.Text(g)); found != renamed_.end())
        return found->second;
    return generated_.Text(g);
  }
  // The 0 of `void 0`.
  bool IsOfUndefined(int g) const {
    return g > 0 && generated_.Is(size_t(g), "0") && generated_.Is(size_t(g - 1), "void") &&
           match_[size_t(g - 1)] != kNone;
  }

  // Copies the text without types and inserts the added text: over blanks, and where there are not
  // enough, before the following text, which moves to the right.
  std::optional<ErasedTypes> InsertAddedText() {
    ErasedTypes result;
    MappingsWriter mappings;
    std::string& code = result.code;
    size_t at = 0, token = 0;
    int line = 0, column = 0, original_column = 0;
    // Copies the text up to `end`, or only counts it.
    auto copy = [&](size_t end, bool write) {
      while (at < end) {
        while (token < kept_.size() && original_.tokens[token].start < at) ++token;
        bool mapped = token < kept_.size() && original_.tokens[token].start == at;
        if (write && mapped && kept_[token] == kIsKept) mappings.Add(column, line, original_column);
        size_t size = LineBreakAt(out_, at);
        if (size > 0) {
          mappings.NextLine();
          ++line;
          column = original_column = 0;
        } else {
          size = 1;
          while (at + size < out_.size() && (uint8_t(out_[at + size]) & 0xC0) == 0x80) ++size;
          int units = size == 4 ? 2 : 1;
          original_column += units;
          if (write) column += units;
        }
        if (write) code.append(out_, at, size);
        at += size;
      }
    };
    for (const Added& added : added_) {
      copy(added.start, true);
      int start = column;
      auto write = [&](std::string_view text) {
        code += text;
        column += int(Utf16Length(text));
      };
      for (size_t g = added.from; g < added.to; ++g) {
        std::string_view text = TextOf(g);
        // A template that has several lines.
        if (text.find_first_of("\n\r") != std::string_view::npos) return {};
        bool space = g == 0 || generated_.tokens[g - 1].end < generated_.tokens[g].start;
        if (space || g == added.from) write(" ");
        const TokenOrigin& origin = origins_[g];
        if (origin.line >= 0) mappings.Add(column, origin.line, origin.column);
        write(text);
      }
      write(" ");
      size_t width = size_t(column - start);
      size_t blanks = 0;
      while (added.start + blanks < added.end && out_[added.start + blanks] == ' ') ++blanks;
      copy(added.start + std::min(blanks, width), false);
    }
    copy(out_.size(), true);
    result.mappings = mappings.text();
    return result;
  }

  void Erase() {
    out_ = original_.text;
    for (size_t i = 0; i < kept_.size();) {
      if (kept_[i] == kIsKept) {
        ++i;
        continue;
      }
      size_t end = i;
      while (kept_[end] != kIsKept) ++end;  // the last, kEnd, is kept
      if (kept_[i] == kErasedForSure) {
        Blank(i, end);
      } else {
        EraseRun(i, end);
      }
      i = end;
    }
  }

  bool Is(size_t index, std::initializer_list<std::string_view> list) const {
    return IsOneOf(original_.Text(index), list);
  }

  bool IsString(size_t index) const {
    TokenKind kind = original_.tokens[index].kind;
    return kind == TokenKind::kString || kind == TokenKind::kTemplate ||
           kind == TokenKind::kTemplateHead;
  }

  // { a: a } which esbuild writes as { a }. (In a class body, `a: a` is followed by a ; in the
  // generated text.)
  bool IsPropertyValue(size_t start, size_t end) const {
    if (end - start < 2 || start < 2 || !original_.Is(start, ":")) return false;
    if (end - start > 2 && !Is(start + 2, {"as", "satisfies", "!"})) return false;
    if (original_.Text(start + 1) != original_.Text(start - 1)) return false;
    if (!Is(start - 2, {"{", ","}) || !Is(end, {"}", ","})) return false;
    // The innermost bracket.
    for (size_t i = start; i-- > 0;) {
      int pair = original_pairs_[i];
      if (pair == kNone) continue;
      if (pair < int(i)) {
        i = size_t(pair);
      } else {
        return original_.Is(i, "{");
      }
    }
    return false;
  }

  // The unmatched tokens [start, end), before a token that stays.
  void EraseRun(size_t start, size_t end) {
    bool all_free = true;
    for (size_t i = start; i < end; ++i) all_free &= IsFree(original_, int(i));
    if (all_free) return;
    // Strings that esbuild has joined.
    while (end - start >= 2 && original_.Is(start, "+") && IsString(start + 1)) start += 2;
    while (end - start >= 2 && original_.Is(end - 1, "+") && IsString(end - 2)) end -= 2;
    if (start == end || original_.Is(start, "+") || original_.Is(end - 1, "+")) return;
    // The number of !0.
    bool negated = start > 0 && original_.Is(start - 1, "!") && before_[start - 1] != kNone;
    if (negated && original_.tokens[start].kind == TokenKind::kNumber && ++start == end) return;
    if (original_.Is(start, ";")) ++start;
    if (Is(end, {"}", ")", "]"})) {
      // The comma after the last element stays, unless the element itself is erased.
      if (original_.Is(start, ",")) ++start;
      if (original_.Is(end - 1, ",") && Is(start, {":", "?", "!", "as", "satisfies", "<"})) --end;
    }
    if (IsPropertyValue(start, end) && (start += 2) == end) return;
    FixLineBreaks(start, end);
    size_t from = start;
    int depth = 0;
    for (size_t i = start; i < end; ++i) {
      if (i > from && depth == 0 && SplitsBefore(from, i, end)) {
        Blank(from, i);
        from = i;
        // The empty statement after `interface X {}`.
        if (original_.Is(i, ";")) ++from;
      }
      char c = original_.text[original_.tokens[i].start];
      if (original_.tokens[i].kind == TokenKind::kPunct) depth += IsOpen(c) - IsClose(c);
    }
    if (from < end) Blank(from, end);
  }

  // Is `index` the beginning of another erased part, so that comments before it stay? The current
  // part begins at `from`, and the run goes up to `end`.
  bool SplitsBefore(size_t from, size_t index, size_t end) const {
    std::string_view last = original_.Text(index - 1), text = original_.Text(index);
    if (last == ";") return true;
    if (last == "}" && (original_.tokens[index].new_line || text == ";")) {
      size_t first = from;
      while (Is(first, {"export", "declare", "default", "abstract"})) ++first;
      return Is(first, {"interface", "namespace", "module", "enum", "class", "global"}) ||
             text != ";";
    }
    if (last == "," && Is(from, {"type"})) return true;
    bool modifiers = true;
    for (size_t i = from; modifiers && i < end; ++i)
      modifiers = Is(i, {"private", "public", "protected", "readonly", "override", "abstract"});
    if (modifiers) return true;
    if (original_.tokens[index].new_line)
      return (text == original_.Text(from) && Is(index + 1, {"(", "<"})) ||
             (Is(index, {"export", "import", "type", "interface", "declare", "abstract", "private",
                         "public", "protected", "readonly"}) &&
              !IsOneOf(last, {"|", "&", "=", ":", "=>", ",", "extends", "?", "export", "declare"}));
    return Is(from, {"as", "satisfies", "!"}) && Is(index, {"as", "satisfies"});
  }

  // Writes the ; or ) without which the line breaks of an erased part would be understood in
  // another way.
  void FixLineBreaks(size_t start, size_t end) {
    const Token& first = original_.tokens[start];
    bool new_line = false;
    for (size_t i = start; i <= end; ++i) new_line |= original_.tokens[i].new_line;
    if (!new_line || start == 0) return;
    if (original_.Is(end, "=>") && original_.Is(start - 1, ")")) {
      moved_.push_back({original_.tokens[start - 1].start, ' '});
      moved_.push_back({original_.tokens[end - 1].end - 1, ')'});
      return;
    }
    // Node writes this one in every case, also after a semicolon.
    bool member = Is(start, {"private", "public", "protected", "readonly", "override"});
    // A statement ends here, which the generated text shows with a semicolon.
    size_t matched = end;
    while (before_[matched] == kNone) ++matched;  // kEnd is matched
    int g = before_[matched];
    bool ends = g > 0 && match_[size_t(g - 1)] == kNone && generated_.Is(size_t(g - 1), ";");
    bool needed = ends && !Is(start - 1, {";"}) && ContinuesStatement(end);
    if (needed || (member && original_.Is(end, "["))) moved_.push_back({first.start, ';'});
  }

  // Would the token go on with a statement that has no semicolon?
  bool ContinuesStatement(size_t index) const {
    switch (original_.tokens[index].kind) {
      case TokenKind::kName:
        return Is(index, {"in", "instanceof"});
      case TokenKind::kPunct:
        return !Is(index, {"}", "{", "++", "--", ";", ")", "]"});
      case TokenKind::kTemplate:
      case TokenKind::kTemplateHead:
      case TokenKind::kRegExp:
        return true;
      default:
        return false;
    }
  }

  // Replaces the text of tokens [from, to) and what is between them by white space of the same size
  // in UTF-8 and in UTF-16, the same that Node uses.
  void Blank(size_t from, size_t to) {
    size_t at = original_.tokens[from].start, end = original_.tokens[to - 1].end;
    while (at < end) {
      uint8_t lead = uint8_t(out_[at]);
      if (lead < 0x80) {
        if (lead != '\n' && lead != '\r' && lead != '\t' && lead != '\v' && lead != '\f')
          out_[at] = ' ';
        ++at;
        continue;
      }
      size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      std::string_view space = size == 2   ? "\xC2\xA0"        // U+00A0
                               : size == 3 ? "\xE2\x80\x82"    // U+2002
                                           : " \xEF\xBB\xBF";  // space, U+FEFF
      std::string_view character = std::string_view(out_).substr(at, size);
      bool is_space = LineBreakAt(out_, at) > 0 || character == "\xC2\xA0" ||
                      character == "\xE3\x80\x80" || character == "\xEF\xBB\xBF";
      if (!is_space && character.size() == size) out_.replace(at, size, space);
      at += size;
    }
    for (const auto& [offset, c] : moved_) out_[offset] = c;
  }

  TokenList original_, generated_;
  std::vector<TokenOrigin> origins_;  // the lists of MatchedTokens
  std::vector<int> original_pairs_, generated_pairs_;
  std::vector<int> match_;
  std::vector<int> before_;  // of an original token: the generated token, or kNone
  enum Keep : uint8_t { kMaybeErased, kIsKept, kErasedForSure };
  std::vector<uint8_t> kept_;  // of an original token: a Keep
  struct Moved {
    uint32_t offset;
    char c;
  };
  std::vector<Moved> moved_;  // written after the blanks of the run
  // Tokens to insert, and the bytes of the original between its matched neighbors.
  struct Added {
    size_t start, end;
    size_t from, to;  // the generated tokens
  };
  AddedText added_text_;
  std::vector<Added> added_;
  // The names that esbuild has replaced, by the new ones.
  std::unordered_map<std::string_view, std::string_view> renamed_;
  std::string out_;
};

}  // namespace

std::optional<ErasedTypes> EraseTypes(std::string_view original, std::string_view generated,
                                      std::string_view mappings, AddedText added_text) {
  std::optional<MatchedTokens> tokens = MatchTokens(original, generated, mappings);
  if (!tokens) return {};
  return TypeEraser(std::move(*tokens), added_text).Run();
}

bool SameTokens(std::string_view a, std::string_view b) {
  if (a == b) return true;
  TokenList left = Tokenize(a), right = Tokenize(b);
  if (left.tokens.size() != right.tokens.size()) return false;
  for (size_t i = 0; i < left.tokens.size(); ++i)
    if (left.tokens[i].kind != right.tokens[i].kind || left.Text(i) != right.Text(i)) return false;
  return true;
}

}  // namespace kiln
