// TypeScript's option emitDecoratorMetadata, which esbuild does not support: decorated classes and
// members also get the types of their parameters and values, for libraries that read them with
// Reflect.getMetadata (dependency injection, ORMs).
//
// It is done in the text before esbuild translates it: a decorator that stores the metadata follows
// the others. Works on tokens and one file, so a type from another file is looked up when the code
// runs: what is a function there is stored, all else is stored as Object, as TypeScript does for
// interfaces. A union of two types from other files is Object.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

// Text with additions, whose lines are those of the source.
struct TextWithMetadata {
  std::string text;
  // [offset in the source, size in bytes] of what was added, ascending; ASCII, without line breaks.
  // Behind the source's last line there are further lines.
  std::vector<std::pair<size_t, size_t>> additions;
};

// Adds to `source`, TypeScript; nothing is added if nothing is decorated. With `strict_null_checks` null and undefined
// count in unions. `exists(specifier)` returns whether an import finds a module: types of others,
// which may be packages of types only, are Object.
TextWithMetadata AddDecoratorMetadata(std::string_view source, bool strict_null_checks,
                                      const std::function<bool(const std::string&)>& exists);

// `map` leads to a text with additions; returns the map to `source`, without the lines behind it.
std::string WithoutAdditions(const std::string& map, std::string_view source,
                             const std::vector<std::pair<size_t, size_t>>& additions);

}  // namespace kiln
