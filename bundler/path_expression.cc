// A recursive-descent evaluator for the few forms that path expressions take.
#include "bundler/path_expression.h"

#include <algorithm>
#include <utility>

#include "support/file.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 24;

bool IsPathFunction(std::string_view name) {
  for (std::string_view known : {"join", "resolve", "dirname", "normalize", "fileURLToPath",
                                 "pathToFileURL", "toNamespacedPath", "realpathSync"})
    if (name == known) return true;
  return false;
}

// Whether a function of that name, called with import.meta or import.meta.url, returns the module's
// folder: getModuleDirectory, dirnameOf.
bool NamesFolder(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? char(c + 'a' - 'A') : c;
  for (std::string_view other : {"read", "make", "mk", "rm", "open", "import"})
    if (lower.find(other) != std::string::npos) return false;
  return lower.find("dir") != std::string::npos;
}

// left + right, as strings.
PathValue Concatenate(PathValue left, const PathValue& right) {
  left.anchored |= right.anchored;
  left.self = false;
  if (!left.known) return left;
  left.text += right.text;
  left.known = right.known;
  left.whole_part = !right.known && right.whole_part;
  return left;
}

PathValue Literal(std::string text) {
  PathValue value;
  value.known = true;
  value.text = std::move(text);
  return value;
}

}  // namespace

PathEvaluator::PathEvaluator(const TokenList& tokens, std::string filename,
                             std::function<std::string(const std::string&)> resolve)
    : tokens_(tokens),
      filename_(std::move(filename)),
      folder_(DirectoryOf(filename_)),
      resolve_(std::move(resolve)) {}

bool PathEvaluator::MayBegin(size_t index) const {
  if (index > 0 && (Is(index - 1, ".") || Is(index - 1, "?."))) return false;
  if (Kind(index) == TokenKind::kTemplateHead) return true;
  if (Kind(index) != TokenKind::kName) return false;
  std::string_view name = tokens_.Text(index);
  if (name == "__dirname" || name == "__filename" || name == "import" || name == "new") return true;
  if (auto found = variables_.lower_bound(name);
      found != variables_.end() && found->first.starts_with(name) &&
      (found->first.size() == name.size() || found->first[name.size()] == '.'))
    return true;
  return CalleeEnd(index) != 0 || EndOfFolderCall(index) != 0;
}

// The index after getDirectory(import.meta) or getDirectory(import.meta.url) at `index`; else 0.
size_t PathEvaluator::EndOfFolderCall(size_t index) const {
  if (!Is(index + 1, "(") || !Is(index + 2, "import") || !Is(index + 3, ".") ||
      !Is(index + 4, "meta") || CalleeEnd(index) != 0 || !NamesFolder(tokens_.Text(index)))
    return 0;
  size_t close = index + 5;
  if (Is(close, ".") && (Is(close + 1, "url") || Is(close + 1, "filename"))) close += 2;
  return Is(close, ")") ? close + 1 : 0;
}

// The index of ( if a path function is called at `index`, as join(, path.posix.join(,
// require("path").join( or TypeScript's (0, path_1.join)( with `index` at path_1; else 0.
size_t PathEvaluator::CalleeEnd(size_t index) const {
  bool indirect = index >= 3 && Is(index - 1, ",") && Is(index - 2, "0") && Is(index - 3, "(");
  if (Kind(index) == TokenKind::kName && tokens_.Text(index) == "require" && Is(index + 1, "(") &&
      Kind(index + 2) == TokenKind::kString && Is(index + 3, ")") && Is(index + 4, "."))
    index += 5;
  for (int parts = 0; parts < 4 && Kind(index) == TokenKind::kName; ++parts) {
    size_t open = Is(index + 1, "(")                                     ? index + 1
                  : indirect && Is(index + 1, ")") && Is(index + 2, "(") ? index + 2
                                                                         : 0;
    if (open != 0) return IsPathFunction(tokens_.Text(index)) ? open : 0;
    if (!Is(index + 1, ".")) return 0;
    index += 2;
  }
  return 0;
}

