// Reads all that the runtime can read of a position table, for the unit test and the fuzz target of
// damaged ones.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime-stub/payload/position_table.h"
#include "tests/fuzz/read_modules.h"

namespace kiln::runtime {

inline void ReadPositionTable(std::string_view bytes) {
  ExactCopy copy(bytes);
  PositionTable table(copy.text());
  static volatile uint64_t sum = 0;
  for (double line : {-1.0, 0.0, 1.0, 7.0, 1000.0, 1e12}) {
    for (double column : {0.0, 5.0, 100.0}) {
      auto entry = table.Find(line, column);
      if (!entry) continue;
      sum = sum + uint64_t(entry->original_line) + uint64_t(entry->original_column);
      sum = sum + Sum(table.Path(entry->source).value_or("")) +
            Sum(table.Content(entry->source).value_or("")) +
            Sum(table.Name(entry->name).value_or(""));
    }
  }
  // Otherwise the text may have gigabytes.
  if (table.LineCount() < 100000 && bytes.size() < 100000) sum = sum + table.Json().size();
}

}  // namespace kiln::runtime
