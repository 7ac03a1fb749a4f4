// Import and export statements of an ES module: which names they import, and which names the module
// exports.
//
// Works on tokens. What is exported by a pattern (`export const { a } = x`) is not determined.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bundler/lexer.h"

namespace kiln {

// One name of a statement, `name as local`: `name` is the one in the module that exports it,
// "default" for a default import. Without `as` both are equal. `local` is the name that this module
// uses, or of a statement that re-exports, the name that this module exports.
struct ImportedName {
  std::string name;
  std::string local;
  // The bytes of `name as local` with the comma after it, if there is one, so that the statement
  // stays valid without them.
  uint32_t start = 0;
  uint32_t end = 0;
};

// `import … from "x"`, `import "x"` or `export … from "x"`. It has the bytes from `start` to `end`,
// with its semicolon.
struct ImportStatement {
  std::string specifier;
  std::vector<ImportedName> names;
  bool takes_namespace = false;    // `* as x` or `export *`
  bool exports = false;            // an export statement
  bool exports_all = false;        // `export * from`, without a name
  std::string exported_namespace;  // the name of `export * as name from`
  bool source_phase = false;       // `import source x from`
  std::string type;                // of `with { type: "json" }`
  uint32_t start = 0;
  uint32_t end = 0;
};

// A name of `export { … }` without `from`, where `name` is the local one and `local` the exported
// one, as in an ImportStatement that exports.
struct ExportedNames {
  std::vector<ImportedName> lists;
  // What else is exported: declarations and `* as name`; "default" for a default export.
  std::vector<std::string> others;
  bool unknown = false;  // there is a pattern: any name may be exported
};

// Reads the statement that begins at token `at`, which is `import` outside of all brackets. Nothing
// if it is none, for example import() or import.meta.
std::optional<ImportStatement> ReadImport(const TokenList& tokens, size_t at);

// Reads the statement that begins at token `at`, which is `export` outside of all brackets, and
// adds what it exports to `exported`. Returns the import that it contains, if it has a `from`.
std::optional<ImportStatement> ReadExport(const TokenList& tokens, size_t at,
                                          ExportedNames& exported);

}  // namespace kiln
