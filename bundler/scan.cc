// Scanner::Run scans the tokens; PathEvaluator evaluates path expressions.
#include "bundler/scan.h"

#include <algorithm>
#include <map>
#include <set>

#include "bundler/constant_variable.h"
#include "bundler/lexer.h"
#include "bundler/path_expression.h"
#include "bundler/require_use.h"
#include "bundler/surely_runs.h"
#include "support/file.h"

namespace kiln {
namespace {

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& filename, const ScanContext& context)
      : tokens_(Tokenize(text)),
        filename_(filename),
        context_(context),
        evaluator_(tokens_, filename, context.resolve) {
    scan_.balanced = tokens_.balanced;
  }

  ModuleScan Run() {
    for (at_ = 0; tokens_.tokens[at_].kind != TokenKind::kEnd; ++at_) {
      const Token& token = tokens_.tokens[at_];
      if (token.kind == TokenKind::kName) {
        Name(tokens_.Text(at_));
      } else if (token.kind == TokenKind::kTemplateHead) {
        Path();
      }
    }
    scan_.foreign_require = scan_.declares_require && !requires_.contains("require");
    for (const ImportedName& name : scan_.exports.lists) ExportPathsOf(name.name, name.local);
    for (const auto& [name, exported] : exported_variables_) ExportPathsOf(name, exported);
    return std::move(scan_);
  }

 private:
  bool Is(size_t index, std::string_view spelling) const {
    return index < tokens_.tokens.size() && tokens_.Is(index, spelling);
  }
  bool Before(size_t back, std::string_view spelling) const {
    return at_ >= back && tokens_.Is(at_ - back, spelling);
  }
  TokenKind Kind(size_t index) const {
    return index < tokens_.tokens.size() ? tokens_.tokens[index].kind : TokenKind::kEnd;
  }
  bool IsLiteral(size_t index) const {
    return Kind(index) == TokenKind::kString || Kind(index) == TokenKind::kTemplate;
  }
  const Token& Current() const { return tokens_.tokens[at_]; }
  // a.NAME
  bool IsProperty() const { return Before(1, ".") || Before(1, "?."); }

  void Name(std::string_view name) {
    if (name.find('\\') != std::string_view::npos &&
        StringValue("'" + std::string(name) + "'") == "require")
      return Require();
    switch (name[0]) {
      case 'i':
        if (name == "import") Import();
        break;
      case 'e':
        if (name == "export") Export();
        if (name == "exports" && !IsProperty()) scan_.mentions_module = true;
        if (name == "exports" && Before(1, ".") && Before(2, "module"))
          ExportsVariable(at_ + 2, "");
        if (name == "exit" && IsProperty()) may_have_ended_ = true;
        if (name == "eval" && !IsProperty() && Is(at_ + 1, "(") && IsLiteral(at_ + 2) &&
            Is(at_ + 3, ")"))
          Eval(StringValue(tokens_.Text(at_ + 2)));
        break;
      case 'm':
        if (name == "module" && !IsProperty()) {
          scan_.mentions_module = true;
          QuotedRequire();
        }
        break;
      case 'a':
        if (name == "await" && !scan_.top_level_await && !Current().in_function && !IsProperty() &&
            !InArrow())
          scan_.top_level_await = true;
        break;
      case 'r':
        if (name == "require") {
          auto created = requires_.find(name);
          if (created != requires_.end() && !created->second.empty() && !IsProperty())
            return UseOfCreatedRequire(name);
          return Require();
        }
        if (name == "return" && !Current().in_function) may_have_ended_ = true;
        break;
      case 't':
        if (name == "throw" && !Current().in_function) may_have_ended_ = true;
        break;
      case '_':
        if ((name == "_load" || name == "_resolveFilename") && IsProperty() && Is(at_ + 1, "(") &&
            IsLiteral(at_ + 2)) {
          AddRef(name == "_load" ? RefKind::kRequire : RefKind::kRequireResolve,
                 StringValue(tokens_.Text(at_ + 2)), Current());
          scan_.refs.back().in_try = scan_.refs.back().evaluated = true;
        }
        break;
      case '@':
        scan_.has_decorators = true;
        break;
      case 'F':
        if (name == "Function" && Is(at_ + 1, "(")) FunctionOfText();
        break;
      case 'd':
        if (name == "dlopen" && Before(1, ".") && Before(2, "process")) scan_.loads_native = true;
        break;
      case 'p':
        if (name == "process" && Is(at_ + 1, ".") && Is(at_ + 2, "mainModule") &&
            Is(at_ + 3, ".") && Is(at_ + 4, "filename"))
          scan_.paths.push_back({PathKind::kMain, "", Current().start});
        break;
      case 'c':
        if (name == "const" || name == "class") Declaration();
        break;
      case 'l':
        if (name == "let") Declaration();
        break;
      default:
        break;
    }
    if (Is(at_ + 1, "(") && LoadsFolder(name)) AddFoldersIn(at_ + 1);
    if (create_require_.contains(name)) {
      if (Is(at_ + 1, "(")) return CreateRequire(at_ + 1);
      // (0, module_1.createRequire)(...)
      if (Is(at_ + 1, ")") && Is(at_ + 2, "(") && Before(4, "0")) return CreateRequire(at_ + 2);
      NameOfCreateRequire();
    }
    if (requires_.contains(name)) UseOfCreatedRequire(name);
    if (import_functions_.contains(name)) UseOfImportFunction();
    Path();
  }

