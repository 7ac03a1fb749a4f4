// The processor quota of a control group, for more processors than a test machine has. That the
// results are node's is tested by tests/run/memory-limit.sh.
#include "runtime-stub/platform/processors.h"

#include <gtest/gtest.h>

#include "support/file.h"

namespace kiln::runtime {
namespace {

class ProcessorQuotaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "processors_test";
    RemoveTree(root_);
    ASSERT_TRUE(MakeDirectories(root_ + "/a/b").ok());
    Write("a/b/cgroup.controllers", "");
  }
  void TearDown() override { RemoveTree(root_); }
  void Write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(WriteFileAtomically(root_ + "/" + name, text).ok());
  }

  std::string root_;
};

TEST_F(ProcessorQuotaTest, IsRoundedDown) {
  Write("a/b/cpu.max", "650000 100000\n");
  EXPECT_EQ(ProcessorQuota("0::/a/b\n", root_), 6);
}

TEST_F(ProcessorQuotaTest, OutermostGroupWithALimitCounts) {
  Write("a/b/cpu.max", "200000 100000\n");
  Write("a/cpu.max", "900000 100000\n");
  Write("cpu.max", "max 100000\n");
  EXPECT_EQ(ProcessorQuota("0::/a/b\n", root_), 9);
}

TEST_F(ProcessorQuotaTest, NoneWithoutALimit) {
  EXPECT_EQ(ProcessorQuota("0::/a/b\n", root_), -1);
  Write("a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(ProcessorQuota("0::/a/b\n", root_), -1);
}

TEST_F(ProcessorQuotaTest, OnlyOfVersion2InTheFirstLine) {
  Write("a/b/cpu.max", "200000 100000\n");
  EXPECT_EQ(ProcessorQuota("4:memory:/a/b\n0::/a/b\n", root_), -1);
  EXPECT_EQ(ProcessorQuota("0::/a/b\n4:memory:/a/b\n", root_), 2);
  EXPECT_EQ(ProcessorQuota("", root_), -1);
}

TEST_F(ProcessorQuotaTest, NoneIfTheGroupIsNotVisible) {
  Write("cpu.max", "200000 100000\n");
  EXPECT_EQ(ProcessorQuota("0::/elsewhere\n", root_), -1);
}

}  // namespace
}  // namespace kiln::runtime
