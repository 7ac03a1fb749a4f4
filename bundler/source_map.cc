// Numbers are base64 digits of five bits and a continuation bit, the lowest bit of the
// whole being the sign; each is the difference to the one before it.
#include "bundler/source_map.h"

#include <algorithm>
#include <array>

#include "support/json.h"
#include "support/result.h"

namespace kiln {
namespace {

constexpr char kText[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<int8_t, 128> kDigits = [] {
  std::array<int8_t, 128> table{};
  for (auto& value : table) value = -1;
  for (int i = 0; i < 64; ++i) table[size_t(kText[i])] = int8_t(i);
  return table;
}();

// The difference of two numbers, which wraps around.
void AppendDifference(std::string& out, int number, int last) {
  int difference = int(uint32_t(number) - uint32_t(last));
  uint64_t value =
      difference < 0 ? uint64_t(-int64_t(difference)) << 1 | 1 : uint64_t(difference) << 1;
  do {
    out += kText[(value & 31) | (value > 31 ? 32 : 0)];
    value >>= 5;
  } while (value > 0);
}

}  // namespace

void Mappings::NextLine(std::vector<Entry>& line) {
  line.clear();
  int column = 0;
  while (at_ < text_.size() && text_[at_] != ';') {
    if (text_[at_] == ',') {
      ++at_;
      continue;
    }
    Entry entry;
    entry.column = Add(column);
    if (More()) {
      entry.source = Add(source_);
      entry.original_line = Add(original_line_);
      entry.original_column = Add(original_column_);
      if (More()) entry.name = Add(name_);
    }
    line.push_back(entry);
  }
  ++at_;
}

// Adds the next number to `sum`, which wraps around, and returns it.
int Mappings::Add(int& sum) { return sum = int(uint32_t(sum) + uint32_t(Number())); }

int Mappings::Number() {
  int64_t value = 0;
  for (int shift = 0; at_ < text_.size() && shift < 40; shift += 5) {
    int digit = kDigits[size_t(text_[at_++]) & 127];
    if (digit < 0) break;
    value |= int64_t(digit & 31) << shift;
    if (!(digit & 32)) break;
  }
  return int(value & 1 ? -(value >> 1) : value >> 1);
}

std::optional<LineColumn> OriginalPosition(const std::string& map, LineColumn generated) {
  auto json = Json::Parse(map);
  if (!json.ok()) return {};
  Mappings mappings((*json)["mappings"].AsString());
  std::vector<Mappings::Entry> entries;
  for (int line = 0; line < generated.line; ++line) mappings.NextLine(entries);
  // The last entry at or before the place.
  const Mappings::Entry* found = nullptr;
  for (const Mappings::Entry& entry : entries)
    if (entry.source >= 0 && entry.column < generated.column) found = &entry;
  if (!found) return {};
  return LineColumn{found->original_line + 1, found->original_column + 1};
}

std::string ChangeMap(const std::string& map,
                      const std::function<void(size_t, std::vector<Mappings::Entry>&)>& change) {
  auto json = Json::Parse(map);
  if (!json.ok() || !json->is_object()) return map;
  std::string before = (*json)["mappings"].AsString();
  size_t lines = size_t(std::ranges::count(before, ';')) + 1;
  Mappings mappings(before);
  std::vector<Mappings::Entry> entries;
  std::string after;
  Mappings::Entry last{.source = 0, .name = 0};
  for (size_t line = 0; line < lines; ++line) {
    if (line > 0) after += ';';
    mappings.NextLine(entries);
    change(line, entries);
    last.column = 0;
    for (const Mappings::Entry& entry : entries) {
      if (&entry != entries.data()) after += ',';
      AppendDifference(after, entry.column, last.column);
      last.column = entry.column;
      if (entry.source < 0) continue;
      AppendDifference(after, entry.source, last.source);
      AppendDifference(after, entry.original_line, last.original_line);
      AppendDifference(after, entry.original_column, last.original_column);
      last.source = entry.source;
      last.original_line = entry.original_line;
      last.original_column = entry.original_column;
      if (entry.name < 0) continue;
      AppendDifference(after, entry.name, last.name);
      last.name = entry.name;
    }
  }
  json->Set("mappings", std::move(after));
  return json->Write();
}

std::string WithoutItsMap(std::string code) {
  if (code.find("sourceMappingURL=") != std::string::npos)
    code += "\n//# sourceMappingURL=kiln:none\n";
  return code;
}

}  // namespace kiln
