// A source map in the payload (PositionTableHeader, snapshot/format/payload_format.h), searched in
// place: a lookup allocates nothing and reads the index of blocks and one block. Every offset is
// compared with the table's size when it is used; what a damaged table gives is wrong or empty,
// never outside of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "snapshot/format/payload_format.h"

namespace kiln::runtime {

class PositionTable {
 public:
  // One mapping. Lines and columns count from 0, columns in UTF-16 units.
  struct Entry {
    int32_t line = 0;
    int32_t column = 0;
    bool has_source = false;  // otherwise the rest has no meaning
    bool has_name = false;
    uint32_t source = 0;  // an index for Path() and Content(), or format::kNoIndex
    int32_t original_line = 0;
    int32_t original_column = 0;
    uint32_t name = 0;  // an index for Name(), or format::kNoIndex
  };

  // `bytes` must outlive the table and may be untrusted. An empty text, or one that is cut short, is
  // a table without entries.
  explicit PositionTable(std::string_view bytes);

  uint32_t entry_count() const { return header_.entry_count; }
  uint32_t source_count() const { return header_.source_count; }

  // The last entry at or before a generated position, which may be on an earlier line, as Node's
  // SourceMap.findEntry() finds it. NaN is behind everything.
  std::optional<Entry> Find(double line, double column) const;

  // Borrowed from the table; nothing for an index out of range and where the map has null.
  std::optional<std::string_view> Path(uint32_t source) const;
  std::optional<std::string_view> Content(uint32_t source) const;
  std::optional<std::string_view> Name(uint32_t name) const;

  // The map as JSON, as it was when the table was made; LineCount() is the number of lines of its
  // mappings, to which its length is proportional.
  std::string Json() const;
  uint64_t LineCount() const;

 private:
  class Entries;
  class Walk;

  template <class T>
  T Load(uint64_t offset) const;
  template <class Number>
  std::optional<Entry> FindFrom(Number line, Number column) const;
  std::string_view Bytes(uint64_t offset, uint64_t size) const;
  format::PositionBlock Block(uint32_t number) const;
  std::optional<format::PositionSource> Source(uint32_t number) const;
  format::PositionSection Section(uint32_t number) const;
  void AppendMappings(uint32_t section, Walk& walk, std::string* out) const;

  std::string_view bytes_;
  format::PositionTableHeader header_ = {};
  // Offsets of the tables behind the header.
  uint64_t sources_ = 0, names_ = 0, sections_ = 0;
};

}  // namespace kiln::runtime