void PathEvaluator::Remember(std::string name, PathValue value) {
  value.anchored = true;
  variables_[std::move(name)] = std::move(value);
}

const PathValue* PathEvaluator::Variable(size_t& index) const {
  const PathValue* best = nullptr;
  std::string name(tokens_.Text(index));
  for (size_t end = index + 1;; end += 2) {
    if (auto found = variables_.find(name); found != variables_.end()) {
      best = &found->second;
      index = end;
    }
    if (!Is(end, ".") || Kind(end + 1) != TokenKind::kName) return best;
    if (auto next = variables_.upper_bound(name + ".");
        next == variables_.end() || !next->first.starts_with(name + "."))
      return best;
    name.append(".").append(tokens_.Text(end + 1));
  }
}

std::vector<std::pair<std::string, PathValue>> PathEvaluator::ValuesOf(
    const std::string& name) const {
  std::vector<std::pair<std::string, PathValue>> values;
  for (auto at = variables_.lower_bound(name);
       at != variables_.end() && at->first.starts_with(name); ++at) {
    std::string rest = at->first.substr(name.size());
    if ((rest.empty() || rest[0] == '.') && at->second.known && at->second.anchored)
      values.emplace_back(std::move(rest), at->second);
  }
  return values;
}

void PathEvaluator::RememberText(std::string name, std::string text) {
  variables_.emplace(std::move(name), Literal(std::move(text)));
}

std::string PathEvaluator::FolderOf(const PathValue& value) const {
  if (!value.anchored || value.text.empty()) return {};
  std::string folder = value.text;
  if (!value.whole_part) {
    size_t slash = folder.rfind('/');
    if (slash == std::string::npos) return {};
    folder.resize(slash);
  }
  if (!IsAbsolutePath(folder)) return {};
  folder = NormalizePath(folder);
  bool around = folder == folder_ || folder_.starts_with(folder + "/") || folder == "/";
  return around ? std::string() : folder;
}

std::string PathEvaluator::BeginningOf(const PathValue& value) const {
  if (value.known || !value.anchored || !IsAbsolutePath(value.text)) return {};
  size_t slash = value.text.rfind('/');
  std::string folder = value.whole_part ? value.text : value.text.substr(0, slash);
  std::string name = value.whole_part ? value.name : value.text.substr(slash + 1);
  if (name.empty() || name.starts_with('.')) return {};
  return JoinPath(NormalizePath(folder), name);
}

PathValue PathEvaluator::Sum(size_t& index, int depth) {
  PathValue value = Primary(index, depth);
  while (Is(index, "+") && (value.known || value.anchored)) {
    size_t next = index + 1;
    PathValue right = Primary(next, depth + 1);
    value = Concatenate(std::move(value), right);
    if (next == index + 1) break;  // the rest is not understood
    index = next;
  }
  return value;
}

