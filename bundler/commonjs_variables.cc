// An import statement in front of the first line of code. In the map only the first segment of that
// line changes, since the columns of the others count from the one before.
#include "bundler/commonjs_variables.h"

#include <algorithm>
#include <string_view>

#include "bundler/lexer.h"
#include "support/json.h"

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

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Adds `columns` to the first segment of a line of a map's "mappings"; columns are numbers in base
// 64, five bits a digit, with the sign in the lowest bit.
void MoveLine(std::string& mappings, size_t line, uint32_t columns) {
  size_t at = 0;
  for (; line > 0; --line) {
    at = mappings.find(';', at);
    if (at == std::string::npos) return;
    ++at;
  }
  size_t end = at;
  uint32_t value = 0;
  for (int shift = 0; end < mappings.size(); shift += 5) {
    size_t digit = kDigits.find(mappings[end]);
    if (digit == std::string_view::npos) return;  // the line has no segments
    ++end;
    value |= uint32_t(digit & 31) << shift;
    if (digit < 32) break;
  }
  value += columns * 2;
  std::string text;
  do {
    text += kDigits[(value & 31) | (value > 31 ? 32 : 0)];
    value >>= 5;
  } while (value > 0);
  mappings.replace(at, end - at, text);
}

}  // namespace

bool ImportCommonJsVariables(Module& module) {
  NameFinder finder(module);
  std::string names;
  for (std::string_view name : kNames)
    if (finder.Needs(name)) names += (names.empty() ? "" : ", ") + std::string(name);
  if (names.empty()) return false;
  std::string statement = "import { " + names + " } from \"" + kCommonJsVariables + "\"; ";
  size_t line = module.translated.starts_with("#!") ? 1 : 0;
  size_t at =
      line == 0 ? 0 : std::min(module.translated.find('\n'), module.translated.size() - 1) + 1;
  module.translated.insert(at, statement);
  auto map = Json::Parse(module.translated_map);
  if (!map.ok() || !map->is_object()) return true;
  std::string mappings = (*map)["mappings"].AsString();
  MoveLine(mappings, line, uint32_t(statement.size()));
  map->Set("mappings", std::move(mappings));
  module.translated_map = map->Write();
  return true;
}

}  // namespace kiln
