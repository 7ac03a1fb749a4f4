// The tokens of both texts are matched in order. The source map gives fixed points, and brackets
// that are closed by fixed points are fixed points too. In the gaps between two of them, the
// cheapest way to get the generated tokens from the original ones is computed (as an edit distance,
// where a run of erased tokens costs by its first token: those that begin a type are cheap).
#include "bundler/erase_types.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <unordered_map>
#include <vector>

#include "bundler/lexer.h"
#include "bundler/token_map.h"

namespace kiln {
namespace {

constexpr int kNone = -1;
constexpr int kImpossible = 1 << 29;
// The largest table for one gap, in cells. Gaps have a few tokens where the map has fixed points.
constexpr size_t kLargestTable = 2'000'000;

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool IsOpen(char c) { return c == '(' || c == '[' || c == '{'; }
bool IsClose(char c) { return c == ')' || c == ']' || c == '}'; }

// Punctuation that esbuild adds and removes without a change of meaning.
bool IsFree(const TokenList& list, int index) {
  if (list.tokens[size_t(index)].kind != TokenKind::kPunct) return false;
  return IsOneOf(list.Text(size_t(index)), {";", ",", "(", ")"});
}

// The index of the matching bracket of each bracket token, else kNone. Templates' ${ and } too.
std::vector<int> PairBrackets(const TokenList& list) {
  std::vector<int> pairs(list.tokens.size(), kNone);
  std::vector<int> open;
  for (size_t i = 0; i < list.tokens.size(); ++i) {
    const Token& token = list.tokens[i];
    char first = list.text.size() > token.start ? list.text[token.start] : 0;
    bool punct = token.kind == TokenKind::kPunct;
    if ((punct && IsClose(first)) || token.kind == TokenKind::kTemplateMiddle ||
        token.kind == TokenKind::kTemplateTail) {
      if (open.empty()) return pairs;
      pairs[i] = open.back();
      // A TemplateMiddle is opened again below, which overwrites only its own entry.
      pairs[size_t(open.back())] = int(i);
      open.pop_back();
    }
    if ((punct && IsOpen(first)) || token.kind == TokenKind::kTemplateHead ||
        token.kind == TokenKind::kTemplateMiddle)
      open.push_back(int(i));
  }
  return pairs;
}

// The first token of erased text usually is one of these.
bool BeginsType(std::string_view text) {
  return IsOneOf(text, {":",          "?",         "!",         "<",        "as",       "satisfies",
                        "implements", "type",      "interface", "declare",  "abstract", "private",
                        "public",     "protected", "readonly",  "override", "function", "this",
                        "async",      "enum",      "export",    "import"});
}

bool EndsStatement(const TokenList& list, int index) {
  return list.Is(size_t(index), ";") || list.Is(size_t(index), "}");
}

// What MatchGap is in: no erased text, that of a type, or that of statements and members.
enum State : uint8_t { kKept, kInType, kInStatement, kStates };

// The state after a first erased token. Parentheses that esbuild leaves out do not begin a type.
State StateAfter(const TokenList& list, int index) {
  if (list.Is(size_t(index), "(") || list.Is(size_t(index), ")")) return kKept;
  bool statement = list.tokens[size_t(index)].kind == TokenKind::kName &&
                   !IsOneOf(list.Text(size_t(index)), {"as", "satisfies", "implements"});
  return statement ? kInStatement : kInType;
}

// The cost of a run of erased tokens that begins here.
int EraseCost(const TokenList& list, int index) {
  const Token& token = list.tokens[size_t(index)];
  std::string_view text = list.Text(size_t(index));
  bool after_statement = index > 0 && EndsStatement(list, index - 1);
  if (token.kind == TokenKind::kName) {
    if (text == "abstract" || (BeginsType(text) && after_statement)) return 1;
    // An exported type: begin with `export`, not with the `export` of the next statement.
    if (text == "export" || text == "import") return 2;
    if (BeginsType(text)) return 3;
  } else if (BeginsType(text)) {
    return 2;
  }
  // A declaration of a method, or of an index.
  if (after_statement && token.new_line && (token.kind == TokenKind::kName || text == "["))
    return 4;
  if (text == "(" || text == ")") return 1;
  return IsFree(list, index) ? 4 : 10;
}

// Does a statement or member begin here, if the token before it is erased too?
bool BeginsStatement(const TokenList& list, int index) {
  if (list.Is(size_t(index - 1), ";")) return true;
  return list.tokens[size_t(index)].new_line &&
         IsOneOf(list.Text(size_t(index)),
                 {"export", "import", "declare", "interface", "abstract", "type"});
}

int InsertCost(const TokenList& list, int index) {
  std::string_view text = list.Text(size_t(index));
  if (text == ";") return 1;
  return text == "(" || text == ")" ? 4 : 12;
}

// esbuild renames by appending a number.
bool IsRenamed(std::string_view original, std::string_view generated) {
  return generated.starts_with(original) &&
         generated.find_first_not_of("0123456789", original.size()) == std::string_view::npos;
}

// What it costs to regard two tokens as the same one. Too much is accepted here: the caller checks
// the result.
int MatchCost(const TokenList& original, int o, const TokenList& generated, int g) {
  TokenKind kind = original.tokens[size_t(o)].kind;
  TokenKind generated_kind = generated.tokens[size_t(g)].kind;
  std::string_view text = original.Text(size_t(o)), generated_text = generated.Text(size_t(g));
  if (kind == generated_kind) {
    if (text == generated_text) return 0;
    switch (kind) {
      case TokenKind::kName:
        if (IsRenamed(text, generated_text)) return 1;
        return text == "undefined" && generated_text == "void" ? 1 : kImpossible;
      case TokenKind::kString:
        // Unequal if esbuild joined strings.
        return StringValue(text) == StringValue(generated_text) ? 0 : 5;
      case TokenKind::kPunct:
      case TokenKind::kEnd:
        return kImpossible;
      default:
        return 1;  // numbers and templates are written in another way
    }
  }
  // esbuild uses the quotes that need the fewest escapes.
  auto is_string = [](TokenKind k) { return k == TokenKind::kString || k == TokenKind::kTemplate; };
  if (is_string(kind) && is_string(generated_kind)) return 2;
  // `a${b}` + `c${d}` is joined to one template.
  if (kind == TokenKind::kTemplateTail && generated_kind == TokenKind::kTemplateMiddle) return 2;
  // !0 and !1 are written as true and false.
  bool constant = text == "!" && original.tokens[size_t(o) + 1].kind == TokenKind::kNumber &&
                  IsOneOf(generated_text, {"true", "false"});
  return constant ? 1 : kImpossible;
}

class TypeEraser {
 public:
  TypeEraser(std::string_view original, std::string_view generated, std::string_view mappings,
             AddedText added_text)
      : original_(Tokenize(original)),
        generated_(Tokenize(generated)),
        mappings_(mappings),
        added_text_(added_text) {}

