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

// `mappings` is empty if every token is at its original place; else it is "mappings" of the source
// map of `code`.
struct ErasedTypes {
  std::string code;
  std::string mappings;
};

// What happens to the parts of esbuild's text that do not come from a token of the file, such as
// the assignments for parameter properties.
enum class AddedText {
  kLeaveOut,  // right if they only spell the program in another way (`void 0` for undefined)
  kInsert,    // without line breaks, into the blanks where there is room
};

// `original` (TypeScript, UTF-8) with blanks in place of what `generated` does not contain.
// `generated` is esbuild's translation for the newest JavaScript, without minifying, and
// `mappings` is "mappings" of its source map. Nothing if the tokens of the texts cannot be matched.
// With kLeaveOut equal to Node's text, except where esbuild leaves out more than types: unused
// imports.
std::optional<ErasedTypes> EraseTypes(std::string_view original, std::string_view generated,
                                      std::string_view mappings, AddedText added_text);

// Whether two texts have the same tokens, spelled the same.
bool SameTokens(std::string_view a, std::string_view b);

}  // namespace kiln
