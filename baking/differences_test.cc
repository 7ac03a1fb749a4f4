#include "baking/differences.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

std::vector<ModuleFacts> Facts(int count) {
  std::vector<ModuleFacts> facts;
  for (int i = 0; i < count; ++i) facts.push_back({.path = "/kiln/" + std::to_string(i) + ".js"});
  return facts;
}

Observation Parse(std::string_view record) {
  auto observation = ParseObservation(record, 10);
  EXPECT_TRUE(observation.ok());
  return std::move(observation).value();
}

// 0 is the entry, a CommonJS module that loads 1, then 2 (which loads 1 too), then 3 (which loads 4,
// which loads 1).
constexpr std::string_view kCommonJs =
    "enter\t0\t0\n"
    "requires\t0\t1\nenter\t1\t0\nleave\t1\t0\n"
    "requires\t0\t2\nenter\t2\t0\nrequires\t2\t1\nleave\t2\t0\n"
    "requires\t0\t3\nenter\t3\t0\nrequires\t3\t4\nenter\t4\t0\nrequires\t4\t1\nleave\t4\t0\n"
    "leave\t3\t0\n"
    "leave\t0\t0\n";
// The same, where 0 is an ES module and imports them.
constexpr std::string_view kModules =
    "enter\t0\t1\n"
    "requires\t0\t1\nenter\t1\t1\nbody\t1\nleave\t1\t0\n"
    "requires\t0\t2\nenter\t2\t1\nrequires\t2\t1\nbody\t2\nleave\t2\t0\n"
    "requires\t0\t3\nenter\t3\t1\nrequires\t3\t4\nenter\t4\t1\nrequires\t4\t1\nbody\t4\nleave\t4\t0"
    "\n"
    "body\t3\nleave\t3\t0\n"
    "body\t0\nleave\t0\t0\n";

Verdicts Baking(std::set<int> baked, std::vector<int> order) {
  Verdicts verdicts;
  verdicts.baked = std::move(baked);
  verdicts.plan.order = std::move(order);
  verdicts.plan.baked.assign(verdicts.baked.begin(), verdicts.baked.end());
  return verdicts;
}

TEST(ObservationTest, ReadsTheStateOfTheHeap) {
  Observation observation = Parse(
      "heap\t1\taa\tbb\nbaked\n"
      "surface\t7\tglobalThis\ta\\tb\tcc\nheap\t-1\tdd\tee\nacted\t0\tff\nmodifies\t3\t1\n");
  EXPECT_EQ(observation.baked.modules.at(1), std::pair(std::string("aa"), std::string("bb")));
  EXPECT_EQ(observation.end.modules.size(), 1u);
  ASSERT_EQ(observation.end.surface.size(), 1u);
  EXPECT_EQ(NameOf(observation.end.surface[0]), "globalThis.a\tb");
  EXPECT_EQ(observation.end.surface[0].number, 7);
  EXPECT_EQ(observation.acts.at(0), "ff");
  EXPECT_EQ(observation.modifies, (std::vector<std::pair<int, int>>{{3, 1}}));
}

TEST(ObservationTest, AttributesChangesToTheInnermostEvaluation) {
  Observation observation =
      Parse("enter\t0\t0\nenter\t1\t0\nchanges\t5\nleave\t1\t0\nchanges\t6\nleave\t0\t0\n");
  EXPECT_EQ(observation.changes, (std::vector<std::pair<int, int>>{{1, 5}, {0, 6}}));
}

TEST(ObservationTest, RejectsWhatItDoesNotKnow) {
  for (const char* record : {"heap\t10\ta\tb\n", "heap\t1\ta\n", "surface\tx\ta\tb\tc\n",
                             "changes\n", "modifies\t1\t99\n", "enter\t1\n"})
    EXPECT_FALSE(ParseObservation(record, 10).ok()) << record;
}

