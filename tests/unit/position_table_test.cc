// Position tables against a straightforward decoding of the same maps, as Node's SourceMap does it:
// the encoder (snapshot/position_table.h) and the runtime's reader.
#include "runtime-stub/payload/position_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "snapshot/position_table.h"
#include "support/json.h"
#include "support/result.h"
#include "tests/fuzz/read_position_table.h"

namespace kiln::runtime {
namespace {

struct Mapping {
  double line, column;
  std::optional<std::string> source;
  bool has_source = false;
  int original_line = 0, original_column = 0;
  std::optional<std::string> name;
};

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string Vlq(int value) {
  uint32_t rest = value < 0 ? uint32_t(-value) * 2 + 1 : uint32_t(value) * 2;
  std::string text;
  do {
    text += kDigits[rest % 32 + (rest > 31 ? 32 : 0)];
    rest /= 32;
  } while (rest > 0);
  return text;
}

// Transcribes SourceMap's parser: a text is split at separators, and the last segment, behind which
// there is none, always has five numbers.
void Decode(const Json& map, int line, int column, std::vector<Mapping>& out) {
  std::string text = map["mappings"].AsString();
  size_t at = 0;
  int source = 0, original_line = 0, original_column = 0, name = 0;
  auto number = [&] {
    int value = 0, digit, shift = 0;
    do {
      size_t known = at < text.size() ? kDigits.find(text[at]) : 0;
      digit = known < kDigits.size() ? int(known) : 0;
      at++;
      value += (digit & 31) << shift;
      shift += 5;
    } while (digit & 32);
    return value & 1 ? -(value >> 1) : value >> 1;
  };
  auto separator = [&] { return at < text.size() && (text[at] == ',' || text[at] == ';'); };
  auto string_at = [](const Json& list, int i) -> std::optional<std::string> {
    if (i < 0 || size_t(i) >= list.items().size() || !list[size_t(i)].is_string()) return {};
    return list[size_t(i)].AsString();
  };
  while (true) {
    if (at < text.size() && text[at] == ',') {
      at++;
    } else {
      for (; at < text.size() && text[at] == ';'; at++) line++, column = 0;
      if (at >= text.size()) return;
    }
    Mapping mapping = {double(line), double(column += number()), {}, false, 0, 0, {}};
    if (!separator()) {
      mapping.has_source = true;
      mapping.source = string_at(map["sources"], source += number());
      mapping.original_line = original_line += number();
      mapping.original_column = original_column += number();
      if (!separator()) mapping.name = string_at(map["names"], name += number());
    }
    out.push_back(mapping);
  }
}

std::vector<Mapping> DecodeAll(const Json& map) {
  std::vector<Mapping> out;
  if (map["sections"].is_array()) {
    for (const Json& section : map["sections"].items())
      Decode(section["map"], int(section["offset"]["line"].AsNumber()),
             int(section["offset"]["column"].AsNumber()), out);
  } else {
    Decode(map, 0, 0, out);
  }
  std::ranges::stable_sort(out, [](const Mapping& a, const Mapping& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  return out;
}

const Mapping* FindIn(const std::vector<Mapping>& all, double line, double column) {
  auto end = std::ranges::partition_point(all, [&](const Mapping& mapping) {
    return !(line < mapping.line || (line == mapping.line && column < mapping.column));
  });
  return end == all.begin() ? nullptr : &*(end - 1);
}

std::optional<std::string> Owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

void ExpectEqual(const PositionTable& table, const Mapping* expected, double line, double column) {
  std::optional<PositionTable::Entry> entry = table.Find(line, column);
  testing::Message where;
  where << line << ":" << column;
  ASSERT_EQ(entry.has_value(), expected != nullptr) << where;
  if (!expected) return;
  EXPECT_EQ(entry->line, expected->line) << where;
  EXPECT_EQ(entry->column, expected->column) << where;
  ASSERT_EQ(entry->has_source, expected->has_source) << where;
  if (!expected->has_source) return;
  EXPECT_EQ(Owned(table.Path(entry->source)), expected->source) << where;
  EXPECT_EQ(entry->original_line, expected->original_line) << where;
  EXPECT_EQ(entry->original_column, expected->original_column) << where;
  auto name = entry->has_name ? Owned(table.Name(entry->name)) : std::nullopt;
  EXPECT_EQ(name, expected->name) << where;
}

// Looks up every entry, the places around it, and some that are nowhere near. Returns the JSON that
// the table gives.
std::string Check(const std::string& text) {
  auto json = Json::Parse(text);
  EXPECT_TRUE(json.ok()) << text;
  if (!json.ok()) return {};
  ExactCopy copy(EncodePositionTable(text));
  PositionTable table(copy.text());
  std::vector<Mapping> all = DecodeAll(*json);
  EXPECT_EQ(table.entry_count(), all.size()) << text;
  for (size_t i = 0; i < all.size(); ++i) {
    for (int line : {-1, 0, 1})
      for (int column : {-1, 0, 1})
        ExpectEqual(table, FindIn(all, all[i].line + line, all[i].column + column),
                    all[i].line + line, all[i].column + column);
    if (i + 1 == all.size() || all[i].line != all[i + 1].line || all[i].column != all[i + 1].column)
      ExpectEqual(table, &all[i], all[i].line, all[i].column);
    if (testing::Test::HasFailure()) break;
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (double line : {-1.0, 0.0, 1.5, 1e9, kInfinity, double(NAN)})
    for (double column : {-1.0, 0.0, 0.5, 1e9, kInfinity, double(NAN)})
      ExpectEqual(table, FindIn(all, line, column), line, column);
  // What is read back is the same map.
  std::string again = table.Json();
  auto reread = Json::Parse(again);
  EXPECT_TRUE(reread.ok()) << again;
  if (reread.ok()) {
    std::vector<Mapping> restored = DecodeAll(*reread);
    EXPECT_EQ(restored.size(), all.size()) << again;
    for (size_t i = 0; i < std::min(all.size(), restored.size()); ++i) {
      EXPECT_EQ(restored[i].line, all[i].line) << i;
      EXPECT_EQ(restored[i].column, all[i].column) << i;
      EXPECT_EQ(restored[i].source, all[i].source) << i;
      EXPECT_EQ(restored[i].original_line, all[i].original_line) << i;
      EXPECT_EQ(restored[i].original_column, all[i].original_column) << i;
      EXPECT_EQ(restored[i].name, all[i].name) << i;
    }
  }
  return again;
}

std::string Map(const std::string& mappings) {
  return R"({"version":3,"sources":["a.ts","dir/b.ts"],"sourcesContent":["let a\n",null],)"
         R"("mappings":")" +
         mappings + R"(","names":["x","ÿ \"quoted\""]})";
}

TEST(PositionTable, GivesBackTheTextOfAMap) {
  for (const char* mappings :
       {"", "A", "AAAA", "AAAAA", ";", ";;;", ";;AAAA;;", "AAAA,IAAI;AACA", "A,CAAC,E;A;;CAAAA",
        "AAAAA,KCAAC;ADAAD,A", "AAAA,EAAE;;;;EACF;;", "AAAA,AAAA,AACA"})
    EXPECT_EQ(Check(Map(mappings)), Map(mappings));
}

TEST(PositionTable, ReadsMalformedMapsAsNodeDoes) {
  for (const char* mappings :
       {",", ",,", ";,", "AAAA,", "AA", "AAA", "AA,AAAA", "AAAA;;,;", "AAEAA", "AEAAA,AAAA",
        "EAAA,FAAA,CAAA;AAAA", "AAAAE", "AAAAF,AAAAC", "?AAA"})
    Check(Map(mappings));
}

TEST(PositionTable, HasPlacesOfMoreThan16Bits) {
  std::string mappings;
  for (int i = 0; i < 200; ++i)
    mappings += (i ? "," : "") + Vlq(70000 + i) + Vlq(0) + Vlq(i % 3 * 40000) + Vlq(i % 2 ? -i : i);
  EXPECT_EQ(Check(Map(mappings)), Map(mappings));
}

// Random canonical mappings; `lines` of them.
std::string Random(std::mt19937& random, int lines, int sources, int names) {
  auto below = [&](int limit) { return int(random() % uint32_t(limit)); };
  std::string text;
  int source = 0, line = 0, column = 0, name = 0;
  for (int i = 0; i < lines; ++i) {
    if (i > 0) text += ';';
    int count = below(3) ? below(12) : 0;
    for (int k = 0; k < count; ++k) {
      if (k > 0) text += ',';
      text += Vlq(k == 0 ? below(40) : below(4) ? 1 + below(9) : below(100000));
      if (below(8) == 0) continue;
      int new_source = below(5) ? source : below(sources);
      int new_line = below(3) ? line : below(5000), new_column = below(2) ? column + 1 : below(300);
      text += Vlq(new_source - source) + Vlq(new_line - line) + Vlq(new_column - column);
      source = new_source, line = new_line, column = new_column;
      if (below(4) != 0) continue;
      int new_name = below(names);
      text += Vlq(new_name - name);
      name = new_name;
    }
  }
  return text;
}

TEST(PositionTable, AgreesOnRandomMaps) {
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    std::string text = Map(Random(random, int(random() % 60), 2, 2));
    EXPECT_EQ(Check(text), text) << round;
    if (HasFailure()) return;
  }
}

TEST(PositionTable, AgreesOnIndexMaps) {
  std::mt19937 random(2);
  for (int round = 0; round < 20; ++round) {
    std::string text = R"({"version":3,"sections":[)";
    int line = 0;
    for (int i = 0; i < 12; ++i) {
      int lines = int(random() % 20);
      text += (i ? "," : "") + std::string(R"({"offset":{"line":)") + std::to_string(line) +
              R"(,"column":0},"map":)" + Map(Random(random, lines, 2, 2)) + "}";
      line += lines + int(random() % 3) + 1;
    }
    text += "]}";
    EXPECT_EQ(Check(text), text) << round;
    if (HasFailure()) return;
  }
  std::string offset = R"({"version":3,"sections":[{"offset":{"line":2,"column":7},"map":)" +
                       Map("AAAA,EAAE;AACA") + R"(},{"offset":{"line":3,"column":40},"map":)" +
                       Map("AAAAA,ECAE") + "}]}";
  EXPECT_EQ(Check(offset), offset);
  Check(R"({"version":3,"sections":[]})");
}

TEST(PositionTable, KeepsOtherMembers) {
  std::string text =
      R"({"version":3,"file":"a.js","sourceRoot":"","x_more":[1,{"a":null}],"sources":[null,"ä"],)"
      R"("names":[],"mappings":"AAAA,CCAA"})";
  EXPECT_EQ(Check(text), text);
}

TEST(PositionTable, IsSmallerThanTheJson) {
  std::mt19937 random(3);
  std::string text = Map(Random(random, 2000, 2, 2));
  EXPECT_LT(EncodePositionTable(text).size(), text.size());
}

TEST(PositionTable, IsNotMadeOfOtherText) {
  for (const char* text : {"", "{}", "[]", "null", "{\"mappings\":1}", "{\"version\":3,", "AAAA"})
    EXPECT_EQ(EncodePositionTable(text), "") << text;
  PositionTable none{std::string_view()};
  EXPECT_FALSE(none.Find(0, 0).has_value());
  EXPECT_EQ(none.Json(), "");
}

TEST(PositionTable, DamageDoesNotLeadOutside) {
  std::mt19937 random(4);
  std::string table = EncodePositionTable(Map(Random(random, 30, 2, 2)));
  for (size_t size = 0; size < table.size(); ++size) ReadPositionTable(table.substr(0, size));
  for (size_t at = 0; at < table.size(); ++at) {
    for (int value : {0, 1, 0x7f, 0x80, 0xff}) {
      std::string broken = table;
      broken[at] = char(value);
      ReadPositionTable(broken);
    }
    std::string broken = table;
    for (size_t i = at; i < std::min(at + 4, broken.size()); ++i) broken[i] = '\xff';
    ReadPositionTable(broken);
  }
}

}  // namespace
}  // namespace kiln::runtime
