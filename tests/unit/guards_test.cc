// Guards of baked modules: each kind that holds and that does not, and lines that are not understood.
#include "runtime-stub/payload/guards.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace kiln::runtime {
namespace {

bool GuardsHold(std::string_view guards) { return runtime::GuardsHold(guards, {}); }

TEST(Guards, Local) {
  setenv("GUARDS_SET", "", 1);
  const std::string_view guards = "env GUARDS_UNSET\nlocal env GUARDS_SET\nmodule 3\nmodule 12\n";
  EXPECT_TRUE(GuardsHold(guards));
  EXPECT_FALSE(LocalGuardsHold(guards, {}));
  EXPECT_EQ(LocalModules(guards), (std::vector<int>{3, 12}));
  EXPECT_FALSE(GuardsHold("local env GUARDS_SET\nenv GUARDS_SET\n"));
  unsetenv("GUARDS_SET");
  EXPECT_TRUE(LocalGuardsHold(guards, {}));
  EXPECT_TRUE(LocalGuardsHold("env X\n", {}));
  EXPECT_TRUE(LocalModules("env X\n").empty());
}

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

TEST(Guards, OfOtherValues) {
  unsetenv("GUARDS_A");
  setenv("GUARDS_B", "two", 1);
  EXPECT_TRUE(GuardsHold("env-not GUARDS_A=two\n"));
  EXPECT_TRUE(GuardsHold("env-not GUARDS_B=three\n"));
  EXPECT_TRUE(GuardsHold("env-not GUARDS_B=\n"));
  EXPECT_FALSE(GuardsHold("env-not GUARDS_B=two\n"));
  EXPECT_FALSE(GuardsHold("env-not GUARDS_A\n"));
}

TEST(Guards, OfPrefixes) {
  unsetenv("guards_x1");
  unsetenv("GUARDS_X2");
  EXPECT_TRUE(GuardsHold("env-prefix guards_x\n"));
  setenv("guards_y", "GUARDS_X", 1);
  EXPECT_TRUE(GuardsHold("env-prefix guards_x\n"));
  EXPECT_FALSE(GuardsHold("env-prefix guards_y\n"));
  EXPECT_FALSE(GuardsHold("env-prefix GUARDS_\n"));
  EXPECT_TRUE(GuardsHold("env-prefix guards_yy\n"));
  EXPECT_TRUE(GuardsHold("env-prefix guards_y=\n"));
  setenv("GUARDS_X2", "", 1);
  EXPECT_FALSE(GuardsHold("env-prefix guards_x\n"));
  unsetenv("GUARDS_X2");
}

TEST(Guards, OfArguments) {
  const std::vector<std::string> arguments = {"-a", "--color=always", "", "x y"};
  auto hold = [&](std::string_view guards) { return runtime::GuardsHold(guards, arguments); };
  EXPECT_TRUE(hold("argv --color\n"));
  EXPECT_TRUE(hold("argv --\nargv -\n"));
  EXPECT_TRUE(hold("argv --color=Always\n"));
  EXPECT_FALSE(hold("argv -a\n"));
  EXPECT_FALSE(hold("argv --color=always\n"));
  EXPECT_FALSE(hold("argv x y\n"));
  EXPECT_TRUE(GuardsHold("argv -a\n"));
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
  for (const char* guard : {"\n", "cwd /\n", "tty\n", "tty \n", "tty 3\n", "tty 10\n", "tty -\n",
                            "env\n", "argv\n", "argv \n", "env-prefix \n", "env-prefix\n",
                            "env-not\n", "env-not X\n", " env X\n", "envs X\n"})
    EXPECT_FALSE(GuardsHold(guard)) << guard;
}

}  // namespace
}  // namespace kiln::runtime
