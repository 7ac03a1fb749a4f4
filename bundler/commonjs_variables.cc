// The import statement follows the last line, so that no position changes.
#include "bundler/commonjs_variables.h"

#include <algorithm>
#include <string_view>

#include "bundler/lexer.h"

namespace kiln {
namespace {

constexpr std::string_view kNames[] = {"require", "module", "__filename", "__dirname"};

class NameFinder {
 public:
  explicit NameFinder(const Module& module) : module_(module), tokens_(Tokenize(module.code())) {}

  // Whether the code has `name` as a variable that is not its own.
  bool Needs(std::string_view name) const { return Mentions(name) && !Declares(name); }

 private:
  bool Is(size_t index, std::string_view text) const { return tokens_.Is(index, text); }

  bool Mentions(std::string_view name) const {
    for (size_t i = 0; i < tokens_.tokens.size(); ++i)
      if (Is(i, name) && (i == 0 || (!Is(i - 1, ".") && !Is(i - 1, "?.")))) return true;
    return false;
  }

  // Whether there is a declaration outside of all functions and blocks.
  bool Declares(std::string_view name) const {
    for (const ImportStatement& statement : module_.scan.imports)
      if (!statement.exports && std::ranges::any_of(statement.names, [&](const ImportedName& one) {
            return one.local == name;
          }))
        return true;
    bool pattern = false;  // inside of a pattern that declares variables
    for (size_t i = 1; i < tokens_.tokens.size(); ++i) {
      if (tokens_.tokens[i - 1].outermost) {
        bool variable = Is(i - 1, "const") || Is(i - 1, "let") || Is(i - 1, "var");
        if (variable) pattern = Is(i, "{") || Is(i, "[");
        bool declared = variable || Is(i - 1, "function") || Is(i - 1, "class") ||
                        Is(i - 1, "as") || Is(i - 1, ",");
        if (declared && Is(i, name)) return true;
        if (Is(i - 1, "=")) pattern = false;
      }
      if (pattern && Is(i, name)) return true;
    }
    return false;
  }

  const Module& module_;
  TokenList tokens_;
};

}  // namespace

bool ImportCommonJsVariables(Module& module) {
  NameFinder finder(module);
  std::string names;
  for (std::string_view name : kNames)
    if (finder.Needs(name)) names += (names.empty() ? "" : ", ") + std::string(name);
  if (names.empty()) return false;
  module.translated += "\nimport { " + names + " } from \"" + kCommonJsVariables + "\";\n";
  return true;
}

}  // namespace kiln
