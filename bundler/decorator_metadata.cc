// A parser of class bodies, parameters and types that knows just enough of TypeScript's grammar to
// skip what it does not need. TypeScript's rules of what each type is stored as are those of its
// compiler's serializer (transformers/typeSerializer.ts describes them).
#include "bundler/decorator_metadata.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "bundler/lexer.h"
#include "bundler/source_map.h"
#include "support/json.h"

namespace kiln {
namespace {

constexpr int kMaxAliases = 20;
// How a type begins that is looked up when the code runs.
constexpr std::string_view kTypeCall = "__kiln_type(() => ";

// Appended to a file with metadata. Function declarations are usable before their text.
constexpr std::string_view kHelpers =
    "\nfunction __kiln_metadata(key, value) { return typeof Reflect === \"object\" && "
    "typeof Reflect.metadata === \"function\" ? Reflect.metadata(key, value) : undefined; }"
    "\nfunction __kiln_parameter(key, value) { const decorate = __kiln_metadata(key, value); "
    "return (target, name) => decorate?.(target, name); }"
    "\nfunction __kiln_type(get, own) { let type; try { type = get(); } catch (error) { if (own) "
    "throw error; } "
    "return typeof type === \"function\" ? type : Object; }\n";

struct Parameter {
  std::string type = "Object";
  bool decorated = false;
  size_t insert = 0;  // where a further decorator may be added
};

class MetadataWriter {
 public:
  MetadataWriter(std::string_view source, bool strict, const TypeLookup& lookup)
      : source_(source), strict_(strict), lookup_(lookup), tokens_(Tokenize(source)) {}

  TextWithMetadata Run() {
    bool decorated = std::ranges::any_of(tokens_.tokens, [&](const Token& token) {
      return token.kind == TokenKind::kName && source_[token.start] == '@';
    });
    if (!decorated) return {std::string(source_), {}};
    ReadDeclarations();
    for (size_t i = 0; Kind(i) != TokenKind::kEnd; ++i) {
      if (IsDecorator(i)) {
        size_t decorators_end = 0;
        size_t at = SkipDecorators(i, decorators_end);
        while (Is(at, "export") || Is(at, "default") || Is(at, "abstract")) ++at;
        if (Is(at, "class")) {
          Class(at, decorators_end);
          i = at;
        }
      } else if (Is(i, "class") && (i == 0 || !Is(i - 1, ".")) &&
                 (Kind(i + 1) == TokenKind::kName || Is(i + 1, "{"))) {
        Class(i, 0);
      }
    }
    return Apply();
  }

  ImportedType Exported(const std::string& name) {
    ReadDeclarations();
    std::string first = name.substr(0, name.find('.'));
    std::string rest = name.substr(first.size());
    using Kind = ImportedType::Kind;
    auto exported = exports_.find(first);
    if (exported != exports_.end() && !exported->second.specifier.empty())
      return lookup_(exported->second.specifier, exported->second.name + rest);
    std::string local = exported != exports_.end() ? exported->second.name : first;
    if (auto import = imports_.find(local); import != imports_.end())
      return lookup_(statements_[import->second.statement].specifier, NameIn(import->second, rest));
    std::string last = rest.empty() ? local : rest.substr(rest.rfind('.') + 1);
    if (classes_.contains(last) || local.empty()) return {Kind::kClass};
    if (interfaces_.contains(last) || enums_.contains(last) || enums_.contains(local) ||
        aliases_.contains(last)) {
      ++aliases_followed_;  // what the type refers to is not reachable from another file
      std::string stored = Reference(local, rest);
      return {Kind::kStored, stored.starts_with(kTypeCall) ? "Object" : stored};
    }
    for (const std::string& specifier : stars_)
      if (ImportedType found = lookup_(specifier, name);
          found.kind == Kind::kClass || found.kind == Kind::kStored)
        return found;
    return {};
  }

 private:
  struct NameOfImport {
    size_t statement = 0;  // an index in statements_
    std::string member;    // "default", the exported name, or "" for a namespace
    bool type_only = false;
  };
  struct Statement {
    std::string specifier;
    size_t end = 0;  // offset after the specifier
    bool used = false;
  };
  // What is exported under another name, or from another module if `specifier` is not empty.
  struct NameOfExport {
    std::string specifier;
    std::string name;
  };

