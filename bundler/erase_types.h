// TypeScript whose types are replaced by blanks: every other character stays where it was written.
//
// Node runs TypeScript in this form (module.stripTypeScriptTypes), so positions, quotes, comments
// and String(function) are those of the file. The types are found by comparing the tokens of the
// file to those of esbuild's translation: what the translation does not contain is a type. The
// result must be checked, because this is a comparison and not a parser: translated as JavaScript,
// it must give the same text as the TypeScript did (TranslatesTo).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln {

// `original` (TypeScript, UTF-8) with blanks in place of what `generated` does not contain.
// `generated` is esbuild's translation for the newest JavaScript, without minifying, and
// `mappings` is "mappings" of its source map. Nothing if the two texts differ by more than types.
// Equal to Node's text except where esbuild leaves out more than types: unused imports.
std::optional<std::string> EraseTypes(std::string_view original, std::string_view generated,
                                      std::string_view mappings);

// Whether two texts have the same tokens, spelled the same.
bool SameTokens(std::string_view a, std::string_view b);

}  // namespace kiln