  // Whether there is an => before this in the same statement. Its body may have no braces.
  bool InArrow() const {
    if (Is(at_ + 1, "=>") || Is(at_ + 1, "=") || Is(at_ + 1, ":")) return true;
    // Outwards: what is separated from it by a comma or the end of a statement does not count,
    // until the bracket opens that holds both.
    bool separated = EndsStatementBefore(at_);
    for (size_t i = at_; i-- > 0;) {
      if (Kind(i) == TokenKind::kTemplateTail) {
        i = MatchingHead(i);
      } else if (Kind(i) == TokenKind::kTemplateHead || Kind(i) == TokenKind::kTemplateMiddle) {
        if (Kind(i) == TokenKind::kTemplateMiddle) i = MatchingHead(i);
        separated = false;
      } else if (Kind(i) == TokenKind::kPunct) {
        if (Is(i, ")") || Is(i, "]") || Is(i, "}")) {
          i = MatchingOpen(i);
        } else if (Is(i, "(") || Is(i, "[") || Is(i, "{")) {
          separated = false;
        } else if (Is(i, ";") || Is(i, ",")) {
          separated = true;
        } else if (Is(i, "=>") && !separated) {
          return true;
        }
      }
      if (EndsStatementBefore(i)) separated = true;
    }
    return false;
  }

  // Does a line break before this token end a statement? A name cannot go on with the expression
  // that the line before it ends with, unless it is an operator.
  bool EndsStatementBefore(size_t index) const {
    if (index == 0 || Kind(index) != TokenKind::kName || !tokens_.tokens[index].new_line)
      return false;
    if (Is(index, "in") || Is(index, "instanceof") || Is(index, "of")) return false;
    if (Kind(index - 1) != TokenKind::kPunct) return true;
    for (std::string_view end : {")", "]", "}", "++", "--"})
      if (Is(index - 1, end)) return true;
    return false;
  }

  // Whether it is between the brackets of a class.
  bool InClass() const {
    for (size_t i = at_; i-- > 0;) {
      if (Kind(i) == TokenKind::kTemplateTail) {
        i = MatchingHead(i);
      } else if (Kind(i) == TokenKind::kPunct) {
        if (Is(i, ")") || Is(i, "]") || Is(i, "}"))
          i = MatchingOpen(i);
        else if (Is(i, "{") && IsClassBody(i))
          return true;
      }
    }
    return false;
  }

  // Whether the bracket is behind the head of a class.
  bool IsClassBody(size_t open) const {
    for (size_t i = open; i-- > 0;) {
      if (Is(i, "class")) return true;
      if (Is(i, ")") || Is(i, "]"))
        i = MatchingOpen(i);
      else if (Is(i, ";") || Is(i, "{") || Is(i, "}") || Is(i, "(") || Is(i, "[") || Is(i, "=>"))
        return false;
    }
    return false;
  }

  // The head of the template that has a part at `part`, or the first token.
  size_t MatchingHead(size_t part) const {
    int depth = 1;
    for (size_t i = part; i-- > 0;) {
      if (Kind(i) == TokenKind::kTemplateTail) ++depth;
      if (Kind(i) == TokenKind::kTemplateHead && --depth == 0) return i;
    }
    return 0;
  }

  // The opening bracket of the one at `close`, or the first token.
  size_t MatchingOpen(size_t close) const {
    int depth = 0;
    for (size_t i = close + 1; i-- > 0;) {
      if (Kind(i) != TokenKind::kPunct) continue;
      char c = tokens_.text[tokens_.tokens[i].start];
      if (c == ')' || c == ']' || c == '}') ++depth;
      if ((c == '(' || c == '[' || c == '{') && --depth == 0) return i;
    }
    return 0;
  }

