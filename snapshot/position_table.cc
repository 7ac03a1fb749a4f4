// Mappings are decoded as Node's lib/internal/source_map/source_map.js does, sorted, and encoded in
// blocks of differences.
#include "snapshot/position_table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "snapshot/format/payload_format.h"
#include "support/json.h"
#include "support/result.h"

namespace kiln {
namespace {

struct Entry {
  int32_t line, column;
  bool has_source = false, has_name = false;
  uint32_t source = 0, name = 0;  // indices in the whole map, or kNoIndex
  int32_t original_line = 0, original_column = 0;
};

// Walks the text of "mappings". Node's decoder accepts every text: an unknown character is the digit
// 0, and the end of the text is no separator, so that the last entry always has five numbers.
class MappingsReader {
 public:
  explicit MappingsReader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ >= text_.size(); }
  bool Is(char c) const { return !AtEnd() && text_[at_] == c; }
  bool AtSeparator() const { return Is(',') || Is(';'); }
  void Skip() { ++at_; }

  int32_t Number() {
    int64_t sum = 0;
    int digit;
    int shift = 0;
    do {
      digit = AtEnd() ? 0 : kDigits[uint8_t(text_[at_])];
      ++at_;
      sum += int32_t(uint32_t(digit & 31) << (shift & 31));
      shift += 5;
    } while (digit & 32);
    uint32_t value = uint32_t(sum) >> 1;
    return sum & 1 ? int32_t(-value | 0x80000000u) : int32_t(value);
  }

 private:
  static constexpr std::array<uint8_t, 256> kDigits = [] {
    constexpr std::string_view kText =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<uint8_t, 256> table{};
    for (size_t i = 0; i < kText.size(); ++i) table[uint8_t(kText[i])] = uint8_t(i);
    return table;
  }();

  std::string_view text_;
  size_t at_ = 0;
};

class Encoder {
 public:
  std::string Run(const Json& map) {
    if (map["sections"].is_array()) {
      AddIndexMap(map);
    } else if (map["mappings"].is_string()) {
      AddMap(map, 0, 0);
    } else {
      return {};
    }
    auto before = [](const Entry& a, const Entry& b) {
      return a.line != b.line ? a.line < b.line : a.column < b.column;
    };
    if (!std::ranges::is_sorted(entries_, before)) {
      std::ranges::stable_sort(entries_, before);
      for (format::PositionSection& section : sections_) section.last_fields = 5;
    }
    return Write();
  }

 private:
  // The frame of an object: `value` appends that of a member whose value the table contains.
  template <class AppendValue>
  void AddFrame(const Json& object, AppendValue append_value) {
    frame_ += '{';
    bool first = true;
    for (const auto& [key, value] : object.members()) {
      if (!first) frame_ += ',';
      first = false;
      frame_ += QuoteJson(key) + ":";
      if (!append_value(key, value)) frame_ += value.Write();
    }
    frame_ += '}';
  }

  // 0 for what is no number; limited to the range of the type.
  static int32_t Integer(const Json& value) {
    return int32_t(std::clamp<double>(value.AsNumber(), INT32_MIN, INT32_MAX));
  }

  void AddIndexMap(const Json& map) {
    AddFrame(map, [&](const std::string& key, const Json& value) {
      if (key != "sections") return false;
      frame_ += '[';
      for (const Json& section : value.items()) {
        if (&section != value.items().data()) frame_ += ',';
        const Json& offset = section["offset"];
        int32_t line = Integer(offset["line"]);
        int32_t column = Integer(offset["column"]);
        AddFrame(section, [&](const std::string& name, const Json& member) {
          if (name != "map" || !member.is_object()) return false;
          AddMap(member, line, column);
          return true;
        });
      }
      frame_ += ']';
      return true;
    });
  }

