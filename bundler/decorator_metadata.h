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

namespace kiln {

// Returns `source`, TypeScript, with the additions; without any if nothing is decorated. Lines do
// not change; columns after an addition in its line do. With `strict_null_checks` null and undefined
// count in unions. `exists(specifier)` returns whether an import finds a module: types of others,
// which may be packages of types only, are Object.
std::string AddDecoratorMetadata(std::string_view source, bool strict_null_checks,
                                 const std::function<bool(const std::string&)>& exists);

}  // namespace kiln
