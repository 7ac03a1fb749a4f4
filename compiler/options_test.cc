// Flags in both spellings, defaults, and refused values.
#include "compiler/options.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

Result<Options> Parse(std::vector<std::string> arguments, bool run = false) {
  return ParseOptions(arguments, run);
}

TEST(Options, AreReadInBothSpellings) {
  auto options = Parse({"src/cli.ts", "-o", "app", "--intl=en", "--define", "A=b=c", "--minify",
                        "--v8-flag=--stack-size=2000", "--external=x", "--external", "y"});
  ASSERT_TRUE(options.ok()) << options.error().text;
  EXPECT_EQ(options->entry, "src/cli.ts");
  EXPECT_EQ(options->output, "app");
  EXPECT_EQ(options->intl, Intl::kEn);
  EXPECT_EQ(options->defines[0].second, "b=c");
  EXPECT_TRUE(options->minify);
  EXPECT_EQ(Parse({"a.js", "--link=scope"})->link, LinkForm::kScope);
  EXPECT_EQ(Parse({"a.js", "--link", "modules"})->link, LinkForm::kModules);
  EXPECT_EQ(options->externals, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(Parse({"a.js", "--packages=disk"})->packages, PackageSearch::kDisk);
}

TEST(Options, NameComponents) {
  auto options = Parse({"a.js", "--with=http2,zstd-encoder", "--with", "brotli-decoder"});
  ASSERT_TRUE(options.ok()) << options.error().text;
  OptionalComponents components;
  for (OptionalComponent component :
       {OptionalComponent::kCrypto, OptionalComponent::kHttp2, OptionalComponent::kZstdEncoder,
        OptionalComponent::kBrotliDecoder})
    components.Add(component);
  EXPECT_EQ(options->components, components);
  EXPECT_EQ(Parse({"a.js", "--with=all"})->components, OptionalComponents::All());
}

TEST(Options, TrainWithWordsOfAShell) {
  auto options = Parse({"a.js", "--train", "", "--train= a  'b \\ c'd \"e \\\" 'f\" g\\ h \t''",
                        "--train-script", "t.sh"});
  ASSERT_TRUE(options.ok()) << options.error().text;
  ASSERT_EQ(options->trainings.size(), 2u);
  EXPECT_TRUE(options->trainings[0].empty());
  EXPECT_EQ(options->trainings[1],
            (std::vector<std::string>{"a", "b \\ cd", "e \" 'f", "g h", ""}));
  EXPECT_EQ(options->training_scripts, (std::vector<std::string>{"t.sh"}));
  EXPECT_TRUE(options->trains());
  EXPECT_FALSE(Parse({"a.js"})->trains());
  EXPECT_FALSE(Parse({"a.js", "--train", "a 'b"}).ok());
  EXPECT_FALSE(Parse({"a.js", "--train"}).ok());
  EXPECT_FALSE(Parse({"a.js", "--train-script", ""}).ok());
}

TEST(Options, ChooseTheFormOfTheHeap) {
  EXPECT_FALSE(Parse({"a.js", "--heap=read"})->heap_images);
  auto verified = Parse({"a.js", "--heap=verified"});
  EXPECT_TRUE(verified->heap_images && verified->verify_heap_images);
  EXPECT_FALSE(Parse({"a.js", "--heap=other"}).ok());
}

TEST(Options, HaveDefaults) {
  auto options = Parse({"src/cli.test.ts"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->output, "cli.test");
  EXPECT_EQ(options->target, &HostTarget());
  EXPECT_EQ(options->intl, Intl::kFull);
  EXPECT_TRUE(options->rehash);
  EXPECT_TRUE(options->heap_images);
  EXPECT_FALSE(options->verify_heap_images);
  EXPECT_EQ(options->link, LinkForm::kModules);
  EXPECT_EQ(options->components, OptionalComponents());
  EXPECT_EQ(options->packages, PackageSearch::kBundled);
  // Never the entry itself.
  EXPECT_EQ(Parse({"tool"})->output, "tool.out");
}

TEST(Options, SayWhatIsEvaluated) {
  EXPECT_EQ(Parse({"a.js"})->evaluate, Evaluate::kAuto);
  EXPECT_EQ(ParseOptions({"a.js"}, true)->evaluate, Evaluate::kNone);
  EXPECT_EQ(ParseOptions({"--evaluate=auto", "a.js"}, true)->evaluate, Evaluate::kAuto);
  EXPECT_EQ(Parse({"a.js", "--evaluate=none"})->evaluate, Evaluate::kNone);
  EXPECT_EQ(Parse({"a.js", "--evaluate=auto"})->evaluate, Evaluate::kAuto);
  EXPECT_EQ(Parse({"a.js", "--evaluate=all"})->evaluate, Evaluate::kAll);
  // A value follows only after "=": the next argument is the entry.
  EXPECT_EQ(Parse({"--evaluate", "auto"})->evaluate, Evaluate::kAll);
  EXPECT_EQ(Parse({"--evaluate", "auto"})->entry, "auto");
  EXPECT_EQ(Parse({"a.js", "--evaluate=all", "--evaluate=auto"})->evaluate, Evaluate::kAuto);
  EXPECT_FALSE(Parse({"a.js"})->explain);
  EXPECT_TRUE(Parse({"--explain", "a.js"})->explain);
  auto options = Parse({"a.js", "--defer", "lib", "--defer=src/**", "--bake-env", "A=b=c",
                        "--bake-env=B", "--bake-env", "C="});
  ASSERT_TRUE(options.ok()) << options.error().text;
  EXPECT_EQ(Parse({"a.js", "--bake", "lib", "--bake=src/**"})->trusted,
            (std::vector<std::string>{"lib", "src/**"}));
  EXPECT_EQ(options->deferred, (std::vector<std::string>{"lib", "src/**"}));
  EXPECT_EQ(options->assumed_environment, (std::vector<std::string>{"A=b=c", "B", "C="}));
}

TEST(Options, SayWhatIsASecret) {
  EXPECT_FALSE(Parse({"a.js"})->strict);
  auto options = Parse({"a.js", "--strict", "--allow-secret", "API_TOKEN", "--allow-secret=jwt"});
  ASSERT_TRUE(options.ok()) << options.error().text;
  EXPECT_TRUE(options->strict);
  EXPECT_EQ(options->allowed_secrets, (std::vector<std::string>{"API_TOKEN", "jwt"}));
}

TEST(Options, BehindTheEntryBelongToTheAppWhenItIsRun) {
  auto options = Parse({"--minify", "a.js", "--minify", "b.js", "--", "x"}, true);
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->arguments, (std::vector<std::string>{"--minify", "b.js", "--", "x"}));
}

TEST(Options, AreRefusedWithTheReason) {
  auto message = [](std::vector<std::string> arguments) { return Parse(arguments).error().text; };
  EXPECT_EQ(message({}), "Which file is to be built?");
  EXPECT_EQ(message({"a.js", "b.js"}), "There can be one entry: a.js or b.js?");
  EXPECT_EQ(message({"a.js", "--wat"}), "Unknown option --wat");
  EXPECT_EQ(message({"a.js", "--target", "amiga"}), "--target cannot be \"amiga\"");
  EXPECT_EQ(message({"a.js", "--with=crypto,mysql"}), "--with cannot be \"mysql\"");
  EXPECT_EQ(message({"a.js", "--link=esm"}), "--link cannot be \"esm\"");
  EXPECT_EQ(message({"a.js", "-o"}), "-o needs a value");
  EXPECT_EQ(message({"a.js", "--minify=1"}), "--minify takes no value");
  EXPECT_EQ(message({"a.js", "--evaluate=yes"}), "--evaluate cannot be \"yes\"");
  EXPECT_EQ(message({"a.js", "--evaluate="}), "--evaluate needs a value");
  EXPECT_EQ(message({"a.js", "--explain=1"}), "--explain takes no value");
  EXPECT_EQ(message({"a.js", "--bake", "lib", "--defer", "lib"}),
            "--bake and --defer both name lib");
  EXPECT_EQ(message({"a.js", "--bake-env", "=x"}),
            "--bake-env needs NAME=VALUE or NAME on one line, not \"=x\"");
  EXPECT_EQ(message({"a.js", "--define", "x"}), "--define needs NAME=VALUE, not \"x\"");
  EXPECT_EQ(message({"a.js", "--v8-flag", "stack"}), "--v8-flag needs a flag of V8, not \"stack\"");
}

}  // namespace
}  // namespace kiln
