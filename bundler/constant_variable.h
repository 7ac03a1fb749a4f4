// Variables that always have the value of one string literal.
#pragma once

#include <cstddef>
#include <string_view>

#include "bundler/lexer.h"

namespace kiln {

// The token of the string or template that is the only value of each variable `name` in the module,
// as after `const name = "./x"`; 0 if there is none, or if it is not certain that there is no
// other: a second declaration, a parameter of that name, an assignment. Judged by tokens.
size_t ConstantVariable(const TokenList& tokens, std::string_view name);

}  // namespace kiln
