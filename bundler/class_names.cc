// esbuild chooses names that are not in the file, so a token with that name is always the class,
// unless it is the name of a property.
#include "bundler/class_names.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bundler/lexer.h"
#include "bundler/source_map.h"

namespace kiln {
namespace {

struct Edit {
  size_t offset;
  std::string from, to;
};

class Renamer {
 public:
  Renamer(std::string_view code, std::string_view original)
      : original_(original), tokens_(Tokenize(code)) {}

  // In the order of the text.
  std::vector<Edit> Run() {
    for (size_t i = 0; i + 4 < tokens_.tokens.size(); ++i) {
      if (!tokens_.Is(i, "const") || !tokens_.Text(i + 1).starts_with('_') ||
          !tokens_.Is(i + 2, "=") || !tokens_.Is(i + 3, "class") ||
          tokens_.Text(i + 4) != tokens_.Text(i + 1))
        continue;
      std::string name(tokens_.Text(i + 4));
      std::string wanted = NameAfter(i + 5, name);
      if (!wanted.empty() && !Occurs(name)) Rename(i + 4, name, wanted);
    }
    std::ranges::sort(edits_, {}, &Edit::offset);
    return std::move(edits_);
  }

 private:
  // A for `let A = _A` after `from`.
  std::string NameAfter(size_t from, std::string_view name) const {
    for (size_t i = from; i + 3 < tokens_.tokens.size(); ++i) {
      if (!tokens_.Is(i, "let") || !tokens_.Is(i + 2, "=") || !tokens_.Is(i + 3, name)) continue;
      std::string_view wanted = tokens_.Text(i + 1), rest = name.substr(1);
      bool fits = rest.starts_with(wanted) &&
                  rest.find_first_not_of("0123456789", wanted.size()) == std::string_view::npos;
      return fits ? std::string(wanted) : std::string();
    }
    return {};
  }

  bool Occurs(std::string_view name) const {
    TokenList tokens = Tokenize(original_);
    for (size_t i = 0; i < tokens.tokens.size(); ++i)
      if (tokens.Is(i, name)) return true;
    return false;
  }

  // The class's name at `at`, and all in its body.
  void Rename(size_t at, const std::string& name, const std::string& wanted) {
    edits_.push_back({tokens_.tokens[at].start, name, wanted});
    int depth = 0;
    bool body = false;  // what it extends is evaluated before the class has its name
    for (size_t i = at + 1; i < tokens_.tokens.size(); ++i) {
      const Token& token = tokens_.tokens[i];
      std::string_view text = tokens_.Text(i);
      if (token.kind == TokenKind::kPunct && (text == "(" || text == "[" || text == "{")) {
        body |= depth == 0 && text == "{";
        ++depth;
      } else if (token.kind == TokenKind::kPunct && (text == ")" || text == "]" || text == "}")) {
        if (--depth == 0 && body) return;
      } else if (body && token.kind == TokenKind::kName && text == name &&
                 !tokens_.Is(i - 1, ".") && !tokens_.Is(i - 1, "?.")) {
        edits_.push_back({token.start, name, wanted});
      }
    }
  }

  std::string_view original_;
  TokenList tokens_;
  std::vector<Edit> edits_;
};

}  // namespace

void RestoreClassNames(TransformOutput& translation, std::string_view original) {
  if (translation.code.find("= class _") == std::string::npos) return;
  std::vector<Edit> edits = Renamer(translation.code, original).Run();
  if (edits.empty()) return;
  struct Shift {
    int column;  // from 0; places behind it move
    int by;
  };
  std::map<size_t, std::vector<Shift>> lines;  // from 0
  std::string code;
  size_t from = 0;
  for (const Edit& edit : edits) {
    LineColumn place = UnitPositionOf(translation.code, edit.offset);
    lines[size_t(place.line) - 1].push_back(
        {place.column - 1, int(edit.to.size()) - int(edit.from.size())});
    code += translation.code.substr(from, edit.offset - from) + edit.to;
    from = edit.offset + edit.from.size();
  }
  translation.code = code + translation.code.substr(from);
  translation.map =
      ChangeMap(translation.map, [&](size_t line, std::vector<Mappings::Entry>& entries) {
        auto shifts = lines.find(line);
        if (shifts == lines.end()) return;
        for (Mappings::Entry& entry : entries) {
          int by = 0;
          for (const Shift& shift : shifts->second)
            if (entry.column > shift.column) by += shift.by;
          entry.column += by;
        }
      });
}

}  // namespace kiln