  // --- Tokens ---

  TokenKind Kind(size_t i) const {
    return i < tokens_.tokens.size() ? tokens_.tokens[i].kind : TokenKind::kEnd;
  }
  bool Is(size_t i, std::string_view text) const {
    return i < tokens_.tokens.size() && tokens_.Is(i, text);
  }
  std::string Text(size_t i) const {
    return Kind(i) == TokenKind::kEnd ? std::string() : std::string(tokens_.Text(i));
  }
  bool NewLine(size_t i) const { return i < tokens_.tokens.size() && tokens_.tokens[i].new_line; }
  size_t EndOf(size_t i) const { return tokens_.tokens[i].end; }

  // The token after the bracket that closes the one at `open`.
  size_t AfterBracket(size_t open) const {
    int depth = 0;
    for (size_t i = open; Kind(i) != TokenKind::kEnd; ++i) {
      if (Kind(i) == TokenKind::kTemplateHead) ++depth;
      if (Kind(i) == TokenKind::kTemplateTail && --depth == 0) return i + 1;
      if (Kind(i) != TokenKind::kPunct) continue;
      if (Is(i, "(") || Is(i, "[") || Is(i, "{")) ++depth;
      if ((Is(i, ")") || Is(i, "]") || Is(i, "}")) && --depth == 0) return i + 1;
    }
    return tokens_.tokens.size() - 1;
  }
  // The token after the > that closes the < at `open`. Adds the names before which a parameter of
  // types stands to `names`, if that is not null.
  // Adds the names of type parameters to `names`, each with the token where its constraint begins,
  // or 0.
  size_t AfterAngle(size_t open, std::map<std::string, size_t>* names = nullptr) const {
    int depth = 0;
    for (size_t i = open; Kind(i) != TokenKind::kEnd;) {
      if (Is(i, "(") || Is(i, "[") || Is(i, "{")) {
        i = AfterBracket(i);
        continue;
      }
      if (names && depth == 1 && Kind(i) == TokenKind::kName && (Is(i - 1, "<") || Is(i - 1, ",")))
        (*names)[Text(i)] = Is(i + 1, "extends") ? i + 2 : 0;
      if (Kind(i) == TokenKind::kPunct && !Is(i, "=>"))
        for (char c : Text(i)) depth += c == '<' ? 1 : c == '>' ? -1 : 0;
      ++i;
      if (depth <= 0) return i;
    }
    return tokens_.tokens.size() - 1;
  }

  bool IsDecorator(size_t i) const { return Kind(i) == TokenKind::kName && Text(i)[0] == '@'; }
  // The token after all decorators at `i`; `end` becomes the offset after the last one.
  size_t SkipDecorators(size_t i, size_t& end) const {
    while (IsDecorator(i)) {
      ++i;
      while (Is(i, ".") && Kind(i + 1) == TokenKind::kName) i += 2;
      if (Is(i, "<")) i = AfterAngle(i);
      // @(expression) or @name(arguments)
      if (Is(i, "(")) i = AfterBracket(i);
      end = EndOf(i - 1);
    }
    return i;
  }

  // --- Declarations ---

  // "Function" for an interface that can be called, whose members or bases begin at `i`; else
  // "Object".
  std::string Interface(size_t i) const {
    if (Is(i, "<")) i = AfterAngle(i);
    if (Is(i, "extends")) {
      for (++i; !Is(i, "{") && Kind(i) != TokenKind::kEnd;) {
        auto base = interfaces_.find(Text(i));
        if (base != interfaces_.end() && base->second == "Function") return "Function";
        i = Is(i + 1, "<") ? AfterAngle(i + 1) : i + 1;
      }
    }
    if (!Is(i, "{")) return "Object";
    size_t end = AfterBracket(i) - 1;
    for (size_t k = i + 1; k < end; ++k) {
      bool begins = k == i + 1 || Is(k - 1, ";") || Is(k - 1, ",") || NewLine(k);
      bool type = Is(k - 1, ":") || Is(k - 1, "=>") || Is(k - 1, "|") || Is(k - 1, "&");
      if (begins && !type && (Is(k, "(") || Is(k, "<"))) return "Function";
      if (Is(k, "<")) {
        k = AfterAngle(k) - 1;
      } else if (Is(k, "(") || Is(k, "[") || Is(k, "{")) {
        k = AfterBracket(k) - 1;
      }
    }
    return "Object";
  }

