// Restores the names that functions and classes have in the user's text.
//
// To put modules into one scope esbuild renames colliding declarations: a second `class Item`
// becomes Item2, a class that refers to itself `class _Item`, an anonymous default export
// x_default. Programs can observe that (error.constructor.name, stack traces). The places are found
// with the source map, in which esbuild records each original name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace kiln {

// Adds static blocks to classes of `code`, without adding lines, and returns a statement that names
// the functions; it must run first. `mentions(source, name)` returns whether the module that the
// map calls `source` contains that identifier. `map` is the source map of `code` as esbuild wrote
// it, and stays right for all columns before an added block. Returns "" and changes nothing if
// `map` cannot be parsed; "" also if no function was renamed. A place that is not recognized keeps
// esbuild's name.
std::string RestoreNames(
    std::string& code, const std::string& map,
    const std::function<bool(const std::string&, const std::string&)>& mentions);

}  // namespace kiln
