// Lookups decode one block. Json() decodes all of them, for who reads a SourceMap's payload.
#include "runtime-stub/payload/position_table.h"

#include <algorithm>
#include <cstring>

namespace kiln::runtime {

namespace {

constexpr uint64_t kBlocks = sizeof(format::PositionTableHeader);

// JSON's representation of a text in UTF-8.
void AppendQuoted(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (c == '\n') {
      *out += "\\n";
    } else if (uint8_t(c) < 0x20) {
      *out += "\\u00";
      *out += kHex[uint8_t(c) >> 4];
      *out += kHex[c & 15];
    } else {
      *out += c;
    }
  }
  *out += '"';
}

void AppendText(std::optional<std::string_view> text, std::string* out) {
  if (text)
    AppendQuoted(*text, out);
  else
    *out += "null";
}

// Base64 digits of five bits and a continuation bit, the lowest bit of the whole being the sign.
void AppendVlq(uint32_t difference, std::string* out) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint64_t value = int32_t(difference) < 0 ? uint64_t(-difference) << 1 | 1 : difference << 1;
  do {
    *out += kDigits[(value & 31) | (value > 31 ? 32 : 0)];
    value >>= 5;
  } while (value > 0);
}

// Lines are compared first. NaN is not less than anything.
template <class Number>
bool IsBefore(Number line, Number column, int32_t other_line, int32_t other_column) {
  return line < other_line || (line == other_line && column < other_column);
}

}  // namespace

template <class T>
T PositionTable::Load(uint64_t offset) const {
  T value;
  std::memcpy(&value, bytes_.data() + offset, sizeof value);
  return value;
}

// Decodes the entries of a block, one by one.
class PositionTable::Entries {
 public:
  Entries(const PositionTable& table, uint32_t block_number) : bytes_(table.bytes_) {
    format::PositionBlock block = table.Block(block_number);
    entry_.line = int32_t(block.line);
    entry_.column = int32_t(block.column);
    at_ = block.offset;
    uint64_t before = uint64_t(block_number) * format::kBlockEntries;
    left_ = uint32_t(std::min<uint64_t>(table.entry_count() - before, format::kBlockEntries));
  }

  // The entry that Next() has read.
  const Entry& entry() const { return entry_; }
  // Reads the next entry; false at the end.
  bool Next() {
    if (left_ == 0 || at_ >= bytes_.size()) return false;
    left_--;
    uint8_t flags = Byte();
    if (flags & format::kNewLine) {
      Add(entry_.line, Number());
      entry_.column = int32_t(Signed());
    } else {
      uint32_t columns = flags >> format::kColumnShift;
      Add(entry_.column, columns ? columns : Number());
    }
    entry_.has_source = flags & format::kHasSource;
    entry_.has_name = false;
    if (entry_.has_source) {
      if (flags & format::kNewSource) entry_.source += Signed();
      if (flags & format::kNewOriginalLine) Add(entry_.original_line, Signed());
      Add(entry_.original_column, Signed());
      entry_.has_name = flags & format::kHasName;
      if (entry_.has_name) entry_.name += Signed();
    }
    return true;
  }

 private:
  uint8_t Byte() { return at_ < bytes_.size() ? uint8_t(bytes_[at_++]) : 0; }
  uint32_t Number() {
    if (at_ < bytes_.size() && uint8_t(bytes_[at_]) < 128) return uint8_t(bytes_[at_++]);
    uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      uint8_t byte = Byte();
      value |= uint32_t(uint64_t(byte & 127) << shift);
      if (byte < 128) break;
    }
    return value;
  }
  uint32_t Signed() {
    uint32_t value = Number();
    return value >> 1 ^ (value & 1 ? 0xFFFFFFFF : 0);
  }
  static void Add(int32_t& sum, uint32_t value) { sum = int32_t(uint32_t(sum) + value); }

  std::string_view bytes_;
  uint64_t at_;
  uint32_t left_;
  Entry entry_;
};