  void AddRef(RefKind kind, std::string specifier, const Token& at) {
    ModuleRef& ref = scan_.refs.emplace_back();
    ref.kind = kind;
    ref.specifier = std::move(specifier);
    ref.offset = at.start;
    ref.in_try = at.in_try;
    ref.in_function = at.in_function;
    bool requires_it = kind == RefKind::kRequire || kind == RefKind::kCreateRequire;
    ref.in_arrow = kind != RefKind::kImport && !at.in_function && InArrow();
    ref.in_class = kind != RefKind::kImport && !at.in_function && InClass();
    ref.certain = kind == RefKind::kImport ||
                  (requires_it && !may_have_ended_ && !at.in_try && SurelyRuns(tokens_, at_));
  }
  void AddComputed(RefKind kind, const Token& at, std::string folder, bool indirect = false) {
    scan_.computed.push_back({kind, at.start, std::move(folder), at.in_try, indirect});
  }

  // The closing bracket of the one at `open`, or the end.
  size_t Matching(size_t open) const {
    int depth = 0;
    for (size_t i = open; i < tokens_.tokens.size(); ++i) {
      if (Kind(i) != TokenKind::kPunct) continue;
      char c = tokens_.text[tokens_.tokens[i].start];
      if (c == '(' || c == '[' || c == '{') ++depth;
      if ((c == ')' || c == ']' || c == '}') && --depth == 0) return i;
    }
    return tokens_.tokens.size() - 1;
  }

  // The name of a module that begins at `first`, in a call of require or import that ends at `close`.
  void Argument(RefKind kind, size_t first, size_t close) {
    const Token& token = Current();
    if (Is(first, ")") || Is(first, "]")) return;
    size_t end = EndOfArgument(tokens_, first);
    for (; Is(first, "(") && Matching(first) + 1 == end; --end) ++first;
    if (IsLiteral(first) && first + 1 == end) {
      std::string specifier = StringValue(tokens_.Text(first));
      if (kind == RefKind::kRequire || kind == RefKind::kDynamicImport)
        Bind(specifier, kind == RefKind::kDynamicImport, BindingsOfCall(tokens_, at_, close));
      return AddRef(kind, std::move(specifier), token);
    }
    RememberConstants(first);
    size_t evaluated_to = first;
    PathValue value = evaluator_.Evaluate(evaluated_to);
    consumed_ = std::max(consumed_, evaluated_to);
    if (evaluated_to == end && value.known && !value.text.empty()) {
      AddRef(kind, value.text, token);
      scan_.refs.back().evaluated = true;
      return;
    }
    std::vector<size_t> names;
    bool known = AlternativesIn(tokens_, first, end, names);
    for (size_t name : names) {
      AddRef(kind, StringValue(tokens_.Text(name)), token);
      scan_.refs.back().certain = false;
    }
    if (!known)
      AddComputed(kind, token,
                  value.anchored ? evaluator_.FolderOf(value) : NameFolder(value.text));
  }

  // Gives the evaluator the values of variables in the argument at `first`: those that have a
  // string literal as their only value.
  void RememberConstants(size_t first) {
    constexpr size_t kMaxTokens = 16;
    for (size_t i = first; i < first + kMaxTokens && !Is(i, ")") && !Is(i, ","); ++i) {
      if (Kind(i) != TokenKind::kName || Is(i - 1, ".") || Is(i + 1, "(")) continue;
      std::string name(tokens_.Text(i));
      if (!constants_looked_up_.insert(name).second) continue;
      if (size_t value = ConstantVariable(tokens_, name); value != 0)
        evaluator_.RememberText(name, StringValue(tokens_.Text(value)));
    }
  }

  // The folder of names such as "./plugins/" + x or "date-fns/locale/" + x; for a package, relative
  // to node_modules.
  std::string NameFolder(const std::string& prefix) const {
    size_t slash = prefix.rfind('/');
    if (slash == std::string::npos) return {};
    std::string folder = prefix.substr(0, slash);
    if (prefix[0] != '.') return folder.find(':') == std::string::npos ? folder : std::string();
    folder = NormalizePath(DirectoryOf(filename_) + "/" + folder);
    bool around = (DirectoryOf(filename_) + "/").starts_with(folder + "/");
    return around ? std::string() : folder;
  }

  // Looks for names of CommonJS's variables in the declaration (let, const, class) at this token.
  void Declaration() {
    if (!Current().outermost || IsProperty()) return;
    size_t i = at_ + 1;
    do {
      bool pattern = Is(i, "{") || Is(i, "[");
      size_t end = pattern ? Matching(i) : i;
      for (size_t k = i; k <= end; ++k)
        if (IsCommonJsVariable(k) && (!pattern || IsTarget(k))) scan_.redeclares_commonjs = true;
      // To the next name of the same declaration.
      for (i = end + 1; Kind(i) != TokenKind::kEnd; ++i)
        if (tokens_.tokens[i].outermost && (Is(i, ",") || Is(i, ";") || EndsStatementBefore(i)))
          break;
    } while (Is(i++, ","));
  }

