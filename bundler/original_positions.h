// Translated text whose tokens are moved to the places where they come from.
//
// For JSX, and for TypeScript with more than types (enums, parameter properties), for which
// bundler/erase_types.h has no result. JavaScript does not regard white space between most tokens,
// so the line breaks and blanks of esbuild's text are replaced by those that put each token on its
// original line, and at its column where the text before it leaves room. Positions that a program
// sees (in stacks, by the CallSite functions) are then mostly those of the user's file.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// `code` has the tokens of the translated text in the same order, spelled the same,
// without comments. `exact`: every token in the map is at its line and column, so
// no source map is needed; `map` is then empty. Otherwise it is the source map of `code`.
struct RestoredPositions {
  std::string code;
  std::string map;
  bool exact = false;
  bool exact_lines = false;  // every token in the map is at least on its line
};

// `generated` is esbuild's output for the newest JavaScript, without minifying, and `map` (JSON)
// its source map; `original` is the file (UTF-8). The `generated` text itself, with `map`, if the
// map cannot be parsed or the text not be split into tokens.
RestoredPositions RestorePositions(std::string_view generated, const std::string& map,
                                   std::string_view original);

}  // namespace kiln
