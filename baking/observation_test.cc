// The record of an observed process: each kind of line, escapes, and records that are refused.
#include "baking/observation.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Observation, HasReports) {
  auto read = ParseObservation(
      "read\tfs.open\t/etc/passwd\t2\t/kiln/a.js\t7\t3\n"
      "act\tprocess.nextTick()\t\t0\tfile:///kiln/b.mjs\t12\t1\n"
      "read\tDate.now()\t\t-1\t\t0\t0\n",
      3);
  ASSERT_TRUE(read.ok()) << read.error().text;
  ASSERT_EQ(read->reports.size(), 3u);
  const Report& first = read->reports[0];
  EXPECT_FALSE(first.act);
  EXPECT_EQ(first.name, "fs.open");
  EXPECT_EQ(first.detail, "/etc/passwd");
  EXPECT_EQ(first.module, 2);
  EXPECT_EQ(first.place.script, "/kiln/a.js");
  EXPECT_EQ(first.place.line, 7);
  EXPECT_EQ(first.place.column, 3);
  EXPECT_TRUE(read->reports[1].act);
  EXPECT_EQ(read->reports[1].detail, "");
  EXPECT_EQ(read->reports[2].module, -1);
  EXPECT_EQ(read->reports[2].place.script, "");
}

TEST(Observation, UndoesEscapes) {
  auto read = ParseObservation(
      "read\tprocess.env\tA\\tB\\nC\\\\tD\t0\t/kiln/a\\tb.js\t1\t1\n"
      "read\tprocess.env\tends in \\\\\t0\t/kiln/a.js\t1\t1\n",
      1);
  ASSERT_TRUE(read.ok()) << read.error().text;
  EXPECT_EQ(read->reports[0].detail, "A\tB\nC\\tD");
  EXPECT_EQ(read->reports[0].place.script, "/kiln/a\tb.js");
  EXPECT_EQ(read->reports[1].detail, "ends in \\");
}

TEST(Observation, NestsEvaluations) {
  auto read = ParseObservation(
      "enter\t0\t0\n"
      "enter\t2\t0\nleave\t2\t0\n"
      "enter\t1\t0\nenter\t3\t0\nleave\t3\t1\nleave\t1\t0\n"
      "leave\t0\t0\n"
      "enter\t4\t0\nleave\t4\t0\n",
      5);
  ASSERT_TRUE(read.ok()) << read.error().text;
  const auto& evaluations = read->evaluations;
  ASSERT_EQ(evaluations.size(), 2u);
  EXPECT_EQ(evaluations[0].module, 0);
  EXPECT_EQ(evaluations[1].module, 4);
  ASSERT_EQ(evaluations[0].loaded.size(), 2u);
  EXPECT_EQ(evaluations[0].loaded[0].module, 2);
  EXPECT_FALSE(evaluations[0].loaded[0].threw);
  ASSERT_EQ(evaluations[0].loaded[1].loaded.size(), 1u);
  EXPECT_EQ(evaluations[0].loaded[1].loaded[0].module, 3);
  EXPECT_TRUE(evaluations[0].loaded[1].loaded[0].threw);
}

// A module whose evaluation did not end must not count as one that was evaluated without an error.
TEST(Observation, AnEvaluationWithoutEndHasThrown) {
  auto read = ParseObservation("enter\t0\t0\nenter\t1\t0\nenter\t2\t0\nleave\t2\t0\n", 3);
  ASSERT_TRUE(read.ok()) << read.error().text;
  const Evaluation& entry = read->evaluations[0];
  EXPECT_TRUE(entry.threw);
  EXPECT_TRUE(entry.loaded[0].threw);
  EXPECT_FALSE(entry.loaded[0].loaded[0].threw);
}

TEST(Observation, HasLoadsAndAwaits) {
  auto read = ParseObservation("requires\t0\t1\nrequires\t-1\t0\nawaits\t1\n", 2);
  ASSERT_TRUE(read.ok()) << read.error().text;
  EXPECT_EQ(read->requires_, (std::vector<std::pair<int, int>>{{0, 1}, {-1, 0}}));
  EXPECT_EQ(read->loads, (std::set<std::pair<int, int>>{{-1, 0}, {-1, 1}}));
  EXPECT_EQ(read->awaits, std::vector<int>{1});
  EXPECT_TRUE(ParseObservation("", 0).ok());
}

TEST(Observation, UsesOfModulesThatAreNotEvaluated) {
  auto read = ParseObservation(
      "shape\t1\t2\nuses\t0\t1\t/kiln/a.js\t3\t5\nkeeps\t1\t0\t\t0\t0\nloads\t1\t0\t\t0\t0\n", 2);
  ASSERT_TRUE(read.ok()) << read.error().text;
  EXPECT_EQ(read->shapes, (std::map<int, int>{{1, 2}}));
  ASSERT_EQ(read->touches.size(), 3u);
  EXPECT_EQ(read->touches[0].kind, Touch::Kind::kUses);
  EXPECT_EQ(read->touches[0].module, 0);
  EXPECT_EQ(read->touches[0].other, 1);
  EXPECT_EQ(read->touches[0].place.script, "/kiln/a.js");
  EXPECT_EQ(read->touches[0].place.line, 3);
  EXPECT_EQ(read->touches[1].kind, Touch::Kind::kKeeps);
  EXPECT_EQ(read->touches[2].kind, Touch::Kind::kLoads);
}

TEST(Observation, CutOffRecordsAreErrors) {
  const std::string record = "enter\t0\t0\nread\ta\tb\t0\t/kiln/a.js\t1\t2\nleave\t0\t0\n";
  ASSERT_TRUE(ParseObservation(record, 1).ok());
  for (size_t size = 1; size < record.size(); ++size)
    if (record[size - 1] != '\n')
      EXPECT_FALSE(ParseObservation(record.substr(0, size), 1).ok()) << size;
}

TEST(Observation, WrongLinesAreErrors) {
  for (const char* line : {
           "",
           "write\t0",
           "enter",
           "enter\tx",
           "enter\t0\t0\t0",
           "enter\t-1\t0",
           "enter\t1\t0",  // there is one module
           "leave\t0\t0",
           "enter\t0\t0\nleave\t0",
           "enter\t0\t0\nleave\t0\t2",
           "enter\t0\t0\nleave\t-1\t0",
           "requires\t0",
           "requires\t0\t1",
           "requires\t0\t-1",
           "requires\t-2\t0",
           "awaits",
           "awaits\t1",
           "awaits\t-1",
           "read\tname\tdetail\t0\t/kiln/a.js\t1",
           "read\tname\tdetail\t0\t/kiln/a.js\t1\t2\t3",
           "read\tname\tdetail\t1\t/kiln/a.js\t1\t2",
           "read\tname\tdetail\t-2\t/kiln/a.js\t1\t2",
           "read\tname\tdetail\t0\t/kiln/a.js\tone\t2",
           "read\tname\tdetail\t0\t/kiln/a.js\t1\t2 ",
           "act\tname",
           "shape\t0",
           "shape\t-2\t1",
           "uses\t0\t0\t/kiln/a.js\t1",
           "uses\t-1\t0\t/kiln/a.js\t1\t1",
           "keeps\t0\t1\t\t0\t0",
       }) {
    auto read = ParseObservation(std::string(line) + "\n", 1);
    EXPECT_FALSE(read.ok()) << line;
  }
  EXPECT_EQ(ParseObservation("enter\t7\t0\n", 1).error().text,
            "The record of the observation has an unknown line: enter\t7\t0");
}

}  // namespace
}  // namespace kiln