  bool IsCommonJsVariable(size_t index) const {
    return Is(index, "require") || Is(index, "module") || Is(index, "exports") ||
           Is(index, "__filename") || Is(index, "__dirname");
  }

  // Whether a name in a pattern, such as {a: b = 1, ...c}, is one that the pattern declares.
  bool IsTarget(size_t index) const {
    auto is_one_of = [&](size_t at, std::initializer_list<std::string_view> spellings) {
      return std::ranges::any_of(spellings, [&](std::string_view s) { return Is(at, s); });
    };
    return is_one_of(index - 1, {"{", "[", ",", ":", "..."}) &&
           is_one_of(index + 1, {"}", "]", ",", "="});
  }

  void Import() {
    if (IsProperty()) return;
    const Token& token = Current();
    if (Is(at_ + 1, "(")) {
      // import(x) {...} is a method of that name.
      if (Is(Matching(at_ + 1) + 1, "{") && !Before(1, "await") && !Before(1, "return")) return;
      scan_.import_calls.push_back(token.start);
      return Argument(RefKind::kDynamicImport, at_ + 2, Matching(at_ + 1));
    }
    if (Is(at_ + 1, ".")) {
      if ((Is(at_ + 2, "source") || Is(at_ + 2, "defer")) && Is(at_ + 3, "("))
        return Argument(RefKind::kDynamicImport, at_ + 4, Matching(at_ + 3));
      if (!Is(at_ + 2, "meta")) return;
      scan_.esm_syntax = scan_.has_import_meta = true;
      if (RequireUse use = UseOfRequire(tokens_, at_ + 2);
          use.kind == RequireUse::Kind::kResolve && IsLiteral(use.argument))
        AddRef(RefKind::kImportResolve, StringValue(tokens_.Text(use.argument)), token);
      return;
    }
    if (!token.outermost) return;
    AddStatement(ReadImport(tokens_, at_), token);
  }

  // For `module.exports = NAME` and `export default NAME`, with NAME at `index`.
  void ExportsVariable(size_t index, std::string exported) {
    if (Kind(index) == TokenKind::kName && (exported == "default" || Is(index - 1, "=")) &&
        EndsStatement(index + 1))
      exported_variables_.emplace_back(tokens_.Text(index), std::move(exported));
  }

  void Export() {
    const Token& token = Current();
    if (Is(at_ + 1, "default")) ExportsVariable(at_ + 2, "default");
    if (!token.outermost || IsProperty() || Is(at_ + 1, ":") || Is(at_ + 1, "=")) return;
    if (Is(at_ + 1, "{") || Kind(at_ + 1) == TokenKind::kName) scan_.esm_syntax = true;
    if (Is(at_ + 1, "{") || Is(at_ + 1, "*") || Kind(at_ + 1) == TokenKind::kName)
      AddStatement(ReadExport(tokens_, at_, scan_.exports), token);
  }

  void AddStatement(std::optional<ImportStatement> statement, const Token& token) {
    if (!statement) return;
    scan_.esm_syntax = true;
    AddRef(RefKind::kImport, statement->specifier, token);
    if (!statement->exports) Bind(statement->specifier, true, BindingsOf(tokens_, at_, *statement));
    // Its names are no uses of them.
    for (size_t i = at_; Kind(i) != TokenKind::kEnd && tokens_.tokens[i].start < statement->end;
         ++i)
      consumed_ = std::max(consumed_, i + 1);
    scan_.imports.push_back(std::move(*statement));
  }

