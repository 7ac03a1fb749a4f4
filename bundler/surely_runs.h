// Whether an expression is evaluated each time its module is.
#pragma once

#include <cstddef>

#include "bundler/lexer.h"

namespace kiln {

// Whether the expression that begins at the token `index` is in no function, block, branch of an
// expression (&&, ||, ??, ?:, ?.) or statement that need not run. The code before it is not looked
// at: it may throw or return. Judged by tokens: false if it is not certain.
bool SurelyRuns(const TokenList& tokens, size_t index);

}  // namespace kiln