PositionTable::PositionTable(std::string_view bytes) : bytes_(bytes) {
  if (bytes.size() < sizeof header_) return;
  header_ = Load<format::PositionTableHeader>(0);
  sources_ = kBlocks + uint64_t(header_.block_count) * sizeof(format::PositionBlock);
  names_ = sources_ + uint64_t(header_.source_count) * sizeof(format::PositionSource);
  sections_ = names_ + (uint64_t(header_.name_count) + 1) * sizeof(uint32_t);
  uint64_t end = sections_ + uint64_t(header_.section_count) * sizeof(format::PositionSection);
  uint64_t entries = uint64_t(header_.block_count) * format::kBlockEntries;
  if (end > bytes.size() || header_.entry_count > entries ||
      entries - header_.entry_count >= format::kBlockEntries)
    header_ = {};
}

std::string_view PositionTable::Bytes(uint64_t offset, uint64_t size) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset) return {};
  return bytes_.substr(offset, size);
}

format::PositionBlock PositionTable::Block(uint32_t number) const {
  return Load<format::PositionBlock>(kBlocks + uint64_t(number) * sizeof(format::PositionBlock));
}

std::optional<PositionTable::Entry> PositionTable::Find(double line, double column) const {
  // Comparing integers is faster, and positions of frames are integers.
  if (line >= 0 && line <= INT32_MAX && column >= 0 && column <= INT32_MAX &&
      line == int32_t(line) && column == int32_t(column))
    return FindFrom(int32_t(line), int32_t(column));
  return FindFrom(line, column);
}

template <class Number>
std::optional<PositionTable::Entry> PositionTable::FindFrom(Number line, Number column) const {
  uint32_t first = 0, count = header_.block_count;
  while (count > 1) {
    uint32_t step = count / 2;
    format::PositionBlock block = Block(first + step);
    if (IsBefore(line, column, int32_t(block.line), int32_t(block.column))) {
      count = step;
    } else {
      first += step;
      count -= step;
    }
  }
  if (count == 0) return std::nullopt;
  Entry found;
  bool any = false;
  Entries entries(*this, first);
  while (entries.Next() && !IsBefore(line, column, entries.entry().line, entries.entry().column)) {
    found = entries.entry();
    any = true;
  }
  if (!any) return std::nullopt;
  return found;
}

std::optional<format::PositionSource> PositionTable::Source(uint32_t number) const {
  if (number >= header_.source_count) return std::nullopt;
  return Load<format::PositionSource>(sources_ + uint64_t(number) * sizeof(format::PositionSource));
}

std::optional<std::string_view> PositionTable::Path(uint32_t number) const {
  std::optional<format::PositionSource> source = Source(number);
  if (!source || source->path_size == format::kNoText) return std::nullopt;
  return Bytes(source->path_offset, source->path_size);
}

std::optional<std::string_view> PositionTable::Content(uint32_t number) const {
  std::optional<format::PositionSource> source = Source(number);
  if (!source || source->content_size == format::kNoText) return std::nullopt;
  return Bytes(source->content_offset, source->content_size);
}

std::optional<std::string_view> PositionTable::Name(uint32_t name) const {
  if (name >= header_.name_count) return std::nullopt;
  auto begin = Load<uint32_t>(names_ + uint64_t(name) * sizeof(uint32_t));
  auto end = Load<uint32_t>(names_ + (uint64_t(name) + 1) * sizeof(uint32_t));
  return Bytes(begin, uint64_t(std::max(begin, end)) - begin);
}

format::PositionSection PositionTable::Section(uint32_t number) const {
  return Load<format::PositionSection>(sections_ +
                                       uint64_t(number) * sizeof(format::PositionSection));
}

uint64_t PositionTable::LineCount() const {
  uint64_t count = 0;
  for (uint32_t i = 0; i < header_.section_count; i++) count += Section(i).line_count;
  return count;
}

// All entries in their order.
class PositionTable::Walk {
 public:
  explicit Walk(const PositionTable& table) : table_(table) { Advance(); }

