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

// kError makes the command fail; kWarning and kInfo do not. kInfo is rendered as "note".
enum class Severity { kError, kWarning, kInfo };

// A place in one of the user's files, or no place if `file` is empty. Fields that are 0 or empty
// are omitted when it is rendered.
struct Location {
  std::string file;
  int line = 0;           // from 1; 0 = the whole file
  int column = 0;         // in bytes, from 1; 0 = the whole line
  int length = 0;         // bytes to underline, 0 = a caret only
  std::string line_text;  // the source line, may be empty
};

// One message. It is also the error type of Result (support/result.h), where Severity is kError.
struct Diagnostic {
  // One sentence without a period or newline, and what to do about it, one note each. A note may
  // have several lines.
  std::string text;
  std::vector<std::string> notes = {};
  Location location = {};
  Severity severity = Severity::kError;

  // Both return this object, so that an error can be completed where it is returned: return
  // Error{"…"}.Note("…").
  Diagnostic&& Note(std::string note) && {
    notes.push_back(std::move(note));
    return std::move(*this);
  }
  Diagnostic&& At(Location where) && {
    location = std::move(where);
    return std::move(*this);
  }
};

// An error about a system call on a path: "Cannot read a.js: Permission denied" for `what` "Cannot
// read". `error_number` is a value of errno. An empty `path` is omitted.
Diagnostic SystemError(std::string_view what, std::string_view path, int error_number);

// kPlain and kColor are for people, the latter with ANSI escape sequences; kJson is for programs.
enum class RenderStyle { kPlain, kColor, kJson };

// The text of one diagnostic, ending in a newline. In JSON it is one line:
// {"type": "error" | "warning" | "note", "text", "location": {"file", "line", "column", "length",
// "lineText"}, "notes": [string, …]}, without "location" if there is no place. The other styles
// show at most 160 bytes of the source line, around the place, with a marker below.
std::string Render(const Diagnostic& diagnostic, RenderStyle style);

// The style for text that is written to the descriptor `fd`: kColor if it is a terminal and neither
// a non-empty NO_COLOR nor TERM=dumb is in the environment; else kPlain. Never kJson.
RenderStyle StyleFor(int fd);

// A list of messages in the order in which they were found. Created by the command line for one
// build, passed by reference to all steps, printed at the end. Not thread-safe.
class Diagnostics {
 public:
  void Add(Diagnostic diagnostic);
  // Adds a message with that severity. An empty `location` means that it is about no particular
  // place; `notes` are as in Diagnostic.
  void AddError(std::string text, Location location = {}, std::vector<std::string> notes = {});
  void AddWarning(std::string text, Location location = {}, std::vector<std::string> notes = {});
  void AddInfo(std::string text, Location location = {}, std::vector<std::string> notes = {});

  bool has_errors() const { return Count(Severity::kError) > 0; }
  // The number of messages with exactly that severity, in time proportional to the list.
  size_t Count(Severity severity) const;
  // In the order of Add. The reference is invalid after the next Add or Take.
  const std::vector<Diagnostic>& all() const { return all_; }
  // Returns everything collected so far and clears the list, also for Count and has_errors.
  std::vector<Diagnostic> Take() { return std::exchange(all_, {}); }

 private:
  std::vector<Diagnostic> all_;
};

}  // namespace kiln