  void ReadDeclarations() {
    for (size_t i = 0; Kind(i) != TokenKind::kEnd; ++i) {
      if (Is(i, "import") && tokens_.tokens[i].outermost) Import(i);
      if (Is(i, "export") && tokens_.tokens[i].outermost) Export(i);
      if (i > 0 && (Is(i - 1, ".") || Is(i - 1, "?."))) continue;
      if (Kind(i + 1) != TokenKind::kName) continue;
      if (Is(i, "interface")) interfaces_[Text(i + 1)] = Interface(i + 2);
      if (Is(i, "class")) classes_.insert(Text(i + 1));
      if (Is(i, "type") && (Is(i + 2, "=") || Is(i + 2, "<"))) aliases_[Text(i + 1)] = i + 2;
      if (Is(i, "enum") && Is(i + 2, "{")) enums_[Text(i + 1)] = Enum(i + 2);
    }
  }

  // What the values of the enum with its { at `open` are stored as.
  std::string Enum(size_t open) const {
    bool strings = false, numbers = false;
    size_t end = AfterBracket(open) - 1;
    for (size_t at = open + 1; at < end; ++at) {
      // At the name of a member.
      bool text = Is(at + 1, "=") &&
                  (Kind(at + 2) == TokenKind::kString || Kind(at + 2) == TokenKind::kTemplate ||
                   Kind(at + 2) == TokenKind::kTemplateHead);
      (text ? strings : numbers) = true;
      while (at < end && !Is(at, ","))
        at = Is(at, "(") || Is(at, "[") || Is(at, "{") || Kind(at) == TokenKind::kTemplateHead
                 ? AfterBracket(at)
                 : at + 1;
    }
    return strings && numbers ? "Object" : strings ? "String" : "Number";
  }

  void Export(size_t i) {
    size_t at = i + 1;
    if (Is(at, "default")) {
      ++at;
      if (Is(at, "abstract")) ++at;
      if (Is(at, "class"))
        exports_["default"] = {"", Kind(at + 1) == TokenKind::kName ? Text(at + 1) : ""};
      else if (Is(at, "interface") && Kind(at + 1) == TokenKind::kName)
        exports_["default"] = {"", Text(at + 1)};
      else if (Kind(at) == TokenKind::kName)
        exports_["default"] = {"", Text(at)};
      return;
    }
    if (Is(at, "type") && (Is(at + 1, "{") || Is(at + 1, "*"))) ++at;
    if (Is(at, "*") && Is(at + 1, "from")) stars_.push_back(StringValue(tokens_.Text(at + 2)));
    if (!Is(at, "{")) return;
    std::vector<std::pair<std::string, std::string>> names;  // exported, local
    for (++at; !Is(at, "}") && Kind(at) != TokenKind::kEnd; ++at) {
      if (Is(at, ",")) continue;
      if (Is(at, "type") && Kind(at + 1) == TokenKind::kName && !Is(at + 1, "as")) ++at;
      std::string local = Text(at);
      if (Is(at + 1, "as")) at += 2;
      names.emplace_back(Text(at), local);
    }
    std::string specifier;
    if (Is(at + 1, "from") && Kind(at + 2) == TokenKind::kString)
      specifier = StringValue(tokens_.Text(at + 2));
    for (auto& [exported, local] : names) exports_[exported] = {specifier, local};
  }

