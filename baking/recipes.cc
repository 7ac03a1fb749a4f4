#include "baking/recipes.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace kiln {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c < 0;
}

bool IsQuote(char c) { return c == '"' || c == '\'' || c == '`'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// ---------------------------------------------------------------- code

// A word, a placeholder (@NAME), a string with its quotes, or one other character.
std::string_view NextToken(std::string_view text, size_t at) {
  size_t end = at + 1;
  if (IsWord(text[at]) || (text[at] == '@' && end < text.size() && IsWord(text[end]))) {
    while (end < text.size() && IsWord(text[end])) end++;
  } else if (IsQuote(text[at])) {
    while (end < text.size() && text[end] != text[at]) end += text[end] == '\\' ? 2 : 1;
    end = std::min(end + 1, text.size());
  }
  return text.substr(at, end - at);
}

std::vector<std::string_view> Tokens(std::string_view code) {
  std::vector<std::string_view> tokens;
  for (size_t at = 0; at < code.size();) {
    if (IsSpace(code[at])) {
      at++;
      continue;
    }
    std::string_view token = NextToken(code, at);
    if (token == "}" && !tokens.empty() && tokens.back() == ";") tokens.pop_back();
    tokens.push_back(token);
    at += token.size();
  }
  return tokens;
}

// After white space and comments.
size_t SkipSpace(std::string_view source, size_t at) {
  while (at < source.size()) {
    if (IsSpace(source[at])) {
      at++;
    } else if (source.substr(at).starts_with("//")) {
      at = std::min(source.find('\n', at), source.size());
    } else if (source.substr(at).starts_with("/*")) {
      size_t end = source.find("*/", at + 2);
      if (end == source.npos) return source.size();
      at = end + 2;
    } else {
      break;
    }
  }
  return at;
}

// Where the tokens end in the source if they begin at `begin`.
std::optional<size_t> Match(const std::vector<std::string_view>& tokens, std::string_view source,
                            size_t begin) {
  std::map<std::string_view, std::string_view> names;  // of the placeholders
  size_t at = begin;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) at = SkipSpace(source, at);
    std::string_view token = tokens[i];
    if (token == "}" && at < source.size() && source[at] == ';') at = SkipSpace(source, at + 1);
    if (at >= source.size()) return {};
    std::string_view found = NextToken(source, at);
    if (token[0] == '@') {
      if (!IsWord(found[0]) || (found[0] >= '0' && found[0] <= '9')) return {};
      if (names.emplace(token, found).first->second != found) return {};
    } else if (IsQuote(token[0]) && IsQuote(found[0])) {
      if (token.substr(1, token.size() - 2) != found.substr(1, found.size() - 2)) return {};
    } else if (IsQuote(found[0])) {
      // A quote in a pattern: it begins no string.
      if (token != found.substr(0, 1)) return {};
      found = found.substr(0, 1);
    } else if (token != found) {
      return {};
    }
    at += found.size();
  }
  return at;
}

// Where a line begins, as V8 counts them; npos if there are fewer.
size_t OffsetOfLine(std::string_view source, int line) {
  size_t at = 0;
  for (; line > 1; --line) {
    while (true) {
      if (at >= source.size()) return source.npos;
      if (source[at] == '\n' || source[at] == '\r') break;
      std::string_view three = source.substr(at, 3);
      if (three == "\u2028" || three == "\u2029") {
        at += 2;
        break;
      }
      at++;
    }
    at += source[at] == '\r' && source.substr(at + 1, 1) == "\n" ? 2 : 1;
  }
  return at;
}

size_t OffsetOfPlace(std::string_view source, int line, int column) {
  size_t at = OffsetOfLine(source, line);
  for (int units = 1; at < source.size() && units < column;) {
    auto c = static_cast<unsigned char>(source[at]);
    units += c >= 0xf0 ? 2 : 1;
    at += c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
  }
  return at;
}

// ---------------------------------------------------------------- the format

std::string Complete(const Recipe& recipe) {
  const char* missing = recipe.package.empty() ? "package"
                        : recipe.read.empty()  ? "read"
                        : recipe.code.empty()  ? "code"
                        : recipe.why.empty()   ? "why"
                                               : nullptr;
  if (missing) return "the recipe " + recipe.name + " has no line `" + missing + "`";
  if (recipe.answer == Recipe::Answer::kGuard && recipe.guards.empty())
    return "the recipe " + recipe.name + " has no line `answer`";
  return {};
}

