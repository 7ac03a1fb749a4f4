// Kiln's messages for its user: errors and warnings, where they are, and what to do next.
//
// A Diagnostic says in `text` what is wrong and in `notes` how to correct it. Steps that can find
// several problems add them to a Diagnostics and continue, so that one run reports them all.
// Rendering is separate from collecting: the same list is printed in colours on a terminal, as
// plain text into a pipe, or as one JSON object per line for other programs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

enum class Severity { kError, kWarning, kInfo };

// A place in one of the user's files. If `file` is empty, there is no place.
struct Location {
  std::string file;
  int line = 0;           // from 1; 0 = the whole file
  int column = 0;         // in bytes, from 1; 0 = the whole line
  int length = 0;         // bytes to underline, 0 = a caret only
  std::string line_text;  // the source line, may be empty
};

struct Diagnostic {
  std::string text;
  std::vector<std::string> notes = {};
  Location location = {};
  Severity severity = Severity::kError;

  Diagnostic&& Note(std::string note) && {
    notes.push_back(std::move(note));
    return std::move(*this);
  }
  Diagnostic&& At(Location where) && {
    location = std::move(where);
    return std::move(*this);
  }
};

// An error about a system call on a path: "Cannot read a.js: Permission denied".
Diagnostic SystemError(std::string_view what, std::string_view path, int error_number);

enum class RenderStyle { kPlain, kColor, kJson };

// The text of one diagnostic, ending in a newline.
std::string Render(const Diagnostic& diagnostic, RenderStyle style);

// kColor if `fd` is a terminal and neither NO_COLOR nor TERM=dumb is set; else kPlain.
RenderStyle StyleFor(int fd);

class Diagnostics {
 public:
  void Add(Diagnostic diagnostic);
  void AddError(std::string text, Location location = {}, std::vector<std::string> notes = {});
  void AddWarning(std::string text, Location location = {}, std::vector<std::string> notes = {});
  void AddInfo(std::string text, Location location = {}, std::vector<std::string> notes = {});

  bool has_errors() const { return Count(Severity::kError) > 0; }
  size_t Count(Severity severity) const;
  const std::vector<Diagnostic>& all() const { return all_; }
  // Returns everything collected so far and clears the list.
  std::vector<Diagnostic> Take() { return std::exchange(all_, {}); }

 private:
  std::vector<Diagnostic> all_;
};

}  // namespace kiln
