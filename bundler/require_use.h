// How a require function is used: what follows an expression whose value is one, whether a name
// declares a variable instead, and which names of modules an argument can be.
#pragma once

#include <cstddef>
#include <vector>

#include "bundler/lexer.h"

namespace kiln {

struct RequireUse {
  enum class Kind {
    kCall,      // require(x), require?.(x), (0, require)(x), require.call(y, x), .apply, .bind
    kResolve,   // require.resolve(x), require["resolve"]?.(x)
    kProperty,  // another property
    kValue,     // anything else: it may be assigned, passed on, returned
  };
  Kind kind = Kind::kValue;
  // Of kCall and kResolve: the token where the name of the module begins, and the bracket that
  // closes the argument list.
  size_t argument = 0;
  size_t close = 0;
};

// `last` is the last token of an expression that is a require function.
RequireUse UseOfRequire(const TokenList& tokens, size_t last);

// Whether the name at `index` declares a variable or parameter: var x, function x, x =>, catch (x),
// (x) =>, function f({x}), import {y as x}.
bool DeclaresVariable(const TokenList& tokens, size_t index);

// Whether the name at `index`, which a ( follows, is that of a method that is declared there.
bool DeclaresMethod(const TokenList& tokens, size_t index);

// Adds to `literals` the string tokens that the expression in the tokens [first, end) can have as
// its value: the branches of c ? "a" : "b", the right side of x || "a". Returns whether it can have
// no other value.
bool AlternativesIn(const TokenList& tokens, size_t first, size_t end,
                    std::vector<size_t>& literals);

// The token after the argument that begins at `index`: its comma, or the closing bracket.
size_t EndOfArgument(const TokenList& tokens, size_t index);

}  // namespace kiln
