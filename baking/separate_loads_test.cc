#include "baking/separate_loads.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kiln {
namespace {

Observation Parse(std::string_view record) {
  auto observation = ParseObservation(record, 6);
  EXPECT_TRUE(observation.ok());
  return std::move(observation).value();
}

// 0 is the entry; 1 is deferred and reads something; 2 changes objects of 3; 4 loads 3, too.
constexpr std::string_view kLoads =
    "enter\t0\t0\n"
    "requires\t0\t1\nenter\t1\t0\nread\tprocess.env\tPORT\t1\t/kiln/1.js\t1\t1\n"
    "requires\t1\t2\nenter\t2\t0\nrequires\t2\t3\nenter\t3\t0\nleave\t3\t0\nleave\t2\t0\nleave\t1\t"
    "0\n"
    "requires\t0\t4\nenter\t4\t0\nrequires\t4\t3\nleave\t4\t0\nleave\t0\t0\n";

std::vector<ModuleFacts> Facts() {
  std::vector<ModuleFacts> facts(6);
  for (ModuleFacts& module : facts) module.is_commonjs = true;
  auto refer = [&](int from, int to, bool certain) {
    facts[size_t(from)].references.push_back({.module = to, .later = false, .certain = certain});
  };
  refer(0, 1, true);
  refer(0, 4, true);
  refer(1, 2, false);
  refer(2, 3, true);
  refer(4, 3, true);
  return facts;
}

bool MayLoadWithout(const std::vector<ModuleFacts>& facts, int loaded, int other,
                    std::string_view record = kLoads) {
  const Observation observation = Parse(record);
  Verdicts verdicts;
  verdicts.baked = {2, 3, 4};
  return SeparateLoads(observation, facts, verdicts.baked, verdicts)
      .MayLoadWithout(loaded, {other});
}

TEST(SeparateLoadsTest, AModuleThatADeferredOneNeedNotLoad) {
  EXPECT_TRUE(MayLoadWithout(Facts(), 3, 2));   // 4 loads 3
  EXPECT_FALSE(MayLoadWithout(Facts(), 2, 3));  // 2 always loads 3
}

TEST(SeparateLoadsTest, NothingElseLoadsIt) {
  std::vector<ModuleFacts> facts = Facts();
  facts[4].references = {};
  std::string record(kLoads);
  record.erase(record.find("requires\t4\t3\n"), 13);
  EXPECT_FALSE(MayLoadWithout(facts, 3, 2, record));
  // Code that has not run does.
  facts[1].references.push_back({.module = 3, .later = true});
  EXPECT_TRUE(MayLoadWithout(facts, 3, 2, record));
  // So does a function of a baked module, or a computed name.
  facts[1].references.pop_back();
  facts[4].references = {{.module = 3, .later = true}};
  EXPECT_TRUE(MayLoadWithout(facts, 3, 2, record));
  facts[4].references = {};
  facts[3].named_at_run_time = true;
  EXPECT_TRUE(MayLoadWithout(facts, 3, 2, record));
  // A module that nothing loads does not.
  facts[3].named_at_run_time = false;
  facts[5].references = {{.module = 3, .later = false}};
  EXPECT_FALSE(MayLoadWithout(facts, 3, 2, record));
}

TEST(SeparateLoadsTest, WhatIsCertainlyLoadedFirst) {
  std::vector<ModuleFacts> facts = Facts();
  facts[1].references[0].certain = true;
  EXPECT_FALSE(MayLoadWithout(facts, 3, 2));
  // Unless 0 may load 4 before that.
  facts[0].references[1].later = true;
  EXPECT_TRUE(MayLoadWithout(facts, 3, 2));
}

TEST(SeparateLoadsTest, UntilDeferredCodeAsksAllEnvironmentsAreTheSame) {
  std::string record(kLoads);
  const std::string read = "read\tprocess.env\tPORT\t1\t/kiln/1.js\t1\t1\n";
  record.erase(record.find(read), read.size());
  EXPECT_FALSE(MayLoadWithout(Facts(), 3, 2, record));
  EXPECT_FALSE(MayLoadWithout(Facts(), 3, 2, record + read));
}

}  // namespace
}  // namespace kiln
