// Targets are found by name, and the host is one of them.
#include "targets/target.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Target, IsFoundByItsName) {
  for (const Target& target : AllTargets()) EXPECT_EQ(FindTarget(target.name), &target);
  EXPECT_EQ(FindTarget("plan9-x64"), nullptr);
}

TEST(Target, TheHostNeedsNoEmulator) {
  EXPECT_EQ(RunnerFor(HostTarget()), "");
  for (const Target& target : AllTargets())
    if (&target != &HostTarget()) EXPECT_NE(RunnerFor(target), "");
}

}  // namespace
}  // namespace kiln
