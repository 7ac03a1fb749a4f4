// A small parser for the two kinds of statements.
#include "bundler/import_statement.h"

#include <utility>

namespace kiln {
namespace {

class StatementReader {
 public:
  StatementReader(const TokenList& tokens, size_t at) : tokens_(tokens), at_(at + 1) {
    statement_.start = tokens.tokens[at].start;
  }

  std::optional<ImportStatement> Import() {
    if (Kind() != TokenKind::kString) {
      if (!Clause()) return std::nullopt;
      if (!Accept("from")) return std::nullopt;
    }
    return From();
  }

  std::optional<ImportStatement> Export(ExportedNames& exported) {
    statement_.exports = true;
    if (Accept("*")) {
      statement_.takes_namespace = true;
      statement_.exports_all = !Is("as");
      if (Accept("as")) {
        statement_.exported_namespace = TakeName();
        exported.others.push_back(statement_.exported_namespace);
      }
      if (!Accept("from")) return std::nullopt;
      return From();
    }
    if (Is("{")) {
      if (!List()) return std::nullopt;
      if (Accept("from")) return From();
      for (ImportedName& name : statement_.names) exported.lists.push_back(std::move(name));
      return std::nullopt;
    }
    Declaration(exported);
    return std::nullopt;
  }

 private:
  TokenKind Kind(size_t ahead = 0) const {
    size_t index = at_ + ahead;
    return index < tokens_.tokens.size() ? tokens_.tokens[index].kind : TokenKind::kEnd;
  }
  bool Is(std::string_view spelling, size_t ahead = 0) const {
    return at_ + ahead < tokens_.tokens.size() && tokens_.Is(at_ + ahead, spelling);
  }
  bool Accept(std::string_view spelling) {
    if (!Is(spelling)) return false;
    ++at_;
    return true;
  }
  // A name or a string that names an export.
  std::string TakeName() {
    size_t index = at_++;
    if (index >= tokens_.tokens.size()) return {};
    if (tokens_.tokens[index].kind == TokenKind::kString) return StringValue(tokens_.Text(index));
    return std::string(tokens_.Text(index));
  }
  bool AtName() const { return Kind() == TokenKind::kName || Kind() == TokenKind::kString; }

  // What stands between `import` and `from`.
  bool Clause() {
    // `import source from "x"` imports the default export as `source`.
    if (Is("source") && Kind(1) == TokenKind::kName && (!Is("from", 1) || Is("from", 2))) {
      ++at_;
      statement_.source_phase = true;
    } else if (Is("defer") && Is("*", 1)) {
      ++at_;
    }
    if (Kind() == TokenKind::kName) {
      const Token& token = tokens_.tokens[at_];
      statement_.names.push_back(
          {"default", std::string(tokens_.Text(at_)), token.start, token.end});
      ++at_;
      if (!Accept(",")) return true;
      statement_.names.back().end = tokens_.tokens[at_ - 1].end;
    }
    if (Accept("*")) {
      statement_.takes_namespace = true;
      if (!Accept("as") || Kind() != TokenKind::kName) return false;
      ++at_;
      return true;
    }
    return Is("{") ? List() : !statement_.names.empty();
  }

  // { a, b as c, "d" as e, default as f }
  bool List() {
    ++at_;
    while (!Is("}")) {
      if (!AtName()) return false;
      ImportedName name;
      name.start = tokens_.tokens[at_].start;
      name.name = name.local = TakeName();
      if (Accept("as")) {
        if (!AtName()) return false;
        name.local = TakeName();
      }
      bool more = Accept(",");
      name.end = tokens_.tokens[at_ - 1].end;
      statement_.names.push_back(std::move(name));
      if (!more && !Is("}")) return false;
    }
    ++at_;
    return true;
  }

  std::optional<ImportStatement> From() {
    if (Kind() != TokenKind::kString) return std::nullopt;
    statement_.specifier = TakeName();
    // `assert` on a new line would be a statement.
    if ((Is("with") || (Is("assert") && !tokens_.tokens[at_].new_line)) && Is("{", 1)) {
      at_ += 2;
      while (AtName()) {
        std::string key = TakeName();
        if (!Accept(":") || Kind() != TokenKind::kString) return std::nullopt;
        std::string value = TakeName();
        if (key == "type") statement_.type = std::move(value);
        Accept(",");
      }
      if (!Accept("}")) return std::nullopt;
    }
    Accept(";");
    statement_.end = tokens_.tokens[at_ - 1].end;
    return std::move(statement_);
  }

  void Declaration(ExportedNames& exported) {
    if (Is("default")) {
      exported.others.push_back("default");
      return;
    }
    if (Is("async")) ++at_;
    if (Accept("function")) {
      Accept("*");
      exported.others.push_back(TakeName());
    } else if (Accept("class")) {
      exported.others.push_back(TakeName());
    } else if (Accept("let") || Accept("const") || Accept("var")) {
      Variables(exported);
    } else {
      exported.unknown = true;
    }
  }

  // a = 1, b, …; a name may be listed that is not declared here, because the end of a statement
  // without a semicolon is not looked for.
  void Variables(ExportedNames& exported) {
    int depth = 0;
    bool expected = true;
    for (; Kind() != TokenKind::kEnd; ++at_) {
      const Token& token = tokens_.tokens[at_];
      if (token.outermost && (Is(";") || Is("export") || Is("import"))) return;
      if (expected) {
        if (Kind() == TokenKind::kName)
          exported.others.push_back(std::string(tokens_.Text(at_)));
        else
          exported.unknown = true;
        expected = false;
      }
      if (Kind() == TokenKind::kTemplateHead) ++depth;
      if (Kind() == TokenKind::kTemplateTail) --depth;
      if (Kind() != TokenKind::kPunct) continue;
      if (Is("(") || Is("[") || Is("{")) ++depth;
      if (Is(")") || Is("]") || Is("}")) --depth;
      expected = depth == 0 && Is(",");
    }
  }

  const TokenList& tokens_;
  size_t at_;
  ImportStatement statement_;
};

}  // namespace

std::optional<ImportStatement> ReadImport(const TokenList& tokens, size_t at) {
  return StatementReader(tokens, at).Import();
}

std::optional<ImportStatement> ReadExport(const TokenList& tokens, size_t at,
                                          ExportedNames& exported) {
  return StatementReader(tokens, at).Export(exported);
}

}  // namespace kiln