PathValue PathEvaluator::Primary(size_t& index, int depth) {
  if (depth > kMaxDepth) return {};
  PathValue value;
  switch (Kind(index)) {
    case TokenKind::kString:
    case TokenKind::kTemplate:
      return Literal(StringValue(tokens_.Text(index++)));
    case TokenKind::kTemplateHead:
      return Template(index, depth);
    case TokenKind::kPunct:
      if (Is(index, "(")) {
        if (Is(index + 1, "0") && Is(index + 2, ",") && CalleeEnd(index + 3) != 0) {
          index += 3;
          return Call(index, depth);
        }
        size_t inner = index + 1;
        value = Sum(inner, depth + 1);
        if (!Is(inner, ")") || !(value.known || value.anchored)) return {};
        index = inner + 1;
        return Suffix(std::move(value), index);
      }
      return {};
    case TokenKind::kName:
      break;
    default:
      return {};
  }

  std::string_view name = tokens_.Text(index);
  value.anchored = value.known = true;
  if (size_t end = EndOfFolderCall(index); end != 0) {
    value.text = folder_;
    index = end;
    return Suffix(std::move(value), index);
  }
  if (const PathValue* variable = Variable(index)) return Suffix(*variable, index);
  if (name == "__dirname" || name == "__filename") {
    value.self = name == "__filename";
    value.text = value.self ? filename_ : folder_;
    ++index;
    return Suffix(std::move(value), index);
  }
  if (name == "import" && Is(index + 1, ".") && Is(index + 2, "meta") && Is(index + 3, ".")) {
    std::string_view field = tokens_.Text(index + 4);
    if (field == "url" || field == "filename") {
      value.self = true;
      value.url = field == "url";
      value.text = filename_;
    } else if (field == "dirname") {
      value.text = folder_;
    } else if (field == "resolve" && Is(index + 5, "(") && Kind(index + 6) == TokenKind::kString &&
               Is(index + 7, ")")) {
      value.text = resolve_(StringValue(tokens_.Text(index + 6)));
      if (value.text.empty()) return {};
      value.url = true;
      index += 3;
    } else {
      return {};
    }
    index += 5;
    return Suffix(std::move(value), index);
  }
  if (name == "require" && Is(index + 1, ".") && Is(index + 2, "resolve") && Is(index + 3, "(") &&
      Kind(index + 4) == TokenKind::kString && Is(index + 5, ")")) {
    value.text = resolve_(StringValue(tokens_.Text(index + 4)));
    if (value.text.empty()) return {};
    index += 6;
    return Suffix(std::move(value), index);
  }
  if (name == "new" && Is(index + 1, "URL") && Is(index + 2, "(")) return Url(index, depth);
  if (CalleeEnd(index) != 0) return Call(index, depth);
  return {};
}

// Handles properties: those that keep the path (a URL's), and those that change it.
PathValue PathEvaluator::Suffix(PathValue value, size_t& index) {
  while (Is(index, ".") && Kind(index + 1) == TokenKind::kName) {
    std::string_view name = tokens_.Text(index + 1);
    if (value.url && (name == "pathname" || name == "href")) {
      index += 2;
    } else if (name == "toString" && Is(index + 2, "(") && Is(index + 3, ")")) {
      index += 4;
    } else {
      PathValue unknown;
      unknown.anchored = value.anchored;
      unknown.imported = value.imported;
      return unknown;
    }
  }
  return value;
}

