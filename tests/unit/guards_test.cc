// Guards of baked modules: each kind that holds and that does not, and lines that are not understood.
#include "runtime-stub/process/guards.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cstdlib>

namespace kiln::runtime {
namespace {

TEST(Guards, NoneHold) { EXPECT_TRUE(GuardsHold("")); }

TEST(Guards, OfTheEnvironment) {
  unsetenv("GUARDS_A");
  setenv("GUARDS_B", "two", 1);
  setenv("GUARDS_C", "", 1);
  EXPECT_TRUE(GuardsHold("env GUARDS_A\n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_B\n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_C\n"));  // an empty variable is one
  EXPECT_TRUE(GuardsHold("env GUARDS_B=two\n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_B=tw\n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_B=two \n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_B=\n"));
  EXPECT_TRUE(GuardsHold("env GUARDS_C=\n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_A=\n"));
  setenv("GUARDS_B", "a=b", 1);
  EXPECT_TRUE(GuardsHold("env GUARDS_B=a=b\n"));
}

TEST(Guards, OfTerminals) {
  int saved = dup(1), file = open("/dev/null", O_WRONLY), terminal, other;
  ASSERT_EQ(openpty(&other, &terminal, nullptr, nullptr, nullptr), 0);
  dup2(file, 1);
  bool with_file = GuardsHold("tty 1\n");
  dup2(terminal, 1);
  bool with_terminal = GuardsHold("tty 1\n");
  close(1);
  bool closed = GuardsHold("tty 1\n");
  dup2(saved, 1);
  for (int fd : {saved, file, terminal, other}) close(fd);
  EXPECT_TRUE(with_file);
  EXPECT_FALSE(with_terminal);
  EXPECT_TRUE(closed);
}

TEST(Guards, AllMustHold) {
  unsetenv("GUARDS_A");
  setenv("GUARDS_B", "two", 1);
  EXPECT_TRUE(GuardsHold("env GUARDS_A\nenv GUARDS_B=two\n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_A\nenv GUARDS_B=three\n"));
  EXPECT_FALSE(GuardsHold("env GUARDS_B\nenv GUARDS_A\n"));
}

TEST(Guards, WhatIsNotUnderstoodDoesNotHold) {
  for (const char* guard :
       {"\n", "cwd /\n", "tty\n", "tty \n", "tty 3\n", "tty 10\n", "tty -\n", "env\n"})
    EXPECT_FALSE(GuardsHold(guard)) << guard;
}

}  // namespace
}  // namespace kiln::runtime
