// The source map gives fixed points, and brackets that are closed by fixed points are fixed points
// too. In the gaps between two of them, the cheapest way to get the generated tokens from the
// original ones is computed (as an edit distance, where a run of erased tokens costs by its first
// token: those that begin a type are cheap).
#include "bundler/match_tokens.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>

namespace kiln {
namespace {

constexpr int kNone = MatchedTokens::kNone;
constexpr int kImpossible = 1 << 29;
// The largest table for one gap, in cells. Gaps have a few tokens where the map has fixed points.
constexpr size_t kLargestTable = 2'000'000;

bool IsOpen(char c) { return c == '(' || c == '[' || c == '{'; }
bool IsClose(char c) { return c == ')' || c == ']' || c == '}'; }

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

class TokenMatcher {
 public:
  TokenMatcher(std::string_view original, std::string_view generated, std::string_view mappings)
      : original_(Tokenize(original)), generated_(Tokenize(generated)), mappings_(mappings) {}

  std::optional<MatchedTokens> Run() {
    if (!original_.balanced || !generated_.balanced) return {};
    original_pairs_ = PairBrackets(original_);
    generated_pairs_ = PairBrackets(generated_);
    FindFixedPoints();
    if (!MatchGaps()) return {};
    return MatchedTokens{.original = std::move(original_),
                         .generated = std::move(generated_),
                         .original_pairs = std::move(original_pairs_),
                         .generated_pairs = std::move(generated_pairs_),
                         .match = std::move(match_),
                         .origins = std::move(origins_)};
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

  TokenList original_, generated_;
  std::string_view mappings_;
  std::vector<TokenOrigin> origins_;  // of the generated tokens
  std::vector<int> original_pairs_, generated_pairs_;
  std::vector<int> match_;       // of a generated token: the original token, or kNone
  std::vector<uint8_t> erased_;  // of FindErasedBrackets
  std::vector<int> costs_;       // of MatchGap
  std::vector<uint8_t> steps_;
};

}  // namespace

std::optional<MatchedTokens> MatchTokens(std::string_view original, std::string_view generated,
                                         std::string_view mappings) {
  return TokenMatcher(original, generated, mappings).Run();
}

// Punctuation that esbuild adds and removes without a change of meaning.
bool IsFree(const TokenList& list, int index) {
  if (list.tokens[size_t(index)].kind != TokenKind::kPunct) return false;
  return IsOneOf(list.Text(size_t(index)), {";", ",", "(", ")"});
}

}  // namespace kiln
