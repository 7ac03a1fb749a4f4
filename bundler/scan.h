// Finds the modules and files that a module refers to.
//
// ScanModule walks the tokens once. It finds imports and requires with literal names, those whose
// name is computed, and every path that is made from __dirname, __filename or import.meta.url;
// these expressions are evaluated as far as they consist of literals and the usual functions
// (path.join, new URL, fileURLToPath, +, templates), also through variables. It has no scopes, so
// it may report too much: that costs a file in the executable, but never changes the program, since
// only `import(` is rewritten by it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bundler/exported_paths.h"
#include "bundler/import_statement.h"

namespace kiln {

enum class RefKind {
  kImport,          // import/export ... from "x"
  kDynamicImport,   // import("x")
  kRequire,         // require("x")
  kRequireResolve,  // require.resolve("x")
  kImportResolve,   // import.meta.resolve("x")
  kCreateRequire,   // createRequire(import.meta.url)("x"), also through a variable
};

// Whether the name is resolved and loaded as by require().
inline bool IsRequire(RefKind kind) {
  return kind != RefKind::kImport && kind != RefKind::kDynamicImport &&
         kind != RefKind::kImportResolve;
}

inline constexpr const char* kFromMain = "require.main";

// An import or require with a name that is known at build time. `offset` is that of the word
// (import, export, require, …) with which it begins.
struct ModuleRef {
  RefKind kind;
  std::string specifier;
  uint32_t offset;
  bool in_try = false;
  bool in_function = false;
  bool in_class = false;   // not in_function: in a class, maybe the value of a field
  bool in_arrow = false;   // not in_function: in an arrow's body without {}
  bool evaluated = false;  // not a literal: an expression whose value the scan knows
  // Of an import statement, or a require that runs each time the module does, outside of try.
  bool certain = false;
  // The absolute path of the file, or with / at its end the folder, from which the name is resolved;
  // "" for the module itself, kFromMain for the entry, as in require.main.require().
  std::string from = {};
};

// A require or import whose name is computed.
struct ComputedRef {
  RefKind kind;
  uint32_t offset;
  // Where the name begins with a known path: that folder, absolute; or "package/folder".
  std::string folder;
  bool in_try = false;
  bool indirect = false;  // `require` is passed on as a value
};

// What a path expression may refer to at run time; the bundler embeds these files.
enum class PathKind {
  kKnown,    // exactly this file or folder; or, with wildcards, files that match
  kFolder,   // something in this folder
  kUnknown,  // anything in the module's package
  kSelf,     // the module's own file
  kMain,     // anything beside the entry (require.main.filename)
  kListed,   // the module's own folder, which is given to what may list or load its files
  kBegins,   // a file or folder whose path begins with this one
};

// A use of a path expression, at `offset`.
struct PathRef {
  PathKind kind;
  std::string path;  // of kKnown, kFolder, kListed and kBegins, absolute
  uint32_t offset;
};

// All that the bundler knows of a module's text. Duplicates are kept.
struct ModuleScan {
  bool esm_syntax = false;  // has import or export statements, or import.meta
  bool has_import_meta = false;
  bool declares_require = false;  // a parameter or variable named require
  // Such a one that is not from createRequire: calls of it may have nothing to do with modules.
  bool foreign_require = false;
  // Declares require, module, exports, __filename or __dirname outside of functions with let, const
  // or class, which is an error in CommonJS.
  bool redeclares_commonjs = false;
  bool loads_native = false;     // process.dlopen
  bool top_level_await = false;  // an await outside of functions, judged by tokens
  bool mentions_module = false;  // require, module or exports: likely CommonJS
  bool has_decorators = false;
  bool balanced = true;
  std::vector<ModuleRef> refs;
  std::vector<ComputedRef> computed;
  // The statements whose specifiers are in `refs`, and what the module exports.
  std::vector<ImportStatement> imports;
  ExportedNames exports;
  std::vector<PathRef> paths;
  std::vector<ExportedPath> exported_paths;
  // Offsets of `import` in import(...) calls, ascending.
  std::vector<uint32_t> import_calls;
  // Offsets of `require` in `typeof require`.
  std::vector<uint32_t> typeof_requires;
};

// What a scan asks about other modules. `resolve(name)` returns the file that require.resolve(name)
// in this module would return, or "". `paths_of(name, import)` returns the paths that the module
// which it imports (or requires) by that name exports; it may be empty.
struct ScanContext {
  std::function<std::string(const std::string&)> resolve;
  std::function<std::vector<ExportedPath>(const std::string&, bool import)> paths_of;
};

// `filename` is absolute. `context` is called during this function only. All offsets are in bytes of
// `text`, in ascending order only where that is noted. Cannot fail: for text that is not JavaScript
// `balanced` is usually false and the lists may be wrong. The result does not refer to `text`.
ModuleScan ScanModule(std::string_view text, const std::string& filename,
                      const ScanContext& context);

}  // namespace kiln