TEST(EvaluationOrderTest, CodeOfCommonJsRunsBetweenWhatItLoads) {
  EvaluationOrder order(Parse(kCommonJs), {1, 2, 3, 4});
  EXPECT_EQ(order.modules(), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(order.IsBefore(1, 4));
  EXPECT_FALSE(order.IsBefore(4, 1));
  EXPECT_TRUE(order.RunsDeferredBetween(-1, 1));
  EXPECT_TRUE(order.RunsDeferredBetween(1, 2));
  EXPECT_FALSE(order.RunsDeferredBetween(3, 4));  // 0 does not run meanwhile
}

TEST(EvaluationOrderTest, CodeOfModulesRunsAfterWhatTheyImport) {
  EvaluationOrder order(Parse(kModules), {1, 2, 3, 4});
  EXPECT_FALSE(order.RunsDeferredBetween(-1, 3));
  EvaluationOrder with_deferred(Parse(kModules), {1, 3, 4});
  EXPECT_FALSE(with_deferred.RunsDeferredBetween(-1, 1));
  EXPECT_TRUE(with_deferred.RunsDeferredBetween(-1, 4));
  EXPECT_TRUE(with_deferred.RunsDeferredBetween(1, 4));
  EXPECT_FALSE(with_deferred.RunsDeferredBetween(3, 4));
}

TEST(WatchTest, ListsWhatDeferredCodeMayHaveRead) {
  Verdicts verdicts = Baking({1, 2, 3, 4}, {1, 2, 3});
  EXPECT_EQ(ModulesToWatch(Parse(kCommonJs), verdicts, Facts(10), false, verdicts.plan.order),
            (std::vector<std::pair<int, int>>{{2, 1}, {3, 1}}));
  EXPECT_TRUE(
      ModulesToWatch(Parse(kModules), verdicts, Facts(10), false, verdicts.plan.order).empty());
  Verdicts deferred = Baking({1, 3, 4}, {1, 3});
  EXPECT_EQ(ModulesToWatch(Parse(kModules), deferred, Facts(10), false, deferred.plan.order),
            (std::vector<std::pair<int, int>>{{3, 1}}));
}

TEST(WatchTest, WatchesWhatGlobalsLeadToAfterDeferredCode) {
  Observation observation = Parse(kModules);
  observation.end.surface = {{.number = 1, .name = "globalThis", .key = "list", .hash = "a"}};
  Verdicts verdicts = Baking({1, 3, 4}, {1, 3});
  EXPECT_EQ(ModulesToWatch(observation, verdicts, Facts(10), false, verdicts.plan.order),
            (std::vector<std::pair<int, int>>{{3, -1}, {3, 1}}));
  observation.modifies = {{1, -1}, {4, -1}};
  std::map<int, Deferral> refused;
  EXPECT_TRUE(RefuseWhatChangesTooEarly(observation, verdicts, {}, Facts(10), refused));
  ASSERT_EQ(refused.size(), 1u);  // 1 is before
  EXPECT_EQ(refused.at(4).text, "changes an object that a global object leads to");
}

TEST(WatchTest, WaitingModulesMustNotChangeOthers) {
  Verdicts verdicts = Baking({1, 3, 4}, {1, 3});
  verdicts.waiting = {3};
  EXPECT_EQ(ModulesToWatch(Parse(kModules), verdicts, Facts(10), false, {3, 4}),
            (std::vector<std::pair<int, int>>{{3, 1}, {3, 4}, {4, 1}}));
  Observation watched = Parse(kModules);
  watched.modifies = {{3, 4}};
  std::map<int, Deferral> refused;
  EXPECT_TRUE(RefuseWhatChangesTooEarly(watched, verdicts, {}, Facts(10), refused));
  EXPECT_EQ(refused.at(3).text, "changes objects of /kiln/4.js");
}

TEST(WatchTest, RefusesWhatChangesModulesThatDeferredCodeMayHaveRead) {
  Observation watched = Parse(kCommonJs);
  watched.modifies = {{4, 1}, {4, 3}};
  std::map<int, Deferral> refused;
  EXPECT_TRUE(
      RefuseWhatChangesTooEarly(watched, Baking({1, 2, 3, 4}, {1, 2, 3}), {}, Facts(10), refused));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused.at(4).text, "changes objects of /kiln/1.js");
}

TEST(WatchTest, RefusesWhatChangesTheSurfaceAfterDeferredCode) {
  Observation watched = Parse(kModules);
  watched.changes = {{1, 5}, {4, 6}, {2, 6}};
  std::map<int, Deferral> refused;
  std::map<int, std::string> names = {{6, "globalThis.foo"}};
  EXPECT_TRUE(
      RefuseWhatChangesTooEarly(watched, Baking({1, 3, 4}, {1, 3}), names, Facts(10), refused));
  ASSERT_EQ(refused.size(), 1u);  // 1 is before, and 2 is deferred anyway
  EXPECT_EQ(refused.at(4).text, "changes globalThis.foo");
}

Observation WithHeap(std::map<int, std::pair<std::string, std::string>> modules) {
  Observation observation = Parse(kCommonJs);
  observation.end.modules = std::move(modules);
  return observation;
}