// "" or what is wrong.
std::string AddAnswer(std::string_view value, Recipe& recipe) {
  const bool is_first = recipe.guards.empty() && recipe.answer == Recipe::Answer::kGuard;
  if (value.starts_with("guard ")) {
    if (recipe.answer != Recipe::Answer::kGuard) return "only guards can be several";
    std::string_view guard = Trim(value.substr(6));
    constexpr std::array<std::string_view, 5> kKinds = {"env", "env-not", "env-prefix", "argv",
                                                        "tty"};
    if (std::find(kKinds.begin(), kKinds.end(), guard.substr(0, guard.find(' '))) == kKinds.end() ||
        guard.find_first_of(" ") == guard.npos || guard.find('\n') != guard.npos)
      return "`" + std::string(guard) + "` is no guard";
    recipe.guards.emplace_back(guard);
  } else if (!is_first) {
    return "only guards can be several";
  } else if (value == "harmless") {
    recipe.answer = Recipe::Answer::kHarmless;
  } else if (value == "late cwd" || value == "late cpus") {
    recipe.answer = Recipe::Answer::kLate;
    recipe.late = value == "late cwd" ? 0 : 1;
  } else {
    return "an answer is `guard LINE`, `harmless`, `late cwd` or `late cpus`";
  }
  return {};
}

// "" or what is wrong.
std::string AddLine(std::string_view key, std::string_view value, Recipe& recipe) {
  if (value.empty()) return "nothing follows `" + std::string(key) + ":`";
  if (key == "answer") return AddAnswer(value, recipe);
  if (key == "code") {
    recipe.code.emplace_back(value);
    return {};
  }
  std::string* field = key == "package" ? &recipe.package
                       : key == "read"  ? &recipe.read
                       : key == "why"   ? &recipe.why
                                        : nullptr;
  if (!field) return "unknown key `" + std::string(key) + "`";
  if (!field->empty()) return "a second line `" + std::string(key) + "`";
  *field = value;
  return {};
}

// Lines with those that continue them, without comments and empty lines. [number, text]
std::vector<std::pair<int, std::string>> JoinLines(std::string_view text) {
  std::vector<std::pair<int, std::string>> lines;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::string_view trimmed = Trim(line);
    if (trimmed.empty() || line[0] == '#') continue;
    if (IsSpace(line[0]) && !lines.empty())
      lines.back().second += "\n" + std::string(trimmed);
    else
      lines.emplace_back(number, trimmed);
  }
  return lines;
}

}  // namespace

bool IsInCode(std::string_view code, std::string_view source, int line, int column) {
  std::vector<std::string_view> tokens = Tokens(code);
  if (tokens.empty()) return false;
  const size_t place = OffsetOfPlace(source, line, column);
  if (place >= source.size()) return false;
  // Comments and white space may be longer than the code; further back is not looked.
  constexpr size_t kComments = 4000;
  size_t first = place > code.size() + kComments ? place - code.size() - kComments : 0;
  for (size_t begin = place + 1; begin-- > first;) {
    if (begin > 0 && IsWord(source[begin]) && IsWord(source[begin - 1])) continue;
    std::optional<size_t> end = Match(tokens, source, begin);
    if (end && place < *end) return true;
  }
  return false;
}

Result<std::vector<Recipe>> ParseRecipes(std::string_view text, const std::string& file) {
  std::vector<Recipe> recipes;
  auto wrong = [&](int line, const std::string& what) {
    return Error{file + ":" + std::to_string(line) + ": " + what};
  };
  int number = 1;
  for (const auto& [at, line] : JoinLines(text)) {
    number = at;
    size_t colon = line.find(':');
    if (colon == line.npos) return wrong(at, "a line has the form `KEY: VALUE`");
    std::string_view key = Trim(std::string_view(line).substr(0, colon));
    std::string_view value = Trim(std::string_view(line).substr(colon + 1));
    if (key.starts_with("== ")) {
      if (!recipes.empty())
        if (std::string what = Complete(recipes.back()); !what.empty()) return wrong(at, what);
      Recipe recipe;
      recipe.name = Trim(key.substr(3));
      recipe.title = value;
      recipes.push_back(std::move(recipe));
    } else if (recipes.empty()) {
      return wrong(at, "a recipe begins with `== NAME: TITLE`");
    } else if (std::string what = AddLine(key, value, recipes.back()); !what.empty()) {
      return wrong(at, what);
    }
  }
  if (!recipes.empty())
    if (std::string what = Complete(recipes.back()); !what.empty()) return wrong(number, what);
  return recipes;
}

const Recipe* FindRecipe(const std::vector<Recipe>& recipes, const Report& report,
                         std::string_view source) {
  std::string read = report.detail.empty() ? report.name : report.name + " " + report.detail;
  for (const Recipe& recipe : recipes) {
    if (recipe.read != read && !(recipe.read == report.name + " *" && !report.detail.empty()))
      continue;
    for (const std::string& code : recipe.code)
      if (IsInCode(code, source, report.place.line, report.place.column)) return &recipe;
  }
  return nullptr;
}

std::vector<std::string> GuardsOfRecipe(const Recipe& recipe, const Report& report) {
  std::vector<std::string> guards = recipe.guards;
  if (recipe.read.ends_with(" *"))
    for (std::string& guard : guards)
      if (guard.ends_with(" *")) guard.replace(guard.size() - 1, 1, report.detail);
  return guards;
}

}  // namespace kiln