  void Import(size_t i) {
    size_t at = i + 1;
    bool type_only = Is(at, "type") && !Is(at + 1, "from") && !Is(at + 1, ",");
    if (type_only) ++at;
    std::vector<std::pair<std::string, NameOfImport>> names;
    if (Kind(at) == TokenKind::kName) {
      names.push_back({Text(at), {0, "default", type_only}});
      if (Is(++at, ",")) ++at;
    }
    if (Is(at, "*") && Is(at + 1, "as")) {
      names.push_back({Text(at + 2), {0, "", type_only}});
      at += 3;
    } else if (Is(at, "{")) {
      for (++at; !Is(at, "}") && Kind(at) != TokenKind::kEnd; ++at) {
        if (Is(at, ",")) continue;
        bool one_type = Is(at, "type") && !Is(at + 1, ",") && !Is(at + 1, "}") && !Is(at + 1, "as");
        if (one_type) ++at;
        std::string name =
            Kind(at) == TokenKind::kString ? StringValue(tokens_.Text(at)) : Text(at);
        if (Is(at + 1, "as")) at += 2;
        names.push_back({Text(at), {0, name, type_only || one_type}});
      }
      ++at;
    }
    if (!Is(at, "from") || Kind(at + 1) != TokenKind::kString) return;
    for (auto& [local, name] : names) {
      name.statement = statements_.size();
      imports_[local] = name;
    }
    statements_.push_back({StringValue(tokens_.Text(at + 1)), EndOf(at + 1)});
  }

  void Class(size_t at, size_t decorators_end) {
    type_parameters_.clear();
    ++at;
    if (Kind(at) == TokenKind::kName && !Is(at, "extends") && !Is(at, "implements")) ++at;
    if (Is(at, "<")) at = AfterAngle(at, &type_parameters_);
    while (Kind(at) != TokenKind::kEnd && !Is(at, "{")) {
      if (Is(at, "<"))
        at = AfterAngle(at);
      else if (Is(at, "(") || Is(at, "["))
        at = AfterBracket(at);
      else
        ++at;
    }
    if (!Is(at, "{")) return;
    size_t end = AfterBracket(at) - 1;
    // First only the setters, whose types getters have too.
    setters_.clear();
    for (bool adds : {false, true}) {
      adds_ = adds;
      for (size_t member = at + 1; member < end;) member = Member(member, end, decorators_end);
    }
  }

  // One member; returns the token after it.
  size_t Member(size_t at, size_t end, size_t class_decorators) {
    if (Is(at, ";")) return at + 1;
    size_t decorators_end = 0;
    at = SkipDecorators(at, decorators_end);
    bool async = false, get = false, set = false;
    for (; Kind(at) == TokenKind::kName || Is(at, "*"); ++at) {
      bool modifier =
          Is(at, "*") ||
          IsOneOf(Text(at), {"public", "private", "protected", "static", "readonly", "abstract",
                             "override", "declare", "async", "accessor", "get", "set"});
      bool key_follows = Kind(at + 1) == TokenKind::kName || Kind(at + 1) == TokenKind::kString ||
                         Kind(at + 1) == TokenKind::kNumber || Is(at + 1, "[") || Is(at + 1, "*");
      if (Is(at, "static") && Is(at + 1, "{")) return AfterBracket(at + 1);
      if (!modifier || !key_follows) break;
      async |= Is(at, "async");
      get |= Is(at, "get");
      set |= Is(at, "set");
    }
    bool constructor = Is(at, "constructor");
    std::string key = Text(at);
    // An index signature ends as a property does.
    at = Is(at, "[") ? AfterBracket(at) : at + 1;
    if (Is(at, "?") || Is(at, "!")) ++at;
    std::map<std::string, size_t> outer = type_parameters_;
    if (Is(at, "<")) at = AfterAngle(at, &type_parameters_);
    if (Is(at, "(")) {
      std::vector<Parameter> parameters = Parameters(at);
      at = AfterBracket(at);
      std::string returns = async ? "Promise" : "void 0";
      if (Is(at, ":")) returns = Type(++at);
      if (Is(at, "{")) {
        if (set && !adds_) setters_[key] = parameters;
        if (get && setters_.contains(key)) parameters = setters_[key];
        if (constructor)
          Add(class_decorators, parameters, {{"design:paramtypes", List(parameters)}});
        else if (get || set)
          Add(decorators_end, parameters,
              {{"design:type",
                !parameters.empty() && (set || returns == "void 0") ? parameters[0].type : returns},
               {"design:paramtypes", List(parameters)}});
        else
          Add(decorators_end, parameters,
              {{"design:type", "Function"},
               {"design:paramtypes", List(parameters)},
               {"design:returntype", returns}});
        at = AfterBracket(at);
      }
    } else {
      std::string type = "Object";
      if (Is(at, ":")) type = Type(++at);
      Add(decorators_end, {}, {{"design:type", type}});
      at = AfterProperty(at, end);
    }
    type_parameters_ = outer;
    return at;
  }