TEST(CompareTest, FirstListsModulesWhoseOwnObjectsDiffer) {
  Verdicts verdicts = Baking({1, 2, 3, 4}, {1, 2, 3});
  Observation one = WithHeap({{1, {"a", "a"}}, {2, {"b", "b"}}, {4, {"c", "c"}}});
  Observation other = WithHeap({{1, {"a", "x"}}, {2, {"x", "x"}}, {4, {"c", "c"}}});
  Differences found = CompareRuns(one, other, verdicts, {});
  EXPECT_EQ(found.modules, (std::vector<int>{2, 1}));
  std::map<int, Deferral> refused;
  RefuseForDifferences(found, one, verdicts, Facts(10), false, refused);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_TRUE(refused.contains(2));
  RefuseForDifferences(found, one, verdicts, Facts(10), true, refused);
  EXPECT_TRUE(refused.contains(1));
  EXPECT_FALSE(CompareRuns(one, one, verdicts, {}).any());
  EXPECT_EQ(CompareRuns(one, other, verdicts, {.modules = {2}, .surface = {}}).modules,
            (std::vector<int>{1}));
}

TEST(CompareTest, ModulesThatAreEvaluatedInOneRunOnlyDiffer) {
  Verdicts verdicts = Baking({1}, {1});
  Differences found = CompareRuns(WithHeap({{1, {"a", "a"}}}),
                                  WithHeap({{1, {"a", "a"}}, {2, {"b", "b"}}}), verdicts, {});
  EXPECT_EQ(found.modules, (std::vector<int>{2}));
}

TEST(CompareTest, WhatDeferredModulesDoMustBeTheSame) {
  Verdicts verdicts = Baking({1}, {1});
  Observation one = WithHeap({}), other = WithHeap({});
  one.acts = {{2, "a"}};
  other.acts = {{2, "b"}};
  EXPECT_EQ(CompareRuns(one, other, verdicts, {}).modules, (std::vector<int>{2}));
  other.acts = one.acts;
  other.reports.push_back({.name = "os.getCPUs", .module = 3});
  EXPECT_EQ(CompareRuns(one, other, verdicts, {}).modules, (std::vector<int>{3}));
  other.reports[0].module = 1;  // baked: RefuseWhatReadsMore() is for it
  EXPECT_FALSE(CompareRuns(one, other, verdicts, {}).any());
}

TEST(CompareTest, AnotherSurfaceRefusesWhatIsBakedAfterDeferredCode) {
  Verdicts verdicts = Baking({1, 3, 4}, {1, 3});
  Observation one = Parse(kModules), other = Parse(kModules);
  one.end.surface = {{.number = 1, .name = "globalThis", .key = "foo", .hash = "a"}};
  other.end.surface = {{.number = 1, .name = "globalThis", .key = "foo", .hash = "b"}};
  Differences found = CompareRuns(one, other, verdicts, {});
  ASSERT_EQ(found.surface.size(), 2u);
  EXPECT_EQ(found.surface[0], "globalThis.foo");
  std::map<int, Deferral> refused;
  RefuseForDifferences(found, one, verdicts, Facts(10), false, refused);
  ASSERT_EQ(refused.size(), 1u);  // 1 is evaluated before all deferred ones
  EXPECT_TRUE(refused.contains(3));
}

TEST(CompareTest, ADeferredModuleThatDiffersRefusesWhatItLoads) {
  // 5 loads 3, and 1 has nothing to do with it.
  constexpr std::string_view kText =
      "enter\t0\t1\nrequires\t0\t2\nenter\t2\t1\nbody\t2\nleave\t2\t0\n"
      "requires\t0\t1\nenter\t1\t1\nbody\t1\nleave\t1\t0\n"
      "requires\t0\t5\nenter\t5\t1\nrequires\t5\t3\nenter\t3\t1\nbody\t3\nleave\t3\t0\n"
      "body\t5\nleave\t5\t0\nbody\t0\nleave\t0\t0\n";
  Observation one = Parse(kText);
  Verdicts verdicts = Baking({1, 3}, {1, 3});
  std::map<int, Deferral> refused;
  RefuseForDifferences({.modules = {5}, .surface = {}}, one, verdicts, Facts(10), false, refused);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_TRUE(refused.contains(3));
  // It was none of these.
  verdicts = Baking({1}, {1});
  RefuseForDifferences({.modules = {5}, .surface = {}}, one, verdicts, Facts(10), false, refused);
  EXPECT_TRUE(refused.contains(1));
}

TEST(CompareTest, WorldsAreComparedAfterBaking) {
  Observation one, other;
  one.baked.modules = {{1, {"a", "a"}}, {2, {"b", "b"}}, {3, {"c", "c"}}};
  other.baked.modules = {{1, {"a", "x"}}, {2, {"x", "b"}}, {3, {"c", "c"}}};
  EXPECT_EQ(CompareBaked(one, other), (std::vector<int>{2}));
  other.baked.modules[2] = {"b", "b"};
  EXPECT_EQ(CompareBaked(one, other), (std::vector<int>{1}));
  other.baked = one.baked;
  EXPECT_TRUE(CompareBaked(one, other).empty());
}

}  // namespace
}  // namespace kiln
