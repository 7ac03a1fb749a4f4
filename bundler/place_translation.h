// From esbuild's translation of TypeScript or JSX to text whose positions are those of the file.
//
// Three forms are tried. TypeScript with nothing but types becomes the file itself with blanks in
// place of types, as under Node. Where esbuild adds text (enums, parameter properties, decorators),
// that text is inserted into the blanks. Each of these is used only if esbuild makes the same
// tokens from it, as JavaScript, as from the TypeScript. Otherwise (JSX) the tokens of the
// translation are moved to their original places.
#pragma once

#include <string>
#include <string_view>

#include "bundler/esbuild.h"
#include "support/result.h"

namespace kiln {

// `map` is the source map of `code` (JSON); empty if every token has the position that it has in
// the file, so that no map is needed.
struct PlacedTranslation {
  enum class Form { kBlanks, kInserted, kLaidOut };
  std::string code;
  std::string map;
  Form form = Form::kLaidOut;
};

// `original` is the file, UTF-8 without byte order mark. An Error means that esbuild has ended.
// REQUIRES: `translation` has no errors, has a source map, and was made from `original` with
// --charset=utf8, --target=esnext and --legal-comments=none, and without minifying; other flags
// (--define, --tsconfig-raw, --supported) may be used.
Result<PlacedTranslation> PlaceTranslation(const TransformOutput& translation,
                                           std::string_view original, Esbuild& esbuild);

}  // namespace kiln