  // The token after a property's value, which may end with a line.
  size_t AfterProperty(size_t at, size_t end) const {
    while (at < end) {
      if (Is(at, ";")) return at + 1;
      bool may_begin = Kind(at) == TokenKind::kName || Kind(at) == TokenKind::kString ||
                       Kind(at) == TokenKind::kNumber || Is(at, "[") || Is(at, "*");
      bool may_end = Kind(at - 1) != TokenKind::kPunct || Is(at - 1, ")") || Is(at - 1, "]") ||
                     Is(at - 1, "}") || Is(at - 1, "!") || Is(at - 1, "?") || Is(at - 1, ">");
      if (NewLine(at) && may_begin && may_end && !IsOneOf(Text(at), {"in", "instanceof", "as"}))
        return at;
      at = Is(at, "(") || Is(at, "[") || Is(at, "{") || Kind(at) == TokenKind::kTemplateHead
               ? AfterBracket(at)
               : at + 1;
    }
    return end;
  }

  std::vector<Parameter> Parameters(size_t open) {
    std::vector<Parameter> parameters;
    size_t end = AfterBracket(open) - 1;
    for (size_t at = open + 1; at < end;) {
      Parameter parameter;
      parameter.insert = tokens_.tokens[at].start;
      size_t decorators_end = 0;
      at = SkipDecorators(at, decorators_end);
      parameter.decorated = decorators_end > 0;
      if (parameter.decorated) parameter.insert = decorators_end;
      while (IsOneOf(Text(at), {"public", "private", "protected", "readonly", "override"}) &&
             (Kind(at + 1) == TokenKind::kName))
        ++at;
      bool rest = Is(at, "...");
      if (rest) ++at;
      bool is_this = Is(at, "this");
      at = Is(at, "{") || Is(at, "[") ? AfterBracket(at) : at + 1;
      if (Is(at, "?")) ++at;
      if (Is(at, ":")) {
        element_ = "Object";
        parameter.type = Type(++at);
        if (rest) parameter.type = element_;
      } else if (rest) {
        parameter.type = "Object";
      }
      while (at < end && !Is(at, ","))
        at = Is(at, "(") || Is(at, "[") || Is(at, "{") || Kind(at) == TokenKind::kTemplateHead
                 ? AfterBracket(at)
                 : at + 1;
      ++at;
      if (!is_this) parameters.push_back(std::move(parameter));
    }
    return parameters;
  }

  static std::string List(const std::vector<Parameter>& parameters) {
    std::string list;
    for (const Parameter& one : parameters) list += (list.empty() ? "" : ", ") + one.type;
    return "[" + list + "]";
  }

  // Adds decorators, if the declaration has any. They must run before all others, so they follow
  // the last; decorators of parameters come after those of the method.
  void Add(size_t decorators_end, const std::vector<Parameter>& parameters,
           const std::vector<std::pair<std::string, std::string>>& metadata) {
    if (!adds_) return;
    bool on_parameter = std::ranges::any_of(parameters, &Parameter::decorated);
    if (!on_parameter && decorators_end == 0) return;
    std::string text;
    for (const auto& [key, value] : metadata)
      text += std::string(" @") + (on_parameter ? "__kiln_parameter" : "__kiln_metadata") + "(\"" +
              key + "\", " + value + ")";
    size_t at = on_parameter ? parameters.back().insert : decorators_end;
    insertions_.emplace_back(at, text + " ");
  }

  // --- Types ---

