#include "bundler/import_changes.h"

#include <map>
#include <optional>
#include <utility>

#include "bundler/exported_paths.h"
#include "bundler/import_statement.h"
#include "bundler/lexer.h"
#include "bundler/surely_runs.h"

namespace kiln {

namespace {

class Finder {
 public:
  explicit Finder(std::string_view text) : tokens_(Tokenize(text)) {}

  std::vector<ImportChange> Run() {
    for (at_ = 0; Kind(at_) != TokenKind::kEnd; ++at_)
      if (Kind(at_) == TokenKind::kName) Name();
    std::vector<ImportChange> changes;
    for (const auto& [module, place] : changed_) {
      ImportChange change{module, {}};
      for (const auto& [named, last] : named_)
        if (last > place) change.named_later.push_back(named);
      changes.push_back(std::move(change));
    }
    return changes;
  }

 private:
  bool Is(size_t index, std::string_view spelling) const {
    return index < tokens_.tokens.size() && tokens_.Is(index, spelling);
  }
  bool IsBefore(size_t back, std::string_view spelling) const {
    return at_ >= back && tokens_.Is(at_ - back, spelling);
  }
  TokenKind Kind(size_t index) const {
    return index < tokens_.tokens.size() ? tokens_.tokens[index].kind : TokenKind::kEnd;
  }
  bool IsText(size_t index) const {
    return Kind(index) == TokenKind::kString || Kind(index) == TokenKind::kTemplate;
  }

  size_t Closing(size_t open) const {
    int depth = 0;
    for (size_t i = open; Kind(i) != TokenKind::kEnd; ++i) {
      if (Kind(i) != TokenKind::kPunct) continue;
      if (Is(i, "(") || Is(i, "[") || Is(i, "{")) ++depth;
      if ((Is(i, ")") || Is(i, "]") || Is(i, "}")) && --depth == 0) return i;
    }
    return tokens_.tokens.size() - 1;
  }

  void Name() {
    const std::string_view name = tokens_.Text(at_);
    if (IsBefore(1, ".") || IsBefore(1, "?.")) return;
    if (name == "require" || name == "import") {
      if (Is(at_ + 1, "(") && IsText(at_ + 2)) return Call(name == "import");
      if (name == "import" && tokens_.tokens[at_].outermost) return Statement();
    }
    auto bound = variables_.find(name);
    if (bound != variables_.end() && !Is(at_ + 1, ":")) Use(bound->second, at_ + 1);
  }

  // require("x") or import("x")
  void Call(bool import) {
    const size_t close = Closing(at_ + 1);
    NamedModule module = Named(import, StringValue(tokens_.Text(at_ + 2)));
    for (const ImportBinding& binding : BindingsOfCall(tokens_, at_, close))
      Bind(binding.variable, module);
    // name = __importDefault(require("x")), name = await import("x")
    for (size_t back = 1; back <= 4 && back <= at_; ++back)
      if (Is(at_ - back, "=") && Kind(at_ - back - 1) == TokenKind::kName)
        Bind(std::string(tokens_.Text(at_ - back - 1)), module);
    Use(module, close + 1);
  }

  void Statement() {
    std::optional<ImportStatement> statement = ReadImport(tokens_, at_);
    if (!statement) return;
    NamedModule module = Named(true, statement->specifier);
    for (const ImportedName& name : statement->names) Bind(name.local, module);
    for (const ImportBinding& binding : BindingsOf(tokens_, at_, *statement))
      Bind(binding.variable, module);
    for (size_t i = at_; Kind(i) != TokenKind::kEnd && tokens_.tokens[i].start < statement->end;
         ++i) {
      // import * as NAME
      if (Is(i, "as") && Kind(i + 1) == TokenKind::kName)
        Bind(std::string(tokens_.Text(i + 1)), module);
      at_ = i;
    }
  }

  NamedModule Named(bool import, std::string specifier) {
    NamedModule module{import, std::move(specifier)};
    named_[module] = at_;
    return module;
  }

  // `name` may be a part of a variable, as `name.b`.
  void Bind(const std::string& name, const NamedModule& module) {
    if (!name.empty()) variables_.insert_or_assign(name.substr(0, name.find('.')), module);
  }

