// Places in generated text, found again in the original.
#include "bundler/source_map.h"

#include <gtest/gtest.h>

#include "support/json.h"
#include "support/result.h"

namespace kiln {
namespace {

// Two lines: columns 0 and 4 of the first come from 3:2 and 3:8, the second line's column 0
// from 7:1.
constexpr char kMap[] =
    R"({"version":3,"sources":["a.ts"],"names":["x"],"mappings":"AAEC,IAAMA;AAIP"})";

TEST(SourceMapTest, WalksEntries) {
  Mappings mappings("AAEC,IAAMA;AAIP;A");
  std::vector<Mappings::Entry> line;
  mappings.NextLine(line);
  ASSERT_EQ(line.size(), 2u);
  EXPECT_EQ(line[0].name, -1);
  EXPECT_EQ(line[1].column, 4);
  EXPECT_EQ(line[1].original_line, 2);
  EXPECT_EQ(line[1].original_column, 7);
  EXPECT_EQ(line[1].name, 0);
  mappings.NextLine(line);
  ASSERT_EQ(line.size(), 1u);
  EXPECT_EQ(line[0].original_line, 6);
  mappings.NextLine(line);
  ASSERT_EQ(line.size(), 1u);
  EXPECT_EQ(line[0].source, -1);
  mappings.NextLine(line);
  EXPECT_TRUE(line.empty());
}

TEST(SourceMapTest, OriginalPosition) {
  auto at = [](int line, int column) {
    auto found = OriginalPosition(kMap, {line, column});
    return found ? std::to_string(found->line) + ":" + std::to_string(found->column) : "";
  };
  EXPECT_EQ(at(1, 1), "3:2");
  EXPECT_EQ(at(1, 4), "3:2");
  EXPECT_EQ(at(1, 5), "3:8");
  EXPECT_EQ(at(1, 90), "3:8");
  EXPECT_EQ(at(2, 1), "7:1");
  EXPECT_EQ(at(3, 1), "");
  EXPECT_FALSE(OriginalPosition("", {1, 1}));
}

TEST(SourceMap, ChangesEntries) {
  std::string map =
      R"({"version":3,"sources":["a","b"],"mappings":"AAAA,IAAIA,ECCJ;;EDAA,gBCAAC;A","names":["x","y"]})";
  auto nothing = [](size_t, std::vector<Mappings::Entry>&) {};
  EXPECT_EQ(Json::Parse(ChangeMap(map, nothing))->Write(), Json::Parse(map)->Write());
  std::string moved = ChangeMap(map, [](size_t line, std::vector<Mappings::Entry>& entries) {
    if (line == 0) entries.erase(entries.begin());
    for (Mappings::Entry& entry : entries) entry.original_column += 100;
  });
  EXPECT_EQ(OriginalPosition(moved, {1, 5})->column, 105);
  EXPECT_FALSE(OriginalPosition(moved, {1, 1}));
  EXPECT_EQ(ChangeMap("no map", nothing), "no map");
}

}  // namespace
}  // namespace kiln
