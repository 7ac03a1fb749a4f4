// Finds the names that a CommonJS module exports without running it, so that an ES module
// can import them by name. See lexer.cc for what is recognised.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

struct CjsExports {
  std::vector<std::string> names;      // in order of appearance, unique
  std::vector<std::string> reexports;  // specifiers whose exports are exported again
};

// `source` is UTF-8. False when it cannot be tokenised or is an ES module; `out` is then
// empty.
bool LexCommonJs(std::string_view source, CjsExports* out);

}  // namespace kiln::runtime