  // What is stored for the type at `at`, which becomes the token after it.
  std::string Type(size_t& at) {
    std::string type = Union(at);
    if (Is(at, "extends") && !NewLine(at)) {  // T extends U ? A : B
      Union(++at);
      Merged merged;
      for (const char* before : {"?", ":"}) {
        if (!Is(at, before)) continue;
        size_t begin = ++at;
        std::string branch = Type(at);
        Merge(merged, branch, begin, false);
      }
      return merged.Result();
    }
    return type;
  }

  // The types of a union, an intersection or the branches of a condition, as one.
  struct Merged {
    std::string type;
    bool done = false;  // further types do not count
    std::string Result() const { return type.empty() ? "void 0" : type; }
  };
  void Merge(Merged& merged, const std::string& type, size_t begin, bool intersection) const {
    if (merged.done) return;
    if (Is(begin, "never")) {
      if (intersection) merged = {"void 0", true};
      return;
    }
    if (Is(begin, "unknown") && intersection) return;
    if (!strict_ && (Is(begin, "null") || Is(begin, "undefined"))) return;
    // `type Id = string & { brand: 1 }` is a string; without the alias TypeScript stores Object.
    bool alias = intersection && aliases_followed_ > 0;
    if (alias && type == "Object" && !merged.type.empty()) return;
    if (alias && merged.type == "Object") merged.type.clear();
    if (alias && type == "Object") {
      merged.type = type;
      return;
    }
    if (type == "Object" || (!merged.type.empty() && merged.type != type))
      merged = {"Object", true};
    else
      merged.type = type;
  }

  std::string Union(size_t& at) {
    if (Is(at, "|")) ++at;
    return Merge(at, "|", [&] { return Intersection(at); });
  }
  std::string Intersection(size_t& at) {
    if (Is(at, "&")) ++at;
    return Merge(at, "&", [&] { return Postfix(at); });
  }
  std::string Merge(size_t& at, std::string_view separator,
                    const std::function<std::string()>& next) {
    Merged merged;
    for (bool first = true;; first = false) {
      size_t begin = at;
      std::string type = next();
      if (first && !Is(at, separator)) return type;
      Merge(merged, type, begin, separator == "&");
      if (!Is(at, separator)) return merged.Result();
      ++at;
    }
  }

  std::string Postfix(size_t& at) {
    std::string type = Primary(at);
    while (Is(at, "[") && !NewLine(at)) {
      bool array = Is(at + 1, "]");
      if (array) element_ = type;
      type = array ? "Array" : "Object";
      at = AfterBracket(at);
    }
    return type;
  }

  std::string Primary(size_t& at) {
    switch (Kind(at)) {
      case TokenKind::kString:
      case TokenKind::kTemplate:
        ++at;
        return "String";
      case TokenKind::kTemplateHead:
        at = AfterBracket(at);
        return "String";
      case TokenKind::kNumber:
        return Text(at++).ends_with('n') ? "BigInt" : "Number";
      case TokenKind::kName:
        return Named(at);
      default:
        break;
    }
    if (Is(at, "-")) return ++at, Primary(at);
    if (Is(at, "[")) {
      at = AfterBracket(at);
      return "Array";
    }
    if (Is(at, "{")) {
      at = AfterBracket(at);
      return "Object";
    }
    if (Is(at, "<")) at = AfterAngle(at);
    if (Is(at, "(")) {
      size_t inner = at + 1;
      at = AfterBracket(at);
      if (!Is(at, "=>")) return Type(inner);
      Type(++at);
      return "Function";
    }
    ++at;
    return "Object";
  }