  // The current token begins an expression that has what the module exports; what follows begins at `next`.
  void Use(const NamedModule& module, size_t next) {
    const size_t begin = at_;
    bool is_part = false, is_called = false;
    for (;;) {
      if (Is(next, ".") || (Is(next, "?.") && Kind(next + 1) == TokenKind::kName)) {
        is_part = true;
        next += 2;
      } else if (Is(next, "[") || (Is(next, "?.") && Is(next + 1, "["))) {
        is_part = true;
        next = Closing(Is(next, "[") ? next : next + 1) + 1;
      } else if (Is(next, "(")) {
        is_called = true;
        next = Closing(next) + 1;
      } else {
        break;
      }
    }
    // What a call returns may be anything, mostly not a part of the module.
    if (is_part && !is_called &&
        (Assigns(next) || IsBefore(1, "delete") || IsBefore(1, "++") || IsBefore(1, "--")))
      return Change(module);
    if (IsArgumentOfChange()) return Change(module);
    // const part = config.settings
    if (begin >= 2 && Is(begin - 1, "=") && Kind(begin - 2) == TokenKind::kName && !is_called &&
        (begin < 3 || !Is(begin - 3, ".")))
      Bind(std::string(tokens_.Text(begin - 2)), module);
    const bool is_argument = (IsBefore(1, "(") || IsBefore(1, ",")) &&
                             (Is(next, ")") || Is(next, ",")) && IsArgumentOfCall();
    if ((is_called || is_argument) && !tokens_.tokens[begin].in_function && !InArrow() &&
        !SurelyRuns(tokens_, begin))
      Change(module);
  }

  bool Assigns(size_t index) const {
    return Kind(index) == TokenKind::kPunct &&
           IsOneOf(tokens_.Text(index),
                   {"=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=",
                    "^=", "&&=", "||=", "?\?=", "++", "--"});
  }

  // Object.assign(x, …), Object.defineProperty(x, …), Reflect.set(x, …)
  bool IsArgumentOfChange() const {
    if (!IsBefore(1, "(") || !IsBefore(3, ".") || at_ < 4) return false;
    const std::string_view function = tokens_.Text(at_ - 2), object = tokens_.Text(at_ - 4);
    return (object == "Object" || object == "Reflect") &&
           IsOneOf(function, {"assign", "defineProperty", "defineProperties", "setPrototypeOf",
                              "set", "deleteProperty", "freeze"});
  }

  // Whether the current token is in the body of an arrow function without {}, or in a class.
  bool InArrow() const {
    int depth = 0;
    for (size_t i = at_; i-- > 0;) {
      if (Kind(i) != TokenKind::kPunct) continue;
      if (Is(i, ")") || Is(i, "]") || Is(i, "}")) {
        ++depth;
      } else if (Is(i, "(") || Is(i, "[") || Is(i, "{")) {
        if (depth > 0) {
          --depth;
          continue;
        }
        // A block ends the search, and the braces of a class; those of an object do not.
        const bool is_object = Is(i, "{") && i > 0 && Kind(i - 1) == TokenKind::kPunct &&
                               IsOneOf(tokens_.Text(i - 1), {"(", ",", ":", "=", "[", "?", "=>"});
        if (Is(i, "{") && !is_object)
          return i >= 2 && (Is(i - 2, "class") || Is(i - 2, "extends") || Is(i - 1, "class"));
      } else if (depth == 0 && Is(i, "=>")) {
        return true;
      } else if (depth == 0 && Is(i, ";")) {
        return false;
      }
    }
    return false;
  }

  // Whether the bracket around the current token is of a call: f(x), a.f(x), f()(x).
  bool IsArgumentOfCall() const {
    int depth = 0;
    for (size_t i = at_; i-- > 0;) {
      if (Kind(i) != TokenKind::kPunct) continue;
      if (Is(i, ")") || Is(i, "]") || Is(i, "}")) ++depth;
      if (!Is(i, "(") && !Is(i, "[") && !Is(i, "{")) continue;
      if (depth-- > 0) continue;
      return Is(i, "(") && i > 0 &&
             ((Kind(i - 1) == TokenKind::kName &&
               !IsOneOf(tokens_.Text(i - 1), {"if", "while", "for", "switch", "catch", "return",
                                              "typeof", "function", "require"})) ||
              Is(i - 1, ")") || Is(i - 1, "]"));
    }
    return false;
  }

  void Change(const NamedModule& module) { changed_.emplace(module, at_); }

  TokenList tokens_;
  size_t at_ = 0;
  std::map<std::string, NamedModule, std::less<>> variables_;
  std::map<NamedModule, size_t> named_, changed_;  // the token: the last one, the first one
};

}  // namespace

std::vector<ImportChange> FindImportChanges(std::string_view text) { return Finder(text).Run(); }

}  // namespace kiln
