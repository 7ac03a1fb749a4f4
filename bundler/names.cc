// esbuild prints each statement of the outer scope at the beginning of a line, and those of
// a wrapped module four spaces deep. A line in a template may look the same, but has no
// entry in the source map at its identifier.
#include "bundler/names.h"

#include <algorithm>
#include <vector>

#include "bundler/source_map.h"
#include "support/json.h"
#include "support/result.h"

namespace kiln {
namespace {

bool IsNamePart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

std::string_view NameAt(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && IsNamePart(text[end])) ++end;
  return text.substr(0, end);
}

struct Declaration {
  enum class Kind { kNone, kFunction, kClass } kind = Kind::kNone;
  size_t column = 0;       // of the name
  std::string_view name;   // the name from esbuild
  std::string_view inner;  // of `X = class inner`
  size_t body = 0;         // where to look for a class's {
};

Declaration Declares(std::string_view line) {
  Declaration found;
  for (std::string_view head : {"function ", "function* ", "async function ", "async function* "})
    if (line.starts_with(head)) {
      found.kind = Declaration::Kind::kFunction;
      found.column = head.size();
      found.name = NameAt(line.substr(found.column));
      return found;
    }
  if (line.starts_with("class ")) {
    found.column = 6;
  } else if (line.starts_with("var ")) {
    found.column = 4;
  } else if (line.starts_with("    ") && line.size() > 4 && IsNamePart(line[4])) {
    found.column = 4;
  } else {
    return found;
  }
  found.name = NameAt(line.substr(found.column));
  found.body = found.column + found.name.size();
  if (!line.starts_with("class ")) {
    constexpr std::string_view kClass = " = class ";
    if (!line.substr(found.body).starts_with(kClass)) return found;
    found.body += kClass.size();
    found.inner = NameAt(line.substr(found.body));
    if (found.inner == "extends") found.inner = {};
  }
  if (!found.name.empty()) found.kind = Declaration::Kind::kClass;
  return found;
}

// The offset after the { of a class whose head begins at `from`; npos if it is not a simple head.
size_t BodyOf(std::string_view text, size_t from) {
  int depth = 0;
  for (size_t i = from; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"' || c == '\'' || c == '`' || c == '/') return std::string_view::npos;
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (depth == 0 && c == '{') return i + 1;
    if (depth > 0 && (c == '{' || c == '}')) depth += c == '{' ? 1 : -1;
  }
  return std::string_view::npos;
}

}  // namespace

std::string RestoreNames(
    std::string& code, const std::string& map,
    const std::function<bool(const std::string&, const std::string&)>& mentions) {
  auto json = Json::Parse(map);
  if (!json.ok()) return {};
  const auto& names = (*json)["names"].items();
  const auto& sources = (*json)["sources"].items();
  Mappings mappings((*json)["mappings"].AsString());
  std::vector<Mappings::Entry> entries;
  std::string out, statement;
  out.reserve(code.size() + 4096);
  std::string_view text = code;
  size_t copied = 0;
  for (size_t start = 0; start < text.size();) {
    size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    mappings.NextLine(entries);
    Declaration declared = Declares(line);
    if (declared.kind != Declaration::Kind::kNone) {
      const Mappings::Entry* entry = nullptr;
      for (const Mappings::Entry& candidate : entries)
        if (candidate.column == int(declared.column)) entry = &candidate;
      std::string original;
      if (entry && entry->name >= 0 && size_t(entry->name) < names.size())
        original = names[size_t(entry->name)].AsString();
      std::string name(declared.name);
      bool is_default = original.empty() && name.ends_with("_default");
      if (is_default && !entries.empty() && entries[0].source >= 0) {
        const std::string& source = sources[size_t(entries[0].source)].AsString();
        if (!mentions(source, name)) original = "default";
      }
      // class _Item
      if (original.empty() && entry && !declared.inner.empty() && declared.inner != declared.name)
        original = name;
      if (!original.empty() && original != name && declared.kind == Declaration::Kind::kFunction) {
        statement += (statement.empty() ? "" : ",") + std::string("[") + name + "," +
                     QuoteJson(original) + "]";
      } else if (!original.empty() && declared.kind == Declaration::Kind::kClass &&
                 (original != name || !declared.inner.empty())) {
        size_t body = BodyOf(text, start + declared.body);
        if (body != std::string_view::npos) {
          out.append(text.substr(copied, body - copied));
          out += " static { __kiln.name(this, " + QuoteJson(original) + "); }";
          copied = body;
        }
      }
    }
    start = end + 1;
  }
  out.append(text.substr(copied));
  code = std::move(out);
  return statement.empty() ? std::string() : "__kiln.names([" + statement + "]);";
}

}  // namespace kiln