  // Null at the end. Valid until Advance().
  const Entry* entry() const { return at_end_ ? nullptr : &entries_->entry(); }
  void Advance() {
    while (!entries_ || !entries_->Next()) {
      at_end_ = next_block_ >= table_.header_.block_count;
      if (at_end_) return;
      entries_.emplace(table_, next_block_++);
    }
  }

 private:
  const PositionTable& table_;
  uint32_t next_block_ = 0;
  std::optional<Entries> entries_;
  bool at_end_ = false;
};

// Appends the mappings of a section, whose first entry is that of `walk`.
void PositionTable::AppendMappings(uint32_t number, Walk& walk, std::string* out) const {
  format::PositionSection section = Section(number);
  std::optional<format::PositionSection> next;
  if (number + 1 < header_.section_count) next = Section(number + 1);
  // What the differences are to.
  int32_t line = int32_t(section.line), column = int32_t(section.column);
  uint32_t source = section.first_source, name = section.first_name;
  int32_t original_line = 0, original_column = 0;
  uint32_t lines = 1;
  bool is_first = true;  // in its line
  // The size of `out` behind the first number of the last entry, and behind the fourth.
  size_t size_1 = out->size(), size_4 = size_1;
  auto append = [&](auto& last, auto value) {
    AppendVlq(uint32_t(value) - uint32_t(last), out);
    last = value;
  };
  // An index that the map does not contain is written as one that is out of range.
  auto index = [](uint32_t value, uint32_t first, uint32_t count) {
    return value == format::kNoIndex ? first + count : value;
  };
  for (; const Entry* entry = walk.entry(); walk.Advance()) {
    if (next && !IsBefore(entry->line, entry->column, int32_t(next->line), int32_t(next->column)))
      break;
    for (; line < entry->line && lines < section.line_count; line++, lines++) {
      *out += ';';
      column = 0;
      is_first = true;
    }
    if (!is_first) *out += ',';
    is_first = false;
    append(column, entry->column);
    size_1 = size_4 = out->size();
    if (!entry->has_source) continue;
    append(source, index(entry->source, section.first_source, section.source_count));
    append(original_line, entry->original_line);
    append(original_column, entry->original_column);
    size_4 = out->size();
    if (entry->has_name) append(name, index(entry->name, section.first_name, section.name_count));
  }
  if (section.last_fields == 1) out->resize(size_1);
  if (section.last_fields == 4) out->resize(size_4);
  if (lines < section.line_count) out->append(section.line_count - lines, ';');
}

std::string PositionTable::Json() const {
  std::string out;
  uint32_t sections = 0;  // that have begun
  Walk walk(*this);
  format::PositionSection section = {};
  // Of `limit` texts `count` from `first`.
  auto list = [&](uint32_t first, uint32_t count, uint32_t limit, auto text_of) {
    uint32_t end = uint32_t(std::min<uint64_t>(uint64_t(first) + count, limit));
    out += '[';
    for (uint32_t i = first; i < end; i++) {
      if (i > first) out += ',';
      AppendText(text_of(i), &out);
    }
    out += ']';
  };
  for (char c : Bytes(header_.frame_offset, header_.frame_size)) {
    switch (c) {
      case format::kFrameSection:
        if (sections >= header_.section_count) return {};
        section = Section(sections++);
        break;
      case format::kFrameSources:
        list(section.first_source, section.source_count, header_.source_count,
             [&](uint32_t i) { return Path(i); });
        break;
      case format::kFrameContents:
        list(section.first_source, section.source_count, header_.source_count,
             [&](uint32_t i) { return Content(i); });
        break;
      case format::kFrameNames:
        list(section.first_name, section.name_count, header_.name_count,
             [&](uint32_t i) { return Name(i); });
        break;
      case format::kFrameMappings:
        if (sections == 0) return {};
        out += '"';
        AppendMappings(sections - 1, walk, &out);
        out += '"';
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace kiln::runtime
