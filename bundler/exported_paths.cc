// All of it looks at the tokens around a value or a call.
#include "bundler/exported_paths.h"

#include <algorithm>
#include <string_view>

namespace kiln {
namespace {

class Around {
 public:
  explicit Around(const TokenList& tokens) : tokens_(tokens) {}

  bool Is(size_t index, std::string_view spelling) const {
    return index < tokens_.tokens.size() && tokens_.Is(index, spelling);
  }
  bool IsName(size_t index) const {
    return index < tokens_.tokens.size() && tokens_.tokens[index].kind == TokenKind::kName;
  }
  std::string Text(size_t index) const { return std::string(tokens_.Text(index)); }

  // The bracket that holds the token at `index`; 0 if there is none.
  size_t EnclosingOpen(size_t index) const {
    int depth = 0;
    for (size_t i = index; i-- > 0;) {
      if (tokens_.tokens[i].kind != TokenKind::kPunct) continue;
      if (Is(i, ")") || Is(i, "]") || Is(i, "}")) ++depth;
      if ((Is(i, "(") || Is(i, "[") || Is(i, "{")) && depth-- == 0) return i;
    }
    return 0;
  }

  // The names of what is assigned by the tokens before `begin`, with `property` added to them.
  StoredNames Assigned(size_t begin, const std::string& property) const {
    StoredNames names;
    if (begin >= 2 && Is(begin - 1, "default") && Is(begin - 2, "export")) {
      names.exported = "default" + property;
      return names;
    }
    if (begin < 2 || !Is(begin - 1, "=") || !IsName(begin - 2)) return names;
    size_t target = begin - 2;
    // const NAME: string =
    if (target >= 2 && Is(target - 1, ":") && IsName(target - 2)) target -= 2;
    if (Is(target - 1, ".")) {
      bool of_module = target >= 4 && Is(target - 2, "exports") && Is(target - 3, ".") &&
                       Is(target - 4, "module");
      bool of_exports = target >= 2 && Is(target - 2, "exports") && !Is(target - 3, ".");
      if (of_module || of_exports) {
        names.exported = Text(target) + property;
      } else if (Is(target, "exports") && target >= 2 && Is(target - 2, "module")) {
        names.exported = property.empty() ? "" : property.substr(1);
      }
      return names;
    }
    names.variable = Text(target) + property;
    if (target >= 2 && Is(target - 2, "export")) names.exported = names.variable;
    return names;
  }

 private:
  const TokenList& tokens_;
};

}  // namespace

StoredNames NamesOfValue(const TokenList& tokens, size_t begin, size_t end) {
  Around around(tokens);
  if (begin == 0) return {};
  StoredNames names = around.Assigned(begin, "");
  if (names.variable || names.exported) return names;
  // A property: KEY: VALUE, or a variable as { KEY }.
  std::string property;
  size_t at = begin;
  bool shorthand = end == begin + 1 && (around.Is(begin - 1, "{") || around.Is(begin - 1, ",")) &&
                   (around.Is(end, ",") || around.Is(end, "}"));
  if (shorthand) property = "." + around.Text(begin);
  constexpr int kMaxDepth = 8;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    if (!(depth == 0 && shorthand)) {
      if (at < 3 || !around.Is(at - 1, ":")) return {};
      const Token& key = tokens.tokens[at - 2];
      if (!around.Is(at - 3, "{") && !around.Is(at - 3, ",")) return {};
      if (key.kind != TokenKind::kName && key.kind != TokenKind::kString) return {};
      property =
          "." +
          (key.kind == TokenKind::kName ? around.Text(at - 2) : StringValue(tokens.Text(at - 2))) +
          property;
    }
    size_t open = around.EnclosingOpen(at);
    if (open == 0 || !around.Is(open, "{")) return {};
    names = around.Assigned(open, property);
    if (names.variable || names.exported) return names;
    at = open;
  }
  return {};
}

std::vector<ImportBinding> BindingsOf(const TokenList& tokens, size_t at,
                                      const ImportStatement& statement) {
  std::vector<ImportBinding> bindings;
  for (const ImportedName& name : statement.names) bindings.push_back({name.local, name.name});
  Around around(tokens);
  for (size_t i = at; statement.takes_namespace && i + 2 < tokens.tokens.size() && i < at + 6; ++i)
    if (around.Is(i, "*") && around.Is(i + 1, "as")) bindings.push_back({around.Text(i + 2), ""});
  return bindings;
}

std::vector<ImportBinding> BindingsOfCall(const TokenList& tokens, size_t at, size_t close) {
  Around around(tokens);
  // await import("x"), __importDefault(require("x"))
  while (at >= 2 && (around.Is(at - 1, "await") ||
                     (around.Is(at - 1, "(") && at >= 3 && around.IsName(at - 2)))) {
    if (around.Is(at - 1, "await")) {
      --at;
    } else {
      std::string wrapper = around.Text(at - 2);
      if (!wrapper.starts_with("__import") && !wrapper.starts_with("_interop")) return {};
      at -= 2;
      ++close;
    }
  }
  if (at < 3 || !around.Is(at - 1, "=")) return {};
  std::string property;
  for (size_t i = close + 1; around.Is(i, ".") && around.IsName(i + 1); i += 2)
    property += (property.empty() ? "" : ".") + around.Text(i + 1);
  if (around.IsName(at - 2) && !around.Is(at - 3, "."))
    return {{around.Text(at - 2), std::move(property)}};
  if (!around.Is(at - 2, "}")) return {};
  std::vector<ImportBinding> bindings;
  size_t open = around.EnclosingOpen(at - 2);
  for (size_t i = open + 1; i < at - 2; ++i) {
    if (!around.IsName(i) || !(around.Is(i - 1, "{") || around.Is(i - 1, ","))) continue;
    bool renamed = around.Is(i + 1, ":") && around.IsName(i + 2);
    bindings.push_back({around.Text(renamed ? i + 2 : i),
                        property + (property.empty() ? "" : ".") + around.Text(i)});
  }
  return bindings;
}

std::vector<ExportedPath> ImportedPaths(const ImportBinding& binding,
                                        const std::vector<ExportedPath>& exported) {
  std::vector<ExportedPath> paths;
  auto add = [&](std::string_view part) {
    for (const ExportedPath& path : exported) {
      if (path.name == part) {
        paths.push_back({binding.variable, path.path, path.url});
      } else if (part.empty() || path.name.starts_with(std::string(part) + ".")) {
        std::string rest = part.empty() ? path.name : path.name.substr(part.size() + 1);
        paths.push_back({binding.variable + "." + rest, path.path, path.url});
      }
    }
  };
  add(binding.exported);
  // The default of CommonJS is all of module.exports.
  if (binding.exported == "default" && paths.empty()) add("");
  return paths;
}

}  // namespace kiln