  void Require() {
    const Token& token = Current();
    if (IsProperty()) {
      if (Before(2, "main") || Before(2, "mainModule")) return RequireOfMain();
      if (!Before(2, "module") || Before(3, ".")) return;
    }
    scan_.mentions_module = true;
    if (Before(1, "typeof") && !Is(at_ + 1, "(") && !Is(at_ + 1, "?.")) {
      scan_.typeof_requires.push_back(token.start);
      return;
    }
    if (!IsProperty() && DeclaresVariable(tokens_, at_)) {
      scan_.declares_require = true;
      return;
    }
    if (Is(at_ + 1, "(") && DeclaresMethod(tokens_, at_)) return;
    if (Is(at_ + 1, "(") && IsLiteral(at_ + 2) && Is(at_ + 3, ")") && Is(at_ + 4, "(") &&
        LoadsFolder(StringValue(tokens_.Text(at_ + 2))))
      AddFoldersIn(at_ + 4);
    if (Is(at_ + 1, ".") && Is(at_ + 2, "main") && Is(at_ + 3, ".") && Is(at_ + 4, "filename"))
      scan_.paths.push_back({PathKind::kMain, "", token.start});
    // { require: x } and `require` as a property name are not references; x = require is one.
    if (Is(at_ + 1, ":") && (Before(1, "{") || Before(1, ","))) return;
    if (Is(at_ + 1, "=")) return;
    if (Is(at_ + 1, "===") || Is(at_ + 1, "!==") || Is(at_ + 1, "&&")) return;
    UseRequire(RefKind::kRequire, UseOfRequire(tokens_, at_));
    if (Is(at_ + 1, "(")) Path();  // require("path").join(__dirname, …)
  }

  // At `module` in module["require"].
  void QuotedRequire() {
    size_t open = at_ + 1 + Is(at_ + 1, "?.");
    if (Is(open, "[") && IsLiteral(open + 1) && Is(open + 2, "]") &&
        StringValue(tokens_.Text(open + 1)) == "require")
      UseRequire(RefKind::kRequire, UseOfRequire(tokens_, open + 2));
  }

  // eval("require") is a require function; other code in eval may call one.
  void Eval(const std::string& code) {
    if (code == "require") return UseRequire(RefKind::kRequire, UseOfRequire(tokens_, at_ + 3));
    if (ImportsArgument(code)) return ImportFunction(at_, at_ + 3);
    ScanText(code);
  }

  void ScanText(const std::string& code) {
    if (code.find("require") == std::string::npos && code.find("import") == std::string::npos)
      return;
    for (ModuleRef& ref : ScanModule(code, filename_, context_).refs) {
      ref.offset = Current().start;
      ref.certain = false;
      ref.in_try = ref.evaluated = true;
      if (ref.kind != RefKind::kImport) scan_.refs.push_back(std::move(ref));
    }
  }

  // new Function("name", "return import(name)"), also without new. Programs that were compiled to CommonJS write
  // import() like this, since their compiler would have made require() of it.
  void FunctionOfText() {
    if (IsProperty() && !Before(2, "globalThis")) return;
    const size_t close = Matching(at_ + 1);
    if (close < at_ + 3 || !IsLiteral(close - 1)) return;
    const std::string body = StringValue(tokens_.Text(close - 1));
    if (!ImportsArgument(body)) return ScanText(body);
    size_t begin = IsProperty() ? at_ - 2 : at_;
    if (begin > 0 && Is(begin - 1, "new")) --begin;
    ImportFunction(begin, close);
  }

  // Whether a text of code calls import() with a name.
  static bool ImportsArgument(const std::string& code) {
    if (code.find("import") == std::string::npos) return false;
    const TokenList tokens = Tokenize(code);
    for (size_t i = 0; i + 3 < tokens.tokens.size(); ++i)
      if (tokens.Is(i, "import") && tokens.Is(i + 1, "(") &&
          tokens.tokens[i + 2].kind == TokenKind::kName &&
          (tokens.Is(i + 3, ")") || tokens.Is(i + 3, ",")))
        return true;
    return false;
  }

  // The expression from `begin` to `close` is a function that imports what it is called with.
  void ImportFunction(size_t begin, size_t close) {
    RequireUse use = UseOfRequire(tokens_, close);
    if (use.kind == RequireUse::Kind::kCall) return ImportOf(use.argument, use.close);
    // Short names, as in minified code, mean something else in other functions.
    constexpr size_t kShortest = 3;
    std::string name = AssignedName(begin);
    if (name.size() >= kShortest && EndsStatement(close + 1)) {
      import_functions_.insert(std::move(name));
    } else {
      AddComputed(RefKind::kDynamicImport, Current(), "", true);
    }
  }

  void UseOfImportFunction() {
    if (IsProperty() || DeclaresVariable(tokens_, at_) || Before(1, "typeof")) return;
    if (Is(at_ + 1, "("))
      ImportOf(at_ + 2, Matching(at_ + 1));
    else if (Is(at_ + 1, ",") || Is(at_ + 1, ")"))  // is passed on
      AddComputed(RefKind::kDynamicImport, Current(), "", true);
  }

  // A call of such a function. The word at its offset is not `import`, and what is not found is found missing when the
  // app runs.
  void ImportOf(size_t argument, size_t close) {
    const size_t known = scan_.refs.size();
    Argument(RefKind::kDynamicImport, argument, close);
    for (size_t i = known; i < scan_.refs.size(); ++i)
      scan_.refs[i].evaluated = scan_.refs[i].in_try = true;
  }