  std::string Named(size_t& at) {
    std::string name = Text(at++);
    if (name == "string") return "String";
    if (name == "number") return "Number";
    if (IsOneOf(name, {"boolean", "true", "false"})) return "Boolean";
    if (name == "bigint") return "BigInt";
    if (name == "symbol") return "Symbol";
    if (IsOneOf(name, {"void", "undefined", "null", "never"})) return "void 0";
    if (name == "readonly") return Postfix(at);
    if (IsOneOf(name, {"keyof", "infer", "unique"})) return Postfix(at), "Object";
    if (name == "new" || (name == "abstract" && Is(at, "new"))) {
      if (name == "abstract") ++at;
      if (Is(at, "<")) at = AfterAngle(at);
      if (Is(at, "(")) at = AfterBracket(at);
      if (Is(at, "=>")) Type(++at);
      return aliases_followed_ > 0 ? "Object" : "Function";
    }
    if (name == "asserts" && Kind(at) == TokenKind::kName && !NewLine(at)) {
      ++at;
      if (Is(at, "is")) Type(++at);
      return "void 0";
    }
    if (Is(at, "is") && !NewLine(at)) {
      Type(++at);
      return "Boolean";
    }
    bool query = name == "typeof";
    if (query) name = Text(at++);
    bool import = name == "import";
    if (import && Is(at, "(")) at = AfterBracket(at);
    std::string rest;
    while (Is(at, ".") && Kind(at + 1) == TokenKind::kName) {
      rest += "." + Text(at + 1);
      at += 2;
    }
    size_t arguments = at;
    if (Is(at, "<") && !NewLine(at)) at = AfterAngle(at);
    if (query || import || IsOneOf(name, {"any", "unknown", "object", "this"})) return "Object";
    if (IsOneOf(name, {"Array", "ReadonlyArray"}) && rest.empty()) {
      if (Is(arguments, "<")) element_ = Type(++arguments);
      return "Array";
    }
    return Reference(name, rest);
  }

  // What is stored for a type parameter whose constraint begins at `at`.
  std::string Constraint(size_t at) {
    if (at == 0 || Is(at, "keyof") || aliases_followed_ >= kMaxAliases) return "Object";
    ++aliases_followed_;
    std::string type = Type(at);
    --aliases_followed_;
    return IsOneOf(type, {"String", "Number", "Boolean", "BigInt", "Symbol"}) ? type : "Object";
  }

  // `rest` is "" or ".Name", of a member of a namespace or enum.
  std::string Reference(const std::string& name, const std::string& rest) {
    if (auto found = type_parameters_.find(name); found != type_parameters_.end())
      return Constraint(found->second);
    if (auto found = imports_.find(name); found != imports_.end())
      return Imported(found->second, rest);
    std::string last = rest.empty() ? name : rest.substr(rest.rfind('.') + 1);
    for (const std::string& one : {name, last})
      if (auto found = enums_.find(one); found != enums_.end()) return found->second;
    if (auto found = interfaces_.find(last); found != interfaces_.end() && !classes_.contains(last))
      return found->second;
    if (auto found = aliases_.find(last); found != aliases_.end()) {
      if (aliases_followed_ >= kMaxAliases) return "Object";
      ++aliases_followed_;
      size_t at = found->second;
      std::map<std::string, size_t> outer = type_parameters_;
      if (Is(at, "<")) at = AfterAngle(at, &type_parameters_);
      std::string type = Type(++at);
      type_parameters_ = outer;
      --aliases_followed_;
      // The name of a class is stored only where the type itself is the name.
      return type.starts_with(kTypeCall) ? "Object" : type;
    }
    if (rest.empty() && IsOneOf(name, {"Symbol", "BigInt"})) return "Object";
    if (rest.empty() && IsOneOf(name, {"ReturnType", "InstanceType"})) return "void 0";
    if (rest.empty() && IsOneOf(name, {"String", "Number", "Boolean", "Function", "Object"}))
      return aliases_followed_ > 0 ? "Object" : name;
    // A class of this file that is declared further down is an error, as in TypeScript's output.
    bool own = classes_.contains(last);
    return std::string(kTypeCall) + name + rest + (own ? ", 1)" : ")");
  }

  // The name that an import with a type's further names has in the module that exports it.
  static std::string NameIn(const NameOfImport& import, const std::string& rest) {
    if (!import.member.empty()) return import.member + rest;
    return rest.empty() ? rest : rest.substr(1);
  }

