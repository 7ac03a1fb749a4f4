// The small helpers: hashes against published values, globs, rendering, Result.
#include <gtest/gtest.h>

#include "support/diagnostics.h"
#include "support/file.h"
#include "support/fnv.h"
#include "support/glob.h"
#include "support/hash.h"
#include "support/result.h"
#include "support/text.h"

namespace kiln {
namespace {

TEST(Hash, Sha256AgreesWithTheStandard) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::string million(1000000, 'a');
  Sha256 pieces;
  pieces.Add(million.substr(0, 77)).Add(million.substr(77));
  EXPECT_EQ(pieces.FinishHex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, Fnv1aAgreesWithItsAuthors) {
  EXPECT_EQ(Fnv1a64(""), 0xcbf29ce484222325u);
  EXPECT_EQ(Fnv1a64("foobar"), 0x85944171f73967e8u);
  EXPECT_EQ(Fnv1a64("bar", Fnv1a64("foo")), Fnv1a64("foobar"));
}

TEST(Text, Utf8HasOneToFourBytes) {
  std::string out;
  for (uint32_t code_point : {0x41u, 0xE9u, 0x20ACu, 0x1F600u}) AppendUtf8(out, code_point);
  EXPECT_EQ(out, "A\u00e9\u20ac\U0001f600");
}

TEST(Text, HexIsLowerCase) {
  std::string out;
  AppendHex(out, "\x0a\xff");
  EXPECT_EQ(out, "0aff");
}

TEST(Glob, MatchesParts) {
  EXPECT_TRUE(GlobMatches("*.js", "a.js"));
  EXPECT_FALSE(GlobMatches("*.js", "d/a.js"));
  EXPECT_FALSE(GlobMatches("*", ".hidden"));
  EXPECT_TRUE(GlobMatches("**/*.js", "a.js"));
  EXPECT_TRUE(GlobMatches("**/*.js", "d/e/a.js"));
  EXPECT_TRUE(GlobMatches("d/**", "d/e/f"));
  EXPECT_TRUE(GlobMatches("a{b,c{d,e}}f", "acef"));
  EXPECT_FALSE(GlobMatches("a{b,c}f", "adf"));
  EXPECT_TRUE(GlobMatches("[a-c][!x]", "by"));
  EXPECT_FALSE(GlobMatches("[a-c][!x]", "bx"));
  EXPECT_TRUE(GlobMatches("a\\*", "a*"));
  EXPECT_FALSE(GlobMatches("a\\*", "ab"));
  EXPECT_TRUE(GlobMatches("*a*b*c", "xxaxxbxxc"));
}

TEST(Glob, ExpandsToSortedFiles) {
  auto dir = TempDir::Make("glob-test");
  ASSERT_TRUE(dir.ok());
  for (const char* name : {"a/x.txt", "a/b/y.txt", "a/b/z.md", "c.txt", "a/.h/q.txt"}) {
    std::string path = dir->File(name);
    ASSERT_TRUE(MakeDirectories(DirectoryOf(path)).ok());
    ASSERT_TRUE(WriteFileAtomically(path, "").ok());
  }
  using Names = std::vector<std::string>;
  EXPECT_EQ(*ExpandGlob("**/*.txt", dir->path()), (Names{"a/b/y.txt", "a/x.txt", "c.txt"}));
  EXPECT_EQ(*ExpandGlob("a/b", dir->path()), (Names{"a/b/y.txt", "a/b/z.md"}));
  EXPECT_EQ(*ExpandGlob("./{c,d}.txt", dir->path()), (Names{"c.txt"}));
  EXPECT_EQ(*ExpandGlob(dir->File("*.txt"), "/"), (Names{dir->File("c.txt")}));
  EXPECT_TRUE(ExpandGlob("nothing*", dir->path())->empty());
}

TEST(Diagnostics, RenderAsTextAndJson) {
  Diagnostic d{"Cannot find package \"chalk\"", {"Install it."}};
  d.location = {"src/a.ts", 3, 8, 7, "import 'chalk';"};
  EXPECT_EQ(Render(d, RenderStyle::kPlain),
            "src/a.ts:3:8: error: Cannot find package \"chalk\"\n"
            "     3 | import 'chalk';\n"
            "       |        ~~~~~~~\n"
            "  note: Install it.\n");
  EXPECT_EQ(Render({"x"}, RenderStyle::kJson),
            "{\"type\":\"error\",\"text\":\"x\",\"notes\":[]}\n");
}

TEST(Diagnostics, CutALongLineAroundThePlace) {
  Diagnostic d{"bad"};
  d.location = {"a.js", 1, 5001, 0, std::string(5000, ' ') + "!" + std::string(5000, ' ')};
  std::string text = Render(d, RenderStyle::kPlain);
  EXPECT_LT(text.size(), 400u);
  EXPECT_NE(text.find('!'), std::string::npos);
  d.location.column = 99999;  // beyond the line: no crash
  Render(d, RenderStyle::kPlain);
}

Result<int> Half(int n) {
  if (n % 2) return Error{"odd"};
  return n / 2;
}
Result<int> Quarter(int n) {
  TRY(int half, Half(n));
  return Half(half);
}

TEST(Result, CarriesAValueOrAnError) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).error().text, "odd");
}

}  // namespace
}  // namespace kiln