  // require.main.require(x) and process.mainModule.require(x): relative to the entry.
  void RequireOfMain() {
    RequireUse use = UseOfRequire(tokens_, at_);
    if (use.kind != RequireUse::Kind::kCall || !IsLiteral(use.argument)) return;
    AddRef(RefKind::kRequire, StringValue(tokens_.Text(use.argument)), Current());
    scan_.refs.back().from = kFromMain;
  }

  // `from` as in ModuleRef.
  void UseRequire(RefKind kind, const RequireUse& use, const std::string& from = {}) {
    size_t known = scan_.refs.size();
    UseRequireOfModule(kind, use);
    for (size_t i = known; i < scan_.refs.size(); ++i) scan_.refs[i].from = from;
  }

  void UseRequireOfModule(RefKind kind, const RequireUse& use) {
    switch (use.kind) {
      case RequireUse::Kind::kCall:
        return Argument(kind, use.argument, use.close);
      case RequireUse::Kind::kResolve:
        return Argument(RefKind::kRequireResolve, use.argument, use.close);
      case RequireUse::Kind::kProperty:
        return;
      case RequireUse::Kind::kValue:
        return AddComputed(kind, Current(), "", true);
    }
  }

  // At createRequire, with its ( at `open`.
  void CreateRequire(size_t open) {
    size_t end = open + 1;
    PathValue value = evaluator_.Evaluate(end);
    size_t close = Matching(open);
    if (Is(end, ",") && end + 1 == close) ++end;
    consumed_ = std::max(consumed_, close);
    std::string from;
    if (!value.self && value.known && IsAbsolutePath(value.text)) {
      from = value.text;
      if (IsLiteral(end - 1) && StringValue(tokens_.Text(end - 1)).ends_with('/') &&
          !from.ends_with('/'))
        from += '/';
    }
    if (end != close || (!value.self && from.empty())) {
      if (!Before(1, "function")) AddComputed(RefKind::kCreateRequire, Current(), "", true);
      return;
    }
    RequireUse use = UseOfRequire(tokens_, close);
    if (use.kind != RequireUse::Kind::kValue) return UseRequire(RefKind::kCreateRequire, use, from);
    // NAME = module.createRequire(...)
    size_t begin = at_;
    while (begin >= 2 && tokens_.Is(begin - 1, ".")) begin -= 2;
    if (begin >= 3 && tokens_.Is(begin - 1, ",") && tokens_.Is(begin - 2, "0")) begin -= 3;
    std::string name = AssignedName(begin);
    if (!name.empty()) requires_[name] = from;
    // Calls of `require` are looked at anyway.
    if ((name != "require" || !from.empty()) &&
        (name.empty() || !EndsStatement(close + 1) || Is(close + 1, ")")))
      AddComputed(RefKind::kCreateRequire, Current(), "", true);
  }

  // The variable to which the expression that begins at `begin` is assigned, or "".
  std::string AssignedName(size_t begin) const {
    if (begin < 2 || !IsOneOf(tokens_.Text(begin - 1), {"=", "||=", "\?\?="}) ||
        Kind(begin - 2) != TokenKind::kName)
      return {};
    std::string name(tokens_.Text(begin - 2));
    bool property = begin > 2 && (Is(begin - 3, ".") || Is(begin - 3, "static"));
    if (begin > 3 && Is(begin - 4, "globalThis")) property = false;
    return property || name[0] == '#' ? std::string() : name;
  }

  // At a variable that holds a require from createRequire.
  void UseOfCreatedRequire(std::string_view name) {
    const std::string from = requires_.find(name)->second;
    if (IsProperty() || DeclaresVariable(tokens_, at_) || Before(1, "typeof") ||
        IsOneOf(tokens_.Text(at_ + 1), {"=", "||=", "\?\?=", ":", "&&", "===", "!=="}))
      return;
    RequireUse use = UseOfRequire(tokens_, at_);
    if (use.kind == RequireUse::Kind::kValue) {
      if (std::string alias = AssignedName(at_); !alias.empty() && EndsStatement(at_ + 1)) {
        requires_[alias] = from;
        return;
      }
      // Short names, as in minified code, mean something else in other functions.
      constexpr size_t kShortest = 3;
      if (name.size() < kShortest) return;
    }
    UseRequire(RefKind::kCreateRequire, use, from);
  }

