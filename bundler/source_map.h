// Source maps, version 3, as esbuild writes them: without sections.
//
// Mappings iterates over the generated text line by line. OriginalPosition looks up one place, for
// messages about translated text.
#pragma once

#include <cstdint>
#include <functional>
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
  // One segment: the place `column` of the generated line, and where it comes from. `source` and
  // `name` are indices in the map's "sources" and "names".
  struct Entry {
    int column = 0;
    int source = -1;
    int original_line = 0;
    int original_column = 0;
    int name = -1;
  };
  // Replaces `line` by the entries of the next generated line, in the order of the text; empty for
  // a line without entries and after the end. The first call gives line 0.
  void NextLine(std::vector<Entry>& line);

 private:
  bool More() const { return at_ < text_.size() && text_[at_] != ',' && text_[at_] != ';'; }
  int Number();
  int Add(int& sum);

  std::string_view text_;
  size_t at_ = 0;
  int source_ = 0, original_line_ = 0, original_column_ = 0, name_ = 0;
};

// The original position of `generated`: that of the last entry at or before it in its line. Nothing
// if `map` (JSON) does not contain one or cannot be parsed. Columns of both are UTF-16 units, from
// 1. Parses the map at each call.
std::optional<LineColumn> OriginalPosition(const std::string& map, LineColumn generated);

// The map with other entries: `change(line, entries)` is called for each generated line, from 0,
// and may change or remove its entries. Returns `map` as it is if it cannot be parsed.
std::string ChangeMap(const std::string& map,
                      const std::function<void(size_t, std::vector<Mappings::Entry>&)>& change);

// A text of the app for esbuild, which would read the map that the last comment "sourceMappingURL" of
// the text names, fail if that is damaged, and combine it with its own. Positions are to be those in
// the app's file, as under Node; so the text is returned with such a comment that esbuild ignores.
std::string WithoutItsMap(std::string code);

}  // namespace kiln
