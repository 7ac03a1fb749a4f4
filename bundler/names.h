// Gives functions and classes back the names they have in the user's text.
//
// To put modules into one scope esbuild renames what collides: a second `class Item`
// becomes Item2, a class that speaks of itself `class _Item`, an anonymous default export
// x_default. Programs can see that (error.constructor.name, stack traces). The places are
// found with the source map, in which esbuild notes each original name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace kiln {

// Puts static blocks into classes of `code`, on their own lines, and returns a statement
// that names the functions; it must run first. `mentions(source, name)` tells whether the
// module that the map calls `source` contains that identifier.
std::string RestoreNames(
    std::string& code, const std::string& map,
    const std::function<bool(const std::string&, const std::string&)>& mentions);

}  // namespace kiln