  void AddMap(const Json& map, int32_t line, int32_t column) {
    format::PositionSection section = {};
    section.line = uint32_t(line);
    section.column = uint32_t(column);
    section.first_source = uint32_t(sources_.size());
    section.source_count = uint32_t(map["sources"].items().size());
    section.first_name = uint32_t(names_.size());
    section.name_count = uint32_t(map["names"].items().size());
    const Json& contents = map["sourcesContent"];
    for (size_t i = 0; i < section.source_count; ++i)
      sources_.push_back({&map["sources"][i], &contents[i]});
    for (const Json& name : map["names"].items()) names_.push_back(name.AsString());
    AddEntries(map["mappings"].AsString(), section);
    sections_.push_back(section);

    frame_ += format::kFrameSection;
    AddFrame(map, [&](const std::string& key, const Json& value) {
      char marker = 0;
      if (key == "sources" && value.is_array()) marker = format::kFrameSources;
      // More or fewer texts than sources could not be restored.
      if (key == "sourcesContent" && value.items().size() == section.source_count)
        marker = format::kFrameContents;
      if (key == "names" && value.is_array()) marker = format::kFrameNames;
      if (key == "mappings" && value.is_string()) marker = format::kFrameMappings;
      if (marker != 0) frame_ += marker;
      return marker != 0;
    });
  }

  void AddEntries(std::string_view text, format::PositionSection& section) {
    MappingsReader in(text);
    section.line_count = uint32_t(std::ranges::count(text, ';')) + 1;
    Entry entry = {int32_t(section.line), int32_t(section.column)};
    int32_t source = 0, name = 0;
    while (true) {
      if (in.Is(',')) {
        in.Skip();
      } else {
        for (; in.Is(';'); in.Skip()) {
          entry.line++;
          entry.column = 0;
        }
        if (in.AtEnd()) break;
      }
      entry.column = Sum(entry.column, in.Number());
      entry.has_source = !in.AtSeparator();
      entry.has_name = false;
      section.last_fields = entry.has_source && !in.AtEnd() ? 4 : 1;
      if (entry.has_source) {
        source = Sum(source, in.Number());
        entry.source = Index(source, section.first_source, section.source_count);
        entry.original_line = Sum(entry.original_line, in.Number());
        entry.original_column = Sum(entry.original_column, in.Number());
        entry.has_name = !in.AtSeparator();
      }
      if (entry.has_name) {
        if (!in.AtEnd()) section.last_fields = 5;
        name = Sum(name, in.Number());
        entry.name = Index(name, section.first_name, section.name_count);
      }
      entries_.push_back(entry);
    }
  }

  static int32_t Sum(int32_t a, int32_t b) { return int32_t(uint32_t(a) + uint32_t(b)); }
  static uint32_t Index(int32_t local, uint32_t first, uint32_t count) {
    return local >= 0 && uint32_t(local) < count ? first + uint32_t(local) : format::kNoIndex;
  }

  std::string Write() {
    size_t block_count = (entries_.size() + format::kBlockEntries - 1) / format::kBlockEntries;
    size_t blocks = sizeof(format::PositionTableHeader);
    size_t sources = blocks + block_count * sizeof(format::PositionBlock);
    size_t names = sources + sources_.size() * sizeof(format::PositionSource);
    size_t sections = names + (names_.size() + 1) * sizeof(uint32_t);
    out_.resize(sections + sections_.size() * sizeof(format::PositionSection));
    for (size_t i = 0; i < sections_.size(); ++i)
      Store(sections + i * sizeof(format::PositionSection), sections_[i]);
    for (size_t i = 0; i < block_count; ++i)
      Store(blocks + i * sizeof(format::PositionBlock), WriteBlock(i * format::kBlockEntries));
    for (size_t i = 0; i < names_.size(); ++i) {
      Store(names + i * sizeof(uint32_t), uint32_t(out_.size()));
      out_ += names_[i];
    }
    Store(names + names_.size() * sizeof(uint32_t), uint32_t(out_.size()));
    format::PositionTableHeader header = {uint32_t(entries_.size()),  uint32_t(block_count),
                                          uint32_t(sources_.size()),  uint32_t(names_.size()),
                                          uint32_t(sections_.size()), uint32_t(out_.size()),
                                          uint32_t(frame_.size())};
    Store(0, header);
    out_ += frame_;
    // The texts of sources are last, since they are large and seldom read.
    std::vector<format::PositionSource> rows(sources_.size());
    for (size_t i = 0; i < rows.size(); ++i)
      AppendText(*sources_[i].path, rows[i].path_offset, rows[i].path_size);
    for (size_t i = 0; i < rows.size(); ++i) {
      AppendText(*sources_[i].content, rows[i].content_offset, rows[i].content_size);
      Store(sources + i * sizeof(format::PositionSource), rows[i]);
    }
    return std::move(out_);
  }