  std::optional<ErasedTypes> Run() {
    if (!original_.balanced || !generated_.balanced) return {};
    original_pairs_ = PairBrackets(original_);
    generated_pairs_ = PairBrackets(generated_);
    FindFixedPoints();
    if (!MatchGaps()) return {};
    if (added_text_ == AddedText::kInsert) CheckPairs();
    KeepParentheses();
    if (added_text_ == AddedText::kInsert) FindAddedText();
    Erase();
    if (added_.empty()) return ErasedTypes{std::move(out_), ""};
    return InsertAddedText();
  }

 private:
  int original_count() const { return int(original_.tokens.size()); }
  int generated_count() const { return int(generated_.tokens.size()); }

  void FindFixedPoints() {
    match_.assign(generated_.tokens.size(), kNone);
    origins_ = OriginsOf(generated_, mappings_);
    LineIndex lines(original_.text);
    for (int g = 0; g < generated_count() - 1; ++g) {
      const TokenOrigin& origin = origins_[size_t(g)];
      if (origin.line < 0) continue;
      size_t offset = lines.Offset(size_t(origin.line), size_t(origin.column));
      auto found =
          std::lower_bound(original_.tokens.begin(), original_.tokens.end(), offset,
                           [](const Token& token, size_t value) { return token.start < value; });
      if (found == original_.tokens.end() || found->start != offset) continue;
      int o = int(found - original_.tokens.begin());
      if (MatchCost(original_, o, generated_, g) <= 1) match_[size_t(g)] = o;
    }
    KeepIncreasing();
    // Brackets of which one is a fixed point.
    for (int g = 0; g < generated_count(); ++g) {
      int pair = generated_pairs_[size_t(g)];
      if (match_[size_t(g)] == kNone || pair == kNone || match_[size_t(pair)] != kNone) continue;
      int o = original_pairs_[size_t(match_[size_t(g)])];
      if (o != kNone && MatchCost(original_, o, generated_, pair) == 0) match_[size_t(pair)] = o;
    }
    KeepIncreasing();
    match_.back() = original_count() - 1;  // kEnd
  }

  // Removes fixed points so that the most remain of which each is behind the one before it (the
  // longest increasing subsequence).
  void KeepIncreasing() {
    std::vector<int> best;  // best[n]: the generated token that ends a sequence of n + 1
    std::vector<int> previous(match_.size(), kNone);
    for (int g = 0; g < generated_count(); ++g) {
      int o = match_[size_t(g)];
      if (o == kNone) continue;
      auto place = best.end();
      if (!best.empty() && match_[size_t(best.back())] >= o)
        place = std::lower_bound(best.begin(), best.end(), o, [&](int candidate, int value) {
          return match_[size_t(candidate)] < value;
        });
      if (place != best.begin()) previous[size_t(g)] = *(place - 1);
      if (place == best.end()) {
        best.push_back(g);
      } else {
        *place = g;
      }
    }
    std::vector<int> kept(match_.size(), kNone);
    for (int g = best.empty() ? kNone : best.back(); g != kNone; g = previous[size_t(g)])
      kept[size_t(g)] = match_[size_t(g)];
    match_ = std::move(kept);
  }

