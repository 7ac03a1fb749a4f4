// Source maps, version 3, as esbuild writes them: without sections.
//
// Mappings walks the generated text line by line. OriginalPosition answers for one place,
// which is what a message about translated text needs.
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
  // The entries of the next line.
  void NextLine(std::vector<Entry>& line);

 private:
  bool More() const { return at_ < text_.size() && text_[at_] != ',' && text_[at_] != ';'; }
  int Number();

  std::string_view text_;
  size_t at_ = 0;
  int source_ = 0, original_line_ = 0, original_column_ = 0, name_ = 0;
};

// Where the generated text at `generated` came from; nothing if `map` (JSON) does not tell.
// Columns of both are UTF-16 units, from 1.
std::optional<LineColumn> OriginalPosition(const std::string& map, LineColumn generated);

}  // namespace kiln
