// Paths that one module makes from its own location and another uses: `export const ROOT = …`,
// `exports.ROOT = …`, `module.exports = { paths: { assets: … } }`, and how they are imported.
//
// A name of a value in an object has dots: "paths.assets". The name of module.exports is "".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bundler/import_statement.h"
#include "bundler/lexer.h"

namespace kiln {

struct ExportedPath {
  std::string name;
  std::string path;
  bool url = false;
};

// The names that code gives a value. Nothing if it gives none.
struct StoredNames {
  std::optional<std::string> variable;
  std::optional<std::string> exported;
};

// The names of the value of the expression from token `begin` to before `end`. REQUIRES: `begin` is
// no bracket.
StoredNames NamesOfValue(const TokenList& tokens, size_t begin, size_t end);

// A variable that holds what a module exports as `exported`; "" is all of it.
struct ImportBinding {
  std::string variable;
  std::string exported;
};

// The variables of the import statement that begins at token `at`.
std::vector<ImportBinding> BindingsOf(const TokenList& tokens, size_t at,
                                      const ImportStatement& statement);
// Those of `const … = require("x")` or import("x"): the word is at token `at`, the bracket that
// ends the call at `close`.
std::vector<ImportBinding> BindingsOfCall(const TokenList& tokens, size_t at, size_t close);

// What `binding` makes of `exported`: the names of variables and their values.
std::vector<ExportedPath> ImportedPaths(const ImportBinding& binding,
                                        const std::vector<ExportedPath>& exported);

}  // namespace kiln
