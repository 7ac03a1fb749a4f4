// Evaluates path expressions in a module's tokens: path.join(__dirname, "views"),
// `${__dirname}/${name}.txt`, new URL("./x", import.meta.url), and variables that hold such values.
// An unknown part makes the value unknown; the known part before it is kept.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bundler/lexer.h"

namespace kiln {

// The value of an expression. Neither `anchored` nor `known`: nothing is known of it.
struct PathValue {
  bool anchored = false;  // made from the module's own location
  bool known = false;     // the whole value is known
  bool self = false;      // the module's own file
  bool url = false;
  bool imported = false;    // as another module exports it, or that with something added
  bool whole_part = false;  // of an unknown value: `text` ends at a path separator
  std::string text;         // the value, or the known beginning of it
  std::string name;         // with whole_part: what the name after `text` begins with
};

// Evaluates expressions of one module, in the order of the text, so that variables are known before
// their uses. Reads nothing but the tokens, except through `resolve`.
class PathEvaluator {
 public:
  // `tokens` is borrowed and must outlive this object. `filename` is the module's absolute path,
  // `resolve` as in ScanModule (bundler/scan.h).
  PathEvaluator(const TokenList& tokens, std::string filename,
                std::function<std::string(const std::string&)> resolve);

  // A quick test whether a path expression that is made from the module's location may begin at
  // token `index`.
  bool MayBegin(size_t index) const;

  // Evaluates the expression that begins at token `index` and advances `index` past it. If the
  // value is neither known nor anchored, `index` may be unchanged.
  PathValue Evaluate(size_t& index) { return Sum(index, 0); }

  // From now on uses of the variable `name` have this value, in the whole module: scopes are
  // ignored.
  // `name` may have dots: "paths.root" is the property of a variable.
  void Remember(std::string name, PathValue value);
  // The same for a variable that is a text, which is no path until it is joined to one.
  void RememberText(std::string name, std::string text);

  // The known values that belong to the variable `name`: its own, and with what follows its name those
  // of its properties.
  std::vector<std::pair<std::string, PathValue>> ValuesOf(const std::string& name) const;

  // The folder that contains an unknown value, if that is more specific than the package's folder;
  // else "".
  std::string FolderOf(const PathValue& value) const;
  // For a value whose last known part is the beginning of a name (path.join(dir, `template-${x}`)):
  // the absolute path up to there; else "".
  std::string BeginningOf(const PathValue& value) const;

 private:
  // One function per form: a + b, a value with what follows it, join(…), new URL(…), a template.
  // `depth` limits the recursion.
  PathValue Sum(size_t& index, int depth);
  PathValue Primary(size_t& index, int depth);
  PathValue Call(size_t& index, int depth);
  PathValue Url(size_t& index, int depth);
  PathValue Template(size_t& index, int depth);
  PathValue Suffix(PathValue value, size_t& index);
  // Advances past the , or to the closing bracket that ends the argument at `index`.
  void SkipArgument(size_t& index) const;
  size_t CalleeEnd(size_t index) const;
  size_t EndOfFolderCall(size_t index) const;

  bool Is(size_t index, std::string_view spelling) const {
    return index < tokens_.tokens.size() && tokens_.Is(index, spelling);
  }
  TokenKind Kind(size_t index) const {
    return index < tokens_.tokens.size() ? tokens_.tokens[index].kind : TokenKind::kEnd;
  }

  const TokenList& tokens_;
  std::string filename_;
  std::string folder_;
  std::function<std::string(const std::string&)> resolve_;
  // The variable at `index` with as many properties as are known; advances past it.
  const PathValue* Variable(size_t& index) const;

  // The values that Remember stored, which count as anchored, and those of RememberText.
  std::map<std::string, PathValue, std::less<>> variables_;
};

}  // namespace kiln