  void AppendText(const Json& text, uint32_t& offset, uint32_t& size) {
    offset = uint32_t(out_.size());
    size = text.is_string() ? uint32_t(text.AsString().size()) : format::kNoText;
    out_ += text.AsString();
  }

  format::PositionBlock WriteBlock(size_t first) {
    size_t end = std::min(first + format::kBlockEntries, entries_.size());
    Entry last = {entries_[first].line, entries_[first].column};
    format::PositionBlock block = {uint32_t(last.line), uint32_t(last.column),
                                   uint32_t(out_.size())};
    for (size_t i = first; i < end; ++i) {
      const Entry& entry = entries_[i];
      uint8_t flags = entry.has_source ? format::kHasSource : 0;
      uint32_t columns = uint32_t(entry.column) - uint32_t(last.column);
      if (entry.line != last.line)
        flags |= format::kNewLine;
      else if (columns > 0 && columns < 8)
        flags |= uint8_t(columns << format::kColumnShift);
      if (entry.has_source && entry.source != last.source) flags |= format::kNewSource;
      if (entry.has_source && entry.original_line != last.original_line)
        flags |= format::kNewOriginalLine;
      if (entry.has_name) flags |= format::kHasName;

      out_ += char(flags);
      if (flags & format::kNewLine) {
        Unsigned(uint32_t(entry.line) - uint32_t(last.line));
        Signed(uint32_t(entry.column));
      } else if (flags >> format::kColumnShift == 0) {
        Unsigned(columns);
      }
      last.line = entry.line;
      last.column = entry.column;
      if (!entry.has_source) continue;
      if (flags & format::kNewSource) Signed(entry.source - last.source);
      if (flags & format::kNewOriginalLine)
        Signed(uint32_t(entry.original_line) - uint32_t(last.original_line));
      Signed(uint32_t(entry.original_column) - uint32_t(last.original_column));
      last.source = entry.source;
      last.original_line = entry.original_line;
      last.original_column = entry.original_column;
      if (!entry.has_name) continue;
      Signed(entry.name - last.name);
      last.name = entry.name;
    }
    return block;
  }

  void Unsigned(uint32_t value) {
    for (; value > 127; value >>= 7) out_ += char(value | 128);
    out_ += char(value);
  }
  void Signed(uint32_t value) { Unsigned(value << 1 ^ (value >> 31 ? 0xFFFFFFFF : 0)); }

  template <class T>
  void Store(size_t offset, const T& value) {
    std::memcpy(out_.data() + offset, &value, sizeof value);
  }

  struct Source {
    const Json* path;
    const Json* content;
  };
  std::vector<Entry> entries_;
  std::vector<Source> sources_;
  std::vector<std::string> names_;
  std::vector<format::PositionSection> sections_;
  std::string frame_;
  std::string out_;
};

}  // namespace

std::string EncodePositionTable(std::string_view source_map) {
  auto json = Json::Parse(source_map);
  if (!json.ok()) return {};
  return Encoder().Run(*json);
}

}  // namespace kiln
