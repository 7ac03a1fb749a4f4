// The command line of `node`: names, values, aliases, negation, implications and errors.
#include "runtime-stub/command_line/options.h"

#include <gtest/gtest.h>

namespace kiln::runtime {
namespace {

class OptionsTest : public testing::Test {
 protected:
  // Parses `words` after the program's name. Returns false if there are errors.
  bool Parse(std::vector<std::string> words, OptionSource source = OptionSource::kCommandLine) {
    args_ = std::move(words);
    args_.insert(args_.begin(), "node");
    ParseOptions(&args_, &exec_args_, source, &options_, &errors_);
    return errors_.empty();
  }
  // Returns the first error of parsing `words`.
  std::string Error(std::vector<std::string> words,
                    OptionSource source = OptionSource::kCommandLine) {
    Parse(std::move(words), source);
    return errors_.empty() ? "no error" : errors_[0];
  }

  std::vector<std::string> args_, exec_args_, errors_;
  RunOptions options_;
};

using Words = std::vector<std::string>;

TEST_F(OptionsTest, TableIsSorted) {
  for (int i = 1; i < kOptionCount; i++)
    EXPECT_LT(std::string_view(kOptions[i - 1].name), std::string_view(kOptions[i].name));
}

TEST_F(OptionsTest, AliasesLeadToOptions) {
  for (int i = 0; i < kOptionAliasCount; i++) {
    std::string name = kOptionAliases[i].expansion[0];
    bool known = FindOption(name) >= 0 || name == "-pe";
    EXPECT_TRUE(known) << kOptionAliases[i].name;
  }
}

TEST_F(OptionsTest, DefaultsComeFromTheTable) {
  EXPECT_TRUE(options_.GetBool("--warnings"));
  EXPECT_FALSE(options_.GetBool("--check"));
  EXPECT_EQ(options_.GetNumber("--secure-heap-min"), 2);
  EXPECT_EQ(options_.GetHostPort("--inspect-port").port, 9229);
  EXPECT_TRUE(options_.set.empty());
}

TEST_F(OptionsTest, ScriptEndsTheOptions) {
  ASSERT_TRUE(Parse({"--no-warnings", "a.js", "--check"}));
  EXPECT_EQ(args_, (Words{"node", "a.js", "--check"}));
  EXPECT_EQ(exec_args_, Words{"--no-warnings"});
  EXPECT_FALSE(options_.GetBool("--check"));
}

TEST_F(OptionsTest, DoubleDashEndsTheOptions) {
  ASSERT_TRUE(Parse({"--check", "--", "--a.js"}));
  EXPECT_EQ(args_, (Words{"node", "--a.js"}));
  EXPECT_EQ(exec_args_, Words{"--check"});
}

TEST_F(OptionsTest, SingleDashIsAScript) {
  ASSERT_TRUE(Parse({"-", "--check"}));
  EXPECT_EQ(args_, (Words{"node", "-", "--check"}));
}

TEST_F(OptionsTest, ValueInTheSameArgument) {
  ASSERT_TRUE(Parse({"--title=a=b"}));
  EXPECT_EQ(options_.GetString("--title"), "a=b");
}

TEST_F(OptionsTest, ValueInTheNextArgument) {
  ASSERT_TRUE(Parse({"--title", "name", "a.js"}));
  EXPECT_EQ(options_.GetString("--title"), "name");
  EXPECT_EQ(args_, (Words{"node", "a.js"}));
}

TEST_F(OptionsTest, EscapedDashBeginsAValue) {
  ASSERT_TRUE(Parse({"--title", "\\-name"}));
  EXPECT_EQ(options_.GetString("--title"), "-name");
}

TEST_F(OptionsTest, AbsentValueIsAnError) {
  EXPECT_EQ(Error({"--title"}), "--title requires an argument");
}

TEST_F(OptionsTest, EmptyValueIsAnError) {
  EXPECT_EQ(Error({"--title="}), "--title= requires an argument");
}

TEST_F(OptionsTest, OptionIsNoValue) {
  EXPECT_EQ(Error({"--title", "--check"}), "--title requires an argument");
}

TEST_F(OptionsTest, ListsGrow) {
  ASSERT_TRUE(Parse({"--conditions=a", "-C", "b"}));
  EXPECT_EQ(options_.GetList("--conditions"), (Words{"a", "b"}));
}

TEST_F(OptionsTest, UnderscoresAreDashes) {
  ASSERT_TRUE(Parse({"--trace_warnings"}));
  EXPECT_TRUE(options_.GetBool("--trace-warnings"));
}

TEST_F(OptionsTest, Negation) {
  ASSERT_TRUE(Parse({"--no-warnings"}));
  EXPECT_FALSE(options_.GetBool("--warnings"));
}

TEST_F(OptionsTest, NegationOfAStringIsAnError) {
  EXPECT_EQ(Error({"--no-title"}),
            "--no-title is an invalid negation because it is not a boolean option");
}

TEST_F(OptionsTest, LastOfTwoWins) {
  ASSERT_TRUE(Parse({"--no-warnings", "--warnings"}));
  EXPECT_TRUE(options_.GetBool("--warnings"));
}

TEST_F(OptionsTest, AliasOfTwoOptions) {
  ASSERT_TRUE(Parse({"-pe", "1 + 1"}));
  EXPECT_TRUE(options_.GetBool("--print"));
  EXPECT_EQ(options_.GetString("--eval"), "1 + 1");
}

TEST_F(OptionsTest, PrintWithAnArgumentEvaluates) {
  ASSERT_TRUE(Parse({"-p", "1"}));
  EXPECT_EQ(options_.GetString("--eval"), "1");
}

TEST_F(OptionsTest, PrintWithoutAnArgumentDoesNot) {
  ASSERT_TRUE(Parse({"-p", "--no-warnings"}));
  EXPECT_TRUE(options_.GetBool("--print"));
  EXPECT_FALSE(options_.GetBool("[has_eval_string]"));
}

TEST_F(OptionsTest, ShortOptionTakesNoEqualSign) {
  ASSERT_TRUE(Parse({"-e=1"}));  // V8 rejects it later
  EXPECT_EQ(options_.v8_flags, Words{"-e=1"});
}

TEST_F(OptionsTest, Implication) {
  ASSERT_TRUE(Parse({"--eval", "1"}));
  EXPECT_TRUE(options_.GetBool("[has_eval_string]"));
}

TEST_F(OptionsTest, ImplicationOfANegation) {
  ASSERT_TRUE(Parse({"--no-require-module"}));
  EXPECT_FALSE(options_.GetBool("--experimental-require-module"));
}

TEST_F(OptionsTest, UnknownOptionIsForV8) {
  ASSERT_TRUE(Parse({"--max-lazy", "--stack-size=900"}));
  EXPECT_EQ(options_.v8_flags, (Words{"--max-lazy", "--stack-size=900"}));
}

TEST_F(OptionsTest, StackTraceLimitIsForBoth) {
  ASSERT_TRUE(Parse({"--stack-trace-limit=5"}));
  EXPECT_EQ(options_.v8_flags, Words{"--stack-trace-limit=5"});
}

TEST_F(OptionsTest, EnvFilesKeepTheirOrder) {
  ASSERT_TRUE(Parse({"--env-file=a", "--env-file-if-exists", "b"}));
  ASSERT_EQ(options_.env_files.size(), 2u);
  EXPECT_EQ(options_.env_files[0].path, "a");
  EXPECT_FALSE(options_.env_files[0].optional);
  EXPECT_EQ(options_.env_files[1].path, "b");
  EXPECT_TRUE(options_.env_files[1].optional);
}

TEST_F(OptionsTest, NodeOptionsMayNotHoldAll) {
  EXPECT_EQ(Error({"--check"}, OptionSource::kNodeOptions),
            "--check is not allowed in NODE_OPTIONS");
}

TEST_F(OptionsTest, NodeOptionsMayNotHoldUnknownOptions) {
  EXPECT_EQ(Error({"--max-lazy"}, OptionSource::kNodeOptions),
            "--max-lazy is not allowed in NODE_OPTIONS");
}

TEST_F(OptionsTest, NodeOptionsMayNotEndTheOptions) {
  EXPECT_EQ(Error({"--"}, OptionSource::kNodeOptions), "-- is not allowed in NODE_OPTIONS");
}

TEST_F(OptionsTest, CommandLineIsStrongerThanNodeOptions) {
  ASSERT_TRUE(Parse({"--no-warnings"}, OptionSource::kNodeOptions));
  ASSERT_TRUE(Parse({"--warnings"}));
  EXPECT_TRUE(options_.GetBool("--warnings"));
}

TEST_F(OptionsTest, Contradiction) {
  EXPECT_EQ(Error({"--check", "--eval", "1"}), "either --check or --eval can be used, not both");
}

TEST_F(OptionsTest, ValueOutsideOfAList) {
  EXPECT_EQ(Error({"--unhandled-rejections=maybe"}), "invalid value for --unhandled-rejections");
}

TEST_F(OptionsTest, UnavailableOptionIsRefused) {
  EXPECT_EQ(Error({"--experimental-sea-config=x"}),
            "--experimental-sea-config is not available: use `kiln build` to make an executable");
}

TEST_F(OptionsTest, InspectorIsRefused) {
  EXPECT_EQ(Error({"--inspect-brk"}), "--inspect is not available: this runtime has no inspector");
}

std::string HostPortOf(const std::string& text) {
  std::vector<std::string> errors;
  HostPort found = SplitHostPort(text, &errors);
  return errors.empty() ? found.host + " " + std::to_string(found.port) : errors[0];
}

TEST(SplitHostPortTest, PortAlone) { EXPECT_EQ(HostPortOf("9000"), " 9000"); }

TEST(SplitHostPortTest, HostAlone) { EXPECT_EQ(HostPortOf("localhost"), "localhost -1"); }

TEST(SplitHostPortTest, HostAndPort) { EXPECT_EQ(HostPortOf("localhost:0"), "localhost 0"); }

TEST(SplitHostPortTest, AddressInBrackets) { EXPECT_EQ(HostPortOf("[::1]:9000"), "::1 9000"); }

TEST(SplitHostPortTest, AddressInBracketsAlone) { EXPECT_EQ(HostPortOf("[::1]"), "::1 -1"); }

TEST(SplitHostPortTest, PortOutOfRange) {
  EXPECT_EQ(HostPortOf("80"), "must be 0 or in range 1024 to 65535.");
  EXPECT_EQ(HostPortOf("65536"), "must be 0 or in range 1024 to 65535.");
}

// Returns the words of `text`, each in [ ], or the error.
std::string Split(std::string_view text) {
  std::vector<std::string> errors;
  std::string out;
  for (const std::string& word : SplitNodeOptions(text, &errors)) out += "[" + word + "]";
  return errors.empty() ? out : errors[0];
}

TEST(SplitNodeOptionsTest, BlanksSeparate) { EXPECT_EQ(Split(" --a  --b=c "), "[--a][--b=c]"); }

TEST(SplitNodeOptionsTest, QuotesGroup) { EXPECT_EQ(Split("--a=\"b c\" d"), "[--a=b c][d]"); }

TEST(SplitNodeOptionsTest, BackslashEscapesInQuotes) {
  EXPECT_EQ(Split("\"a\\\"b\\\\\""), "[a\"b\\]");
}

TEST(SplitNodeOptionsTest, BackslashOutsideOfQuotesIsOrdinary) {
  EXPECT_EQ(Split("a\\b"), "[a\\b]");
}

TEST(SplitNodeOptionsTest, UnclosedQuote) {
  EXPECT_EQ(Split("\"a"), "invalid value for NODE_OPTIONS (unterminated string)\n");
}

TEST(SplitNodeOptionsTest, EscapeAtTheEnd) {
  EXPECT_EQ(Split("\"a\\"), "invalid value for NODE_OPTIONS (invalid escape)\n");
}

}  // namespace
}  // namespace kiln::runtime
