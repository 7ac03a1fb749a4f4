// Collects diagnostics and renders them. The human form puts the place first, as
// compilers do, so that editors and terminals make a link of it:
//
//   src/cli.ts:3:17: error: Cannot find package "chalk"
//       3 | import chalk from "chalk";
//         |                   ~~~~~~~
//     note: Install it, or pass --external chalk.
#include "support/diagnostics.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "support/json.h"

namespace kiln {
namespace {

constexpr size_t kMaxLineShown = 160;  // minified sources have lines of megabytes

const char* NameOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInfo:
      return "note";
  }
  return "error";
}

const char* ColorOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "\033[1;31m";
    case Severity::kWarning:
      return "\033[1;35m";
    case Severity::kInfo:
      return "\033[1;36m";
  }
  return "";
}

// The source line with a marker below it. A long line is cut to a window around the place.
void AppendSource(std::string& out, const Location& at, bool color) {
  if (at.line <= 0 || at.line_text.empty()) return;
  std::string_view text = at.line_text;
  size_t column = at.column > 0 ? size_t(at.column - 1) : 0;
  column = std::min(column, text.size());
  size_t start = 0;
  if (text.size() > kMaxLineShown) {
    start = column > kMaxLineShown / 2 ? column - kMaxLineShown / 2 : 0;
    // Do not begin inside a UTF-8 sequence.
    while (start > 0 && (text[start] & 0xC0) == 0x80) --start;
    text = text.substr(start, kMaxLineShown);
  }
  std::string number = std::to_string(at.line);
  out.append(number.size() < 6 ? 6 - number.size() : 1, ' ').append(number).append(" | ");
  out.append(text).append("\n");
  if (at.column <= 0) return;
  out.append(std::max<size_t>(6, number.size() + 1), ' ').append(" | ");
  size_t shown = column - start;
  // Tabs stay tabs so that the marker lines up; continuation bytes have no width.
  for (char c : text.substr(0, shown)) {
    if (c == '\t')
      out += '\t';
    else if ((c & 0xC0) != 0x80)
      out += ' ';
  }
  size_t width = at.length > 1 ? size_t(at.length) : 1;
  width = std::min(width, std::max<size_t>(1, text.size() - shown));
  if (color) out += "\033[32m";
  out.append(at.length > 1 ? std::string(width, '~') : std::string("^"));
  if (color) out += "\033[0m";
  out += "\n";
}

std::string RenderText(const Diagnostic& diagnostic, bool color) {
  std::string out;
  const Location& at = diagnostic.location;
  if (!at.file.empty()) {
    if (color) out += "\033[1m";
    out += at.file;
    if (at.line > 0) out += ":" + std::to_string(at.line);
    if (at.line > 0 && at.column > 0) out += ":" + std::to_string(at.column);
    out += ": ";
    if (color) out += "\033[0m";
  }
  if (color) out += ColorOf(diagnostic.severity);
  out += std::string(NameOf(diagnostic.severity)) + ": ";
  if (color) out += "\033[0m";
  out += diagnostic.text + "\n";
  AppendSource(out, at, color);
  for (const std::string& note : diagnostic.notes) {
    // A note of several lines keeps its shape under one indent.
    std::string_view rest = note;
    bool first = true;
    do {
      size_t end = rest.find('\n');
      out += first ? "  note: " : "        ";
      out.append(rest.substr(0, end)).append("\n");
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      first = false;
    } while (!rest.empty());
  }
  return out;
}

std::string RenderJson(const Diagnostic& diagnostic) {
  Json json = Json::Object();
  json.Set("type", NameOf(diagnostic.severity));
  json.Set("text", diagnostic.text);
  const Location& at = diagnostic.location;
  if (!at.file.empty()) {
    Json place = Json::Object();
    place.Set("file", at.file);
    if (at.line > 0) place.Set("line", at.line);
    if (at.column > 0) place.Set("column", at.column);
    if (at.length > 0) place.Set("length", at.length);
    if (!at.line_text.empty()) place.Set("lineText", at.line_text);
    json.Set("location", std::move(place));
  }
  Json notes = Json::Array();
  for (const std::string& note : diagnostic.notes) notes.Push(note);
  json.Set("notes", std::move(notes));
  return json.Write() + "\n";
}

}  // namespace

Diagnostic SystemError(std::string_view what, std::string_view path, int error_number) {
  std::string text(what);
  if (!path.empty()) text.append(" ").append(path);
  return {text + ": " + std::strerror(error_number)};
}

std::string Render(const Diagnostic& diagnostic, RenderStyle style) {
  if (style == RenderStyle::kJson) return RenderJson(diagnostic);
  return RenderText(diagnostic, style == RenderStyle::kColor);
}

RenderStyle StyleFor(int fd) {
  if (!isatty(fd)) return RenderStyle::kPlain;
  if (const char* no = std::getenv("NO_COLOR"); no && *no) return RenderStyle::kPlain;
  if (const char* term = std::getenv("TERM"); term && !std::strcmp(term, "dumb"))
    return RenderStyle::kPlain;
  return RenderStyle::kColor;
}

void Diagnostics::Add(Diagnostic diagnostic) { all_.push_back(std::move(diagnostic)); }

void Diagnostics::AddError(std::string text, Location location, std::vector<std::string> notes) {
  Add({std::move(text), std::move(notes), std::move(location), Severity::kError});
}
void Diagnostics::AddWarning(std::string text, Location location, std::vector<std::string> notes) {
  Add({std::move(text), std::move(notes), std::move(location), Severity::kWarning});
}
void Diagnostics::AddInfo(std::string text, Location location, std::vector<std::string> notes) {
  Add({std::move(text), std::move(notes), std::move(location), Severity::kInfo});
}

size_t Diagnostics::Count(Severity severity) const {
  return size_t(std::count_if(all_.begin(), all_.end(),
                              [&](const Diagnostic& d) { return d.severity == severity; }));
}

}  // namespace kiln
