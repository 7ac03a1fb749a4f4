// TypeScript's option emitDecoratorMetadata, which esbuild does not support: decorated classes and
// members also get the types of their parameters and values, for libraries that read them with
// Reflect.getMetadata (dependency injection, ORMs).
//
// It is done in the text before esbuild translates it: a decorator that stores the metadata follows
// the others. Works on tokens. Of a type that is imported from TypeScript the declaration is read;
// one from JavaScript is looked up when the code runs: what is a function there is stored, all else
// is stored as Object, as TypeScript does for interfaces. A union of two imported classes is
// Object.
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

// What is known of a type that another file exports.
struct ImportedType {
  enum class Kind {
    kMissing,  // no such module is installed
    kUnknown,  // it is not TypeScript, or has no such declaration
    kClass,
    kStored,  // any type that is stored as the expression `stored`: Number, Object, void 0
  };
  Kind kind = Kind::kUnknown;
  std::string stored = {};
};

// Returns what a module imports as `name` ("default"; "Space.Inner" for a part of a namespace).
using TypeLookup =
    std::function<ImportedType(const std::string& specifier, const std::string& name)>;

// Adds to `source`, TypeScript; nothing is added if nothing is decorated. With `strict_null_checks`
// null and undefined count in unions. `lookup` is for the imports of this module.
TextWithMetadata AddDecoratorMetadata(std::string_view source, bool strict_null_checks,
                                      const TypeLookup& lookup);

// What `source`, TypeScript, exports as `name`. `lookup` is for its imports and re-exports.
ImportedType ExportedType(std::string_view source, bool strict_null_checks, const std::string& name,
                          const TypeLookup& lookup);

// `map` leads to a text with additions; returns the map to `source`, without the lines behind it.
std::string WithoutAdditions(const std::string& map, std::string_view source,
                             const std::vector<std::pair<size_t, size_t>>& additions);

}  // namespace kiln
