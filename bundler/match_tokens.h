// Which token of TypeScript each token of its translation comes from.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "bundler/lexer.h"
#include "bundler/token_map.h"

namespace kiln {

// Both texts in tokens, and what belongs together. The texts are borrowed.
struct MatchedTokens {
  static constexpr int kNone = -1;
  TokenList original, generated;
  // The index of the matching bracket of each bracket token, else kNone. Templates' ${ and } too.
  std::vector<int> original_pairs, generated_pairs;
  std::vector<int> match;  // of a generated token: the original token, or kNone; ascending
  std::vector<TokenOrigin> origins;  // of the generated tokens, by the source map
};

// Matches the tokens in order. `original` is TypeScript, `generated` esbuild's translation, and
// `mappings` is "mappings" of its source map. Nothing if a text is not balanced, or too much of it
// lies between two places of the map.
std::optional<MatchedTokens> MatchTokens(std::string_view original, std::string_view generated,
                                         std::string_view mappings);

// Whether the token is punctuation that esbuild adds and removes without a change of meaning.
bool IsFree(const TokenList& list, int index);

}  // namespace kiln
