#include "runtime-stub/exceptions/library_line.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace kiln::runtime {

namespace {

constexpr std::string_view kCustom = "$SymbolFor('nodejs.util.inspect.custom')";
constexpr std::string_view kUnnamed = "((f)=>f)(";

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

size_t EndOfWord(std::string_view text, size_t at) {
  while (at < text.size() && IsWord(text[at])) at++;
  return at;
}

// The end of `name??=$require("x").y["z"]` that begins at `at`; npos if there is none.
size_t EndOfLookup(std::string_view text, size_t at) {
  size_t end = EndOfWord(text, at);
  if (end == at) return text.npos;
  std::string_view rest = text.substr(end);
  size_t call = rest.starts_with("\?\?=$require(\"")           ? rest.find('(')
                : rest.starts_with("\?\?=$internalBinding(\"") ? rest.find('(')
                                                               : rest.npos;
  if (call == rest.npos) return text.npos;
  end = text.find("\")", end + call);
  if (end == text.npos) return text.npos;
  end += 2;
  while (end < text.size()) {
    if (text[end] == '.' && EndOfWord(text, end + 1) > end + 1) {
      end = EndOfWord(text, end + 1);
    } else if (text.substr(end).starts_with("[\"") && text.find("\"]", end) != text.npos) {
      end = text.find("\"]", end) + 2;
    } else {
      break;
    }
  }
  return end;
}

}  // namespace

std::string WithoutLookups(const std::string& line, int* start, int* end) {
  const std::string_view text = line;
  std::string out;
  std::vector<int> columns;  // in `out`, of each column of the line
  auto skip_to = [&](size_t next) { columns.resize(next, int(out.size())); };
  auto put = [&](std::string_view word, size_t next) {
    skip_to(next);
    out += word;
  };
  for (size_t at = 0; at < text.size();) {
    if (text[at] == ';') {
      size_t after = at;
      for (size_t next; after < text.size() && text[after] == ';'; after = next) {
        next = EndOfLookup(text, after + 1);
        if (next == text.npos) break;
      }
      if (after > at) {
        at = std::min(after + 1, text.size());
        skip_to(at);
        continue;
      }
    }
    if (text[at] == '(') {
      size_t after = EndOfLookup(text, at + 1);
      if (after != text.npos && after < text.size() && text[after] == ')') {
        std::string name(text.substr(at + 1, EndOfWord(text, at + 1) - at - 1));
        if (out.ends_with(name + ":")) {  // {name:(name??=…)} was {name}
          out.pop_back();
          name.clear();
        }
        at = after + 1;
        put(name, at);
        continue;
      }
    }
    if (text.substr(at).starts_with(kCustom)) {
      at += kCustom.size();
      put("inspect.custom", at);
      continue;
    }
    if (text.substr(at).starts_with(kUnnamed)) {
      at += kUnnamed.size();
      skip_to(at);
      continue;
    }
    columns.push_back(int(out.size()));
    out += text[at++];
  }
  columns.push_back(int(out.size()));
  for (int* column : {start, end})
    if (*column >= 0 && size_t(*column) < columns.size()) *column = columns[size_t(*column)];
  return out;
}

}  // namespace kiln::runtime
