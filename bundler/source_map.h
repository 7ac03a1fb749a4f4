// Source maps, version 3, as esbuild writes them: without sections.
//
// Mappings iterates over the generated text line by line. OriginalPosition looks up one place, for
// messages about translated text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundler/lexer.h"

namespace kiln {

// Walks the entries of "mappings". The text must outlive it.
class Mappings {
 public:
  explicit Mappings(std::string_view text) : text_(text) {}

  // All count from 0, columns in UTF-16 units; source and name are -1 if there is none.
  struct Entry {
    int column = 0;
    int source = -1;
    int original_line = 0;
    int original_column = 0;
    int name = -1;
  };
  // Replaces `line` by the entries of the next line.
  void NextLine(std::vector<Entry>& line);

 private:
  bool More() const { return at_ < text_.size() && text_[at_] != ',' && text_[at_] != ';'; }
  int Number();

  std::string_view text_;
  size_t at_ = 0;
  int source_ = 0, original_line_ = 0, original_column_ = 0, name_ = 0;
};

// The original position of `generated`; nothing if `map` (JSON) does not contain it. Columns of
// both are UTF-16 units, from 1.
std::optional<LineColumn> OriginalPosition(const std::string& map, LineColumn generated);

}  // namespace kiln
