// Child processes: output, input, exit codes, timeouts, and pipes that fill up.
#include "support/process.h"

#include <gtest/gtest.h>

#include "support/timer.h"

namespace kiln {
namespace {

TEST(Process, CollectsBothOutputsAndTheExitCode) {
  auto result = RunProcess({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->Describe(), "exited with code 3");
}

TEST(Process, HasExactlyTheEnvironmentAndFolderItIsGiven) {
  auto result = RunProcess({.argv = {"/bin/sh", "-c", "echo $A $HOME; pwd"},
                            .environment = std::vector<std::string>{"A=1"},
                            .directory = "/"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, "1\n/\n");
}

TEST(Process, MoreThanAPipeHoldsGoesThrough) {
  std::string megabytes(5 << 20, 'x');
  auto result = RunProcess({.argv = {"cat"}, .input = megabytes});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, megabytes);
}

// It would wait for any child of this process, and report that one's end.
TEST(Process, ASecondWaitIsAnError) {
  Result<ChildProcess> child = ChildProcess::Start({.argv = {"sh", "-c", "exit 3"}});
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(child->Wait(20)->exit_code, 3);
  EXPECT_FALSE(child->Wait(20).ok());
}

TEST(Process, ThatCannotStartIsAnError) {
  auto result = RunProcess({.argv = {"/no/such/program"}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().text, "Cannot run /no/such/program: No such file or directory");
}

TEST(Process, IsKilledWhenItsTimeIsUp) {
  Timer timer;
  auto result = RunProcess({.argv = {"sleep", "60"}, .timeout_seconds = 1});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->timed_out);
  EXPECT_LT(timer.Milliseconds(), 5000);
}

TEST(Process, SignalsAreNamed) {
  auto result = RunProcess({.argv = {"sh", "-c", "kill -SEGV $$"}});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->Describe(), "was killed by signal 11 (Segmentation fault)");
}

TEST(ChildProcess, AnswersWhileItStays) {
  auto child = ChildProcess::Start({.argv = {"cat"}});
  ASSERT_TRUE(child.ok());
  char buffer[5];
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(child->Write("hello").ok());
    ASSERT_TRUE(child->ReadExactly(buffer, 5, 10).ok());
    EXPECT_EQ(std::string(buffer, 5), "hello");
  }
  // Both pipes are full: Write keeps cat's output.
  std::string large(1 << 20, 'y');
  ASSERT_TRUE(child->Write(large).ok());
  std::string back(large.size(), 0);
  ASSERT_TRUE(child->ReadExactly(back.data(), back.size(), 10).ok());
  EXPECT_EQ(back, large);
  auto end = child->Wait(10);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->exit_code, 0);
}

TEST(ChildProcess, ThatHasGoneIsAnErrorNotASignal) {
  auto child = ChildProcess::Start({.argv = {"true"}});
  ASSERT_TRUE(child.ok());
  char byte;
  auto n = child->Read(&byte, 1, 10);
  ASSERT_TRUE(n.ok());
  EXPECT_EQ(*n, 0u);
  std::string large(1 << 20, 'y');
  EXPECT_FALSE(child->Write(large).ok());
}

}  // namespace
}  // namespace kiln
