// The .env grammar. KEY=value, with an optional `export`, # comments, and three kinds of
// quotes that may span lines; \n is an escape within double quotes only.
#include "runtime-stub/binding/dotenv.h"

#include <algorithm>
#include <map>

namespace kiln {
namespace {

constexpr size_t kNone = std::string_view::npos;

std::string_view Trim(std::string_view s) {
  constexpr std::string_view kSpace = " \t\n";
  size_t first = s.find_first_not_of(kSpace);
  if (first == kNone) return {};
  return s.substr(first, s.find_last_not_of(kSpace) - first + 1);
}

// Drops everything up to and including the next newline at or after `from`.
void SkipLine(std::string_view* text, size_t from = 0) {
  size_t newline = text->find('\n', from);
  text->remove_prefix(newline == kNone ? text->size() : newline + 1);
}

std::string ExpandNewlines(std::string_view quoted) {
  std::string out;
  for (size_t i = 0; i < quoted.size(); i++) {
    if (quoted.substr(i, 2) == "\\n") {
      out += '\n';
      i++;
    } else {
      out += quoted[i];
    }
  }
  return out;
}

// Takes the value off the front of `text`, which is not empty.
std::string TakeValue(std::string_view* text) {
  char quote = text->front();
  if (quote == '"' || quote == '\'' || quote == '`') {
    size_t close = text->find(quote, 1);
    if (close != kNone) {
      std::string_view inside = text->substr(1, close - 1);
      std::string value = quote == '"' ? ExpandNewlines(inside) : std::string(inside);
      SkipLine(text, close + 1);
      return value;
    }
    // Never closed: the rest of the line, with the quote and any #.
    size_t newline = text->find('\n');
    std::string value(text->substr(0, newline));
    SkipLine(text);
    return value;
  }
  std::string_view line = text->substr(0, text->find('\n'));
  std::string value(Trim(line.substr(0, line.find('#'))));
  SkipLine(text);
  return value;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ParseDotenv(std::string_view input) {
  std::string lines(input);
  std::erase(lines, '\r');
  std::string_view text = Trim(lines);
  std::map<std::string, std::string> found;

  while (!text.empty()) {
    if (text.front() == '\n' || text.front() == '#') {
      SkipLine(&text);
      continue;
    }
    size_t end = text.find_first_of("=\n");
    if (end == kNone) break;
    if (text[end] == '\n') {  // a line without "="
      text = Trim(text.substr(end + 1));
      continue;
    }
    std::string_view key = Trim(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (key.empty()) {
      SkipLine(&text);
      text = Trim(text);
      continue;
    }
    if (key.starts_with("export ")) key = Trim(key.substr(7));
    std::string value;
    if (!text.empty() && text.front() == '\n') {
      text.remove_prefix(1);
    } else {
      text = Trim(text);
      if (!text.empty()) value = TakeValue(&text);
    }
    found.insert_or_assign(std::string(key), std::move(value));
  }
  return {found.begin(), found.end()};
}

}  // namespace kiln