  bool MatchGaps() {
    int g = 0, o = 0;
    for (int next = 0; next < generated_count(); ++next) {
      if (match_[size_t(next)] == kNone) continue;
      if (next > g && !MatchGap(o, match_[size_t(next)], g, next)) return false;
      g = next + 1;
      o = match_[size_t(next)] + 1;
    }
    return true;
  }

  // Matches the generated tokens [g_start, g_end) to original tokens in [o_start, o_end). A cell
  // has the cost of the rest from a place on, for one State before it.
  bool MatchGap(int o_start, int o_end, int g_start, int g_end) {
    size_t height = size_t(o_end - o_start), width = size_t(g_end - g_start);
    if ((height + 1) * (width + 1) > kLargestTable) return false;
    enum Step : uint8_t { kStop, kMatch, kErase, kInsert };
    FindErasedBrackets(o_start, o_end, g_start, g_end);
    size_t row = (width + 1) * kStates;
    costs_.assign((height + 1) * row, kImpossible);
    steps_.assign((height + 1) * row, kStop);
    for (size_t i = height + 1; i-- > 0;) {
      int o = o_start + int(i);
      // What it costs to erase the token in each state, and the state after that.
      int erase[kStates] = {};
      State after[kStates] = {kInType, kInType, kInStatement};
      if (i < height) {
        erase[kKept] = EraseCost(original_, o);
        after[kKept] = StateAfter(original_, o);
        if (i > 0 && BeginsStatement(original_, o)) {
          // A type and the next statement are rather two runs.
          erase[kInType] = 5;
          erase[kInStatement] = 2;
          after[kInType] = kInStatement;
        }
      }
      for (size_t j = width + 1; j-- > 0;) {
        int g = g_start + int(j);
        bool may_match = i < height && j < width && !erased_[i];
        int match = may_match ? MatchCost(original_, o, generated_, g) : kImpossible;
        int insert = j < width ? InsertCost(generated_, g) : kImpossible;
        for (size_t state = 0; state < kStates; ++state) {
          size_t cell = i * row + j * kStates + state;
          int& cost = costs_[cell];
          auto consider = [&](int value, Step step) {
            if (value >= cost) return;
            cost = value;
            steps_[cell] = step;
          };
          if (i == height && j == width) consider(0, kStop);
          // Of equal costs the first: erase early, which takes an exported type with its `export`.
          if (i < height)
            consider(costs_[cell - state + row + after[state]] + erase[state], kErase);
          if (match < kImpossible) consider(costs_[cell - state + row + kStates] + match, kMatch);
          if (j < width) consider(costs_[cell + kStates] + insert, kInsert);
        }
      }
    }
    size_t state = kKept;
    for (size_t i = 0, j = 0; i < height || j < width;) {
      switch (steps_[i * row + j * kStates + state]) {
        case kMatch:
          match_[size_t(g_start) + j++] = o_start + int(i++);
          state = kKept;
          break;
        case kErase: {
          int o = o_start + int(i++);
          bool begins = o > o_start && BeginsStatement(original_, o);
          if (state == kKept) {
            state = StateAfter(original_, o);
          } else if (begins) {
            state = kInStatement;
          }
          break;
        }
        case kInsert:
          ++j;
          break;
        case kStop:
          return false;
      }
    }
    return true;
  }

  // Marks [] and {} that are in the gap as a whole if the generated text has none of the kind
  // there: nothing in them can be matched.
  void FindErasedBrackets(int o_start, int o_end, int g_start, int g_end) {
    erased_.assign(size_t(o_end - o_start), 0);
    bool braces = false, brackets = false;
    for (int g = g_start; g < g_end; ++g) {
      braces |= generated_.Is(size_t(g), "{");
      brackets |= generated_.Is(size_t(g), "[");
    }
    for (int o = o_start; o < o_end; ++o) {
      int pair = original_pairs_[size_t(o)];
      if (pair <= o || pair >= o_end) continue;
      if ((original_.Is(size_t(o), "{") && !braces) ||
          (original_.Is(size_t(o), "[") && !brackets)) {
        std::fill(erased_.begin() + (o - o_start), erased_.begin() + (pair - o_start) + 1, 1);
        o = pair;
      }
    }
  }

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
  std::string_view mappings_;
  std::vector<TokenOrigin> origins_;  // of the generated tokens
  std::vector<int> original_pairs_, generated_pairs_;
  std::vector<int> match_;   // of a generated token: the original token, or kNone
  std::vector<int> before_;  // of an original token: the generated token, or kNone
  enum Keep : uint8_t { kMaybeErased, kIsKept, kErasedForSure };
  std::vector<uint8_t> kept_;    // of an original token: a Keep
  std::vector<uint8_t> erased_;  // of FindErasedBrackets
  std::vector<int> costs_;       // of MatchGap
  std::vector<uint8_t> steps_;
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
  return TypeEraser(original, generated, mappings, added_text).Run();
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