  // At a name of createRequire that no ( follows: another name may be given to it.
  void NameOfCreateRequire() {
    if ((Is(at_ + 1, "as") || Is(at_ + 1, ":")) && Kind(at_ + 2) == TokenKind::kName) {
      create_require_.insert(std::string(tokens_.Text(at_ + 2)));
      return;
    }
    size_t begin = at_;
    while (begin >= 2 && tokens_.Is(begin - 1, ".")) begin -= 2;
    if (std::string name = AssignedName(begin); !name.empty() && EndsStatement(at_ + 1))
      create_require_.insert(std::move(name));
  }

  // Adds the paths of a variable and its properties to those that are exported, as `exported`.
  void ExportPathsOf(const std::string& name, const std::string& exported) {
    for (auto& [rest, value] : evaluator_.ValuesOf(name)) {
      std::string whole = exported.empty() && !rest.empty() ? rest.substr(1) : exported + rest;
      scan_.exported_paths.push_back({std::move(whole), value.text, value.url});
    }
  }

  // Gives variables the paths that the module `specifier` exports.
  void Bind(const std::string& specifier, bool import, const std::vector<ImportBinding>& bindings) {
    if (bindings.empty() || !context_.paths_of) return;
    std::vector<ExportedPath> exported = context_.paths_of(specifier, import);
    if (exported.empty()) return;
    for (const ImportBinding& binding : bindings)
      for (ExportedPath& path : ImportedPaths(binding, exported)) {
        PathValue value;
        value.known = value.imported = true;
        value.url = path.url;
        value.text = std::move(path.path);
        evaluator_.Remember(std::move(path.name), std::move(value));
      }
  }

  // Tries the current token as the beginning of a path expression.
  void Path() {
    if (at_ < consumed_ || !evaluator_.MayBegin(at_)) return;
    size_t end = at_;
    PathValue value = evaluator_.Evaluate(end);
    if (!value.anchored || end == at_) return;
    consumed_ = end;
    if (Before(1, "typeof") || Compared(end)) return;
    if (Is(end, ":") && (Before(1, "{") || Before(1, ","))) return;
    if (value.known && EndsStatement(end)) {
      StoredNames names = NamesOfValue(tokens_, at_, end);
      if (names.exported) scan_.exported_paths.push_back({*names.exported, value.text, value.url});
      if (names.variable && names.variable->find('.') != std::string::npos)
        evaluator_.Remember(*names.variable, value);
    }
    bool assigned = Before(1, "=") && at_ >= 2 && Kind(at_ - 2) == TokenKind::kName;
    if (assigned && !Before(3, ".") && EndsStatement(end)) {
      evaluator_.Remember(std::string(tokens_.Text(at_ - 2)), value);
      bool exported = Before(4, "export");
      if (!exported && (value.known || evaluator_.FolderOf(value).empty())) {
        // Uses of the variable are recorded separately. An unknown value may be any path in the
        // package.
        if (!value.known && !value.imported) Record(value);
        return;
      }
    }
    Record(value);
  }

  bool Compared(size_t end) const {
    for (std::string_view op : {"===", "!==", "==", "!="})
      if (Before(1, op) || Is(end, op)) return true;
    return false;
  }
  bool EndsStatement(size_t end) const {
    return Kind(end) == TokenKind::kEnd || Is(end, ";") || Is(end, ",") || Is(end, "}") ||
           Is(end, ")") || tokens_.tokens[end].new_line;
  }

  void Record(const PathValue& value) {
    uint32_t offset = Current().start;
    std::string folder = DirectoryOf(filename_);
    if (!value.known) {
      std::string prefix = evaluator_.FolderOf(value), begins = evaluator_.BeginningOf(value);
      if (value.imported && prefix.empty()) return;
      if (prefix.empty() && !begins.empty())
        scan_.paths.push_back({PathKind::kBegins, std::move(begins), offset});
      scan_.paths.push_back(
          {prefix.empty() ? PathKind::kUnknown : PathKind::kFolder, std::move(prefix), offset});
      return;
    }
    bool runs = Before(1, "(") && (Before(2, "Worker") || Before(2, "fork"));
    if (value.self && runs) {
      scan_.paths.push_back({PathKind::kKnown, filename_, offset});
      return;
    }
    if (value.self) {
      scan_.paths.push_back({PathKind::kSelf, "", offset});
      // Passed to an unknown function.
      scan_.paths.push_back({PathKind::kUnknown, "", offset});
      return;
    }
    AddPatternsIn(value);
    if (value.text == folder && MayList()) {
      scan_.paths.push_back({PathKind::kListed, value.text, offset});
      return;
    }
    bool around = value.text == folder || folder.starts_with(value.text + "/");
    // The module that exports it has said as much.
    if (around && value.imported) return;
    scan_.paths.push_back(
        {around ? PathKind::kUnknown : PathKind::kKnown, around ? "" : value.text, offset});
  }

