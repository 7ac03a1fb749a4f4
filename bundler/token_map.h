// Where the tokens of translated text come from, by its source map.
//
// A segment of the map belongs to the token that begins at its column, or to the next one if only
// white space is between. Lines and columns count as in source maps and in V8: lines end at \n, \r,
// \r\n, U+2028 and U+2029, columns are UTF-16 units, both count from 0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bundler/lexer.h"

namespace kiln {

// The lines of a text, which is borrowed.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  size_t line_count() const { return lines_.size(); }
  // The byte offset of a place. A column behind the end of its line means that end (before the line
  // break); a line behind the last means the end of the text.
  size_t Offset(size_t line, size_t column) const;

 private:
  struct Line {
    uint32_t start;
    uint32_t end;  // without the line break
    bool ascii;
  };
  std::string_view text_;
  std::vector<Line> lines_;
};

// The origin of one token; `line` is -1 if the map does not contain it.
struct TokenOrigin {
  int line = -1;
  int column = 0;
  int name = -1;  // index in the map's "names" if the token was renamed
};

// The origins of all tokens of `generated`, in their order, from "mappings" of its source map.
std::vector<TokenOrigin> OriginsOf(const TokenList& generated, std::string_view mappings);

// Writes "mappings" of a source map with one source, in the order of the generated text.
class MappingsWriter {
 public:
  // The next line of the generated text.
  void NextLine() {
    text_ += ';';
    column_ = 0;
  }
  // A segment: `column` of the current line comes from that place.
  void Add(int column, int original_line, int original_column);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  // The last segment.
  int column_ = 0, original_line_ = 0, original_column_ = 0;
};

// The length of the line break at `at` in bytes, 0 if there is none.
size_t LineBreakAt(std::string_view text, size_t at);
// The number of UTF-16 units of UTF-8 text.
size_t Utf16Length(std::string_view text);

}  // namespace kiln
