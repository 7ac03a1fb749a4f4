// .env files: the expected values are what Node 24's util.parseEnv returns for the same text. Also
// how a file and the environment are combined.
#include "runtime-stub/command_line/dotenv.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <uv.h>

#include "support/file.h"

namespace kiln::runtime {
namespace {

// Returns "KEY=[value]" for each variable, separated by spaces.
std::string Parse(std::string_view text) {
  DotenvValues values;
  ParseDotenv(text, &values);
  std::string out;
  for (const auto& [key, value] : values)
    out += (out.empty() ? "" : " ") + key + "=[" + value + "]";
  return out;
}

TEST(DotenvTest, PlainValues) { EXPECT_EQ(Parse("A=1\nB=two words\n"), "A=[1] B=[two words]"); }

TEST(DotenvTest, BlanksAroundKeysAndValues) { EXPECT_EQ(Parse("  A  =  1  "), "A=[1]"); }

TEST(DotenvTest, LaterValueWins) { EXPECT_EQ(Parse("A=1\nA=2"), "A=[2]"); }

TEST(DotenvTest, EmptyValue) { EXPECT_EQ(Parse("A=\nB=1"), "A=[] B=[1]"); }

TEST(DotenvTest, LineWithoutEqualSignIsSkipped) { EXPECT_EQ(Parse("no value\nA=1"), "A=[1]"); }

TEST(DotenvTest, CommentLine) { EXPECT_EQ(Parse("# A=1\nB=2"), "B=[2]"); }

TEST(DotenvTest, CommentAfterValue) { EXPECT_EQ(Parse("A=1 # one"), "A=[1]"); }

TEST(DotenvTest, HashInQuotesIsNoComment) { EXPECT_EQ(Parse("A='1 # one' # two"), "A=[1 # one]"); }

TEST(DotenvTest, ExportPrefix) { EXPECT_EQ(Parse("export A=1"), "A=[1]"); }

TEST(DotenvTest, ThreeKindsOfQuotes) {
  EXPECT_EQ(Parse("A='a \"'\nB=\"b '\"\nC=`c '\"`"), "A=[a \"] B=[b '] C=[c '\"]");
}

TEST(DotenvTest, QuotesSpanLines) { EXPECT_EQ(Parse("A='1\n2'\nB=3"), "A=[1\n2] B=[3]"); }

TEST(DotenvTest, EscapedLineEndInDoubleQuotesOnly) {
  EXPECT_EQ(Parse("A=\"1\\n2\"\nB='1\\n2'\nC=1\\n2"), "A=[1\n2] B=[1\\n2] C=[1\\n2]");
}

TEST(DotenvTest, UnclosedQuoteIsOrdinary) { EXPECT_EQ(Parse("A=\"1\nB=2"), "A=[\"1] B=[2]"); }

TEST(DotenvTest, EqualSignInValue) { EXPECT_EQ(Parse("A=b=c"), "A=[b=c]"); }

TEST(DotenvTest, CarriageReturnsAreRemoved) { EXPECT_EQ(Parse("A=1\r\nB=2\r\n"), "A=[1] B=[2]"); }

TEST(DotenvTest, NothingInEmptyText) { EXPECT_EQ(Parse(" \n\n"), ""); }

TEST(DotenvTest, ReadsAFileLargerThanItsBuffer) {
  auto folder = TempDir::Make();
  std::string path = folder->path() + "/env", long_value(20000, 'x');
  ASSERT_TRUE(WriteFileAtomically(path, "A=" + long_value + "\nB=1").ok());
  DotenvValues values;
  EXPECT_EQ(ReadDotenv(path, &values), 0);
  EXPECT_EQ(values["A"], long_value);
  EXPECT_EQ(values["B"], "1");
}

TEST(DotenvTest, ReportsAnAbsentFile) {
  DotenvValues values;
  EXPECT_EQ(ReadDotenv("/no/such/file", &values), UV_ENOENT);
}

TEST(DotenvTest, ReportsAFolder) {
  DotenvValues values;
  EXPECT_EQ(ReadDotenv("/", &values), UV_EISDIR);
}

TEST(DotenvTest, EnvironmentIsStronger) {
  setenv("KILN_TEST_SET", "old", 1);
  unsetenv("KILN_TEST_UNSET");
  ApplyDotenv({{"KILN_TEST_SET", "new"}, {"KILN_TEST_UNSET", "new"}});
  EXPECT_STREQ(getenv("KILN_TEST_SET"), "old");
  EXPECT_STREQ(getenv("KILN_TEST_UNSET"), "new");
}

}  // namespace
}  // namespace kiln::runtime