  // Whether the path at this token is an argument of a function, or a property of one, whose name
  // suggests that it lists or loads the files of a folder.
  bool MayList() const {
    if (Before(1, ":")) return at_ >= 2 && Suggests(tokens_.Text(at_ - 2), {"cwd", "dir", "root"});
    if (!Before(1, "(") && !Before(1, ",")) return false;
    size_t open = EnclosingOpen(at_);
    if (open == 0 || !Is(open, "(")) return false;
    // Also require("x")(path).
    if (Is(open - 1, ")")) open = MatchingOpen(open - 1);
    return open > 0 &&
           Suggests(tokens_.Text(open - 1), {"dir", "load", "require", "import", "glob", "walk",
                                             "scan", "include", "register", "files"});
  }

  // Whether a function or package of that name loads the modules in a folder whose name is relative
  // to the module that calls it: yargs' commandDir, require-dir, include-all.
  static bool LoadsFolder(std::string_view name) {
    if (name == "commandDir") return true;
    return Suggests(name, {"require", "include"}) && Suggests(name, {"dir", "all", "folder"});
  }

  // The folders that the literal arguments of the call with its ( at `open` name.
  void AddFoldersIn(size_t open) {
    size_t close = Matching(open);
    for (size_t i = open + 1; i < close; ++i) {
      if (!IsLiteral(i) || Is(i + 1, ":")) continue;
      std::string name = StringValue(tokens_.Text(i));
      if (!name.empty() && name.size() < 200 && !IsAbsolutePath(name))
        scan_.paths.push_back(
            {PathKind::kFolder, DirectoryOf(filename_) + "/" + name, tokens_.tokens[i].start});
    }
  }

  // Whether one of `parts`, in lower case, is in the name.
  static bool Suggests(std::string_view name, std::initializer_list<std::string_view> parts) {
    std::string lower(name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? char(c + 'a' - 'A') : c;
    return std::ranges::any_of(
        parts, [&](std::string_view part) { return lower.find(part) != std::string::npos; });
  }

  // The bracket that holds the token at `index`, or the first token.
  size_t EnclosingOpen(size_t index) const {
    for (size_t i = index; i-- > 0;) {
      if (Kind(i) != TokenKind::kPunct) continue;
      if (Is(i, ")") || Is(i, "]") || Is(i, "}")) {
        i = MatchingOpen(i);
      } else if (Is(i, "(") || Is(i, "[") || Is(i, "{")) {
        return i;
      }
    }
    return 0;
  }

  // For glob("*.js", {cwd: PATH}), with PATH at this token: the patterns beside it.
  void AddPatternsIn(const PathValue& folder) {
    if (!Before(1, ":") || at_ < 2 || !Suggests(tokens_.Text(at_ - 2), {"cwd", "root", "dir"}))
      return;
    size_t open = EnclosingOpen(EnclosingOpen(at_));
    size_t close = open == 0 ? 0 : Matching(open);
    for (size_t i = open + 1; i < close; ++i) {
      size_t literal = i;
      if (Kind(i) == TokenKind::kName && (Is(i - 1, "(") || Is(i - 1, "[") || Is(i - 1, ",")))
        literal = ConstantVariable(tokens_, tokens_.Text(i));
      if (literal == 0 || !IsLiteral(literal)) continue;
      std::string pattern = StringValue(tokens_.Text(literal));
      if (pattern.find_first_of("*?[{") != std::string::npos && !IsAbsolutePath(pattern) &&
          !pattern.starts_with('!'))
        scan_.paths.push_back(
            {PathKind::kKnown, folder.text + "/" + pattern, tokens_.tokens[i].start});
    }
  }

  TokenList tokens_;
  std::string filename_;
  const ScanContext& context_;
  PathEvaluator evaluator_;
  ModuleScan scan_;
  size_t at_ = 0;
  bool may_have_ended_ = false;  // a return, throw or exit() comes before this token
  size_t consumed_ = 0;          // path expressions before this token have been handled
  std::set<std::string, std::less<>> create_require_ = {"createRequire"};
  std::set<std::string, std::less<>> import_functions_;  // variables that hold one
  std::set<std::string> constants_looked_up_;
  std::vector<std::pair<std::string, std::string>> exported_variables_;  // and as what
  // Variables made by createRequire, and the `from` of their references.
  std::map<std::string, std::string, std::less<>> requires_;
};

}  // namespace

ModuleScan ScanModule(std::string_view text, const std::string& filename,
                      const ScanContext& context) {
  return Scanner(text, filename, context).Run();
}

}  // namespace kiln