  std::string Imported(const NameOfImport& import, const std::string& rest) {
    Statement& statement = statements_[import.statement];
    ImportedType type = lookup_(statement.specifier, NameIn(import, rest));
    switch (type.kind) {
      case ImportedType::Kind::kStored:
        return type.stored;
      case ImportedType::Kind::kMissing:
        return "Object";
      case ImportedType::Kind::kClass:
        if (import.type_only) return "Function";
        break;
      case ImportedType::Kind::kUnknown:
        if (import.type_only) return "Object";
        break;
    }
    statement.used = true;
    std::string member = import.member.empty() ? "" : "[" + QuoteJson(import.member) + "]";
    return std::string(kTypeCall) + "__kiln_types_" + std::to_string(import.statement) + member +
           rest + ")";
  }

  TextWithMetadata Apply() {
    if (insertions_.empty()) return {std::string(source_), {}};
    // A name that is imported for its type only would not be exported by a CommonJS module, so
    // types are read from namespaces. They are imported where TypeScript imports the names.
    for (size_t i = 0; i < statements_.size(); ++i)
      if (statements_[i].used)
        insertions_.emplace_back(statements_[i].end, "; import * as __kiln_types_" +
                                                         std::to_string(i) + " from " +
                                                         QuoteJson(statements_[i].specifier));
    std::ranges::stable_sort(insertions_, {}, &std::pair<size_t, std::string>::first);
    TextWithMetadata out;
    size_t from = 0;
    for (const auto& [offset, text] : insertions_) {
      out.text += source_.substr(from, offset - from);
      out.text += text;
      out.additions.emplace_back(offset, text.size());
      from = offset;
    }
    out.text += source_.substr(from);
    out.text += kHelpers;
    return out;
  }

  std::string_view source_;
  bool strict_;
  const TypeLookup& lookup_;
  TokenList tokens_;
  std::map<std::string, NameOfImport> imports_;  // by local name
  std::vector<Statement> statements_;
  std::map<std::string, std::string> interfaces_;  // and what is stored for them
  std::map<std::string, size_t> aliases_;          // the token after the name
  std::map<std::string, std::string> enums_;       // what its values are stored as
  std::set<std::string> classes_;
  std::map<std::string, NameOfExport> exports_;
  std::vector<std::string> stars_;                 // modules of `export * from`
  std::map<std::string, size_t> type_parameters_;  // in scope; see AfterAngle
  std::string element_ = "Object";                 // of the last array type
  int aliases_followed_ = 0;
  std::map<std::string, std::vector<Parameter>> setters_;  // of the class, by name
  bool adds_ = true;                                       // the second pass over the class
  std::vector<std::pair<size_t, std::string>> insertions_;
};

}  // namespace

TextWithMetadata AddDecoratorMetadata(std::string_view source, bool strict_null_checks,
                                      const TypeLookup& lookup) {
  return MetadataWriter(source, strict_null_checks, lookup).Run();
}

ImportedType ExportedType(std::string_view source, bool strict_null_checks, const std::string& name,
                          const TypeLookup& lookup) {
  return MetadataWriter(source, strict_null_checks, lookup).Exported(name);
}

std::string WithoutAdditions(const std::string& map, std::string_view source,
                             const std::vector<std::pair<size_t, size_t>>& additions) {
  struct Addition {
    int column;  // from 0, in the text with additions
    int size;
  };
  std::map<int, std::vector<Addition>> lines;  // from 0
  for (const auto& [offset, size] : additions) {
    LineColumn place = UnitPositionOf(source, offset);
    std::vector<Addition>& line = lines[place.line - 1];
    int column = place.column - 1;
    for (const Addition& before : line) column += before.size;
    line.push_back({column, int(size)});
  }
  int count = int(std::ranges::count(source, '\n')) + 1;
  return ChangeMap(map, [&](size_t, std::vector<Mappings::Entry>& entries) {
    for (Mappings::Entry& entry : entries) {
      if (entry.original_line >= count) entry.source = -1;
      auto line = lines.find(entry.original_line);
      if (line == lines.end()) continue;
      int removed = 0;
      for (const Addition& addition : line->second)
        removed += std::clamp(entry.original_column - addition.column, 0, addition.size);
      entry.original_column -= removed;
    }
  });
}

}  // namespace kiln