void PathEvaluator::SkipArgument(size_t& index) const {
  int depth = 0;
  for (; Kind(index) != TokenKind::kEnd; ++index) {
    TokenKind kind = Kind(index);
    if (kind == TokenKind::kTemplateHead) ++depth;
    if (depth == 0 && (kind == TokenKind::kTemplateMiddle || kind == TokenKind::kTemplateTail))
      return;
    if (kind == TokenKind::kTemplateTail) --depth;
    if (kind != TokenKind::kPunct) continue;
    char c = tokens_.text[tokens_.tokens[index].start];
    if (depth == 0 && (c == ',' || c == ')' || c == ']' || c == '}')) return;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
}

PathValue PathEvaluator::Template(size_t& index, int depth) {
  PathValue value = Literal(StringValue(tokens_.Text(index)));
  size_t at = index + 1;
  while (Kind(at) != TokenKind::kEnd) {
    size_t begin = at;
    PathValue part = Sum(at, depth + 1);
    if (Kind(at) != TokenKind::kTemplateMiddle && Kind(at) != TokenKind::kTemplateTail) {
      part.known = false;
      part.text.clear();
      if (at == begin) part.anchored = false;
      SkipArgument(at);
    }
    // A path inside other text, as in a message, is not a path.
    if (value.known && value.text.empty()) {
      part.self = false;
      value = part;
    } else {
      value = Concatenate(std::move(value), part);
    }
    std::string_view text = tokens_.Text(at);
    bool last = Kind(at) != TokenKind::kTemplateMiddle;
    if (Kind(at) == TokenKind::kEnd) return {};
    ++at;
    value = Concatenate(std::move(value), Literal(StringValue(text)));
    if (last) {
      if (!value.anchored) {
        // The beginning of a module's name.
        value.known = false;
        return value;
      }
      index = at;
      if (value.text.starts_with("file://")) value.text.erase(0, 7);
      if (!value.text.starts_with("/")) return {};
      return value;
    }
  }
  return {};
}

PathValue PathEvaluator::Url(size_t& index, int depth) {
  size_t at = index + 3;
  PathValue name = Sum(at, depth + 1);
  if (!Is(at, ",") && !Is(at, ")")) {
    name.known = false;
    SkipArgument(at);
  }
  PathValue value;
  if (Is(at, ",")) {
    ++at;
    PathValue base = Sum(at, depth + 1);
    if (!base.anchored || !Is(at, ")")) return {};
    value.anchored = true;
    value.known = base.known && name.known;
    if (base.known && !IsAbsolutePath(name.text)) {
      std::string folder = base.text.ends_with('/') ? base.text : DirectoryOf(base.text);
      std::string relative = name.text.substr(0, name.text.find_first_of("?#"));
      value.text = folder + "/" + relative;
      if (value.known) {
        bool is_folder = relative.ends_with('/') || relative == "." || relative == "..";
        value.text = NormalizePath(value.text);
        if (is_folder) value.text += '/';
      }
    } else {
      value.known = false;
    }
  } else if (Is(at, ")") && name.anchored) {
    value = std::move(name);
  } else {
    return {};
  }
  value.url = true;
  index = at + 1;
  return Suffix(std::move(value), index);
}

PathValue PathEvaluator::Call(size_t& index, int depth) {
  size_t open = CalleeEnd(index);
  std::string_view function = tokens_.Text(Is(open - 1, ")") ? open - 2 : open - 1);
  bool joins = function == "join" || function == "resolve";
  PathValue value;
  bool first = true, stopped = false;
  size_t at = open + 1;
  while (!Is(at, ")")) {
    if (Kind(at) == TokenKind::kEnd) return {};
    size_t begin = at;
    PathValue part = Is(at, "...") ? PathValue() : Sum(at, depth + 1);
    if (!Is(at, ",") && !Is(at, ")")) {
      part.known = false;
      if (at == begin && Kind(begin) != TokenKind::kTemplateHead) part = {};
      SkipArgument(at);
      if (!Is(at, ",") && !Is(at, ")")) return {};
    }
    if (first) {
      value = std::move(part);
      // Only a path that begins with the module's own location can be evaluated.
      if (!value.anchored) {
        // for example path.resolve(base, __dirname)
        value.known = false;
        value.text.clear();
        stopped = true;
      }
    } else if (joins) {
      value.anchored |= part.anchored;
      value.self = false;
      if (stopped || !value.known) {
        stopped = true;
      } else if (part.known) {
        bool absolute = function == "resolve" && IsAbsolutePath(part.text);
        value.text = NormalizePath(absolute ? part.text : value.text + "/" + part.text);
      } else {
        // join(dir, "locales-" + x) is in dir, join(dir, "a/" + x) in dir/a.
        stopped = true;
        value.known = false;
        size_t slash = part.text.rfind('/');
        if (slash != std::string::npos)
          value.text = NormalizePath(value.text + "/" + part.text.substr(0, slash));
        value.name = part.text.substr(slash == std::string::npos ? 0 : slash + 1);
        value.whole_part = true;
      }
    }
    first = false;
    if (Is(at, ",")) ++at;
  }
  if (first || !value.anchored) return {};
  index = at + 1;
  if (function == "dirname") {
    if (value.known && value.text.size() > 1) {
      while (value.text.ends_with('/') && value.text.size() > 1) value.text.pop_back();
      value.text = DirectoryOf(value.text);
    } else {
      value.known = false;
      value.name.clear();
    }
    value.self = false;
  } else if (function == "fileURLToPath") {
    value.url = false;
  } else if (function == "pathToFileURL") {
    value.url = true;
  }
  return Suffix(std::move(value), index);
}

}  // namespace kiln
