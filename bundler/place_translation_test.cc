// Which form files get, and that their maps are those of the text.
#include "bundler/place_translation.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bundler/source_map.h"

namespace kiln {
namespace {

using Form = PlacedTranslation::Form;

class PlaceTranslationTest : public testing::Test {
 protected:
  PlaceTranslationTest() {
    auto started = Esbuild::Start(KILN_ESBUILD);
    KILN_CHECK(started.ok());
    esbuild_ = std::move(*started);
  }

  PlacedTranslation Place(const std::string& code, const std::string& loader = "ts",
                          const std::vector<std::string>& more = {}) {
    std::vector<std::string> flags = {"--loader=" + loader,    "--charset=utf8",
                                      "--target=esnext",       "--sourcemap=external",
                                      "--legal-comments=none", "--log-level=silent"};
    flags.insert(flags.end(), more.begin(), more.end());
    auto output = esbuild_->FinishTransform(esbuild_->StartTransform(code, flags));
    KILN_CHECK(output.ok());
    EXPECT_TRUE(output->errors.empty());
    auto placed = PlaceTranslation(*output, code, *esbuild_);
    KILN_CHECK(placed.ok());
    // Every word that both texts have once is where it was, or where the map says.
    for (const char* word : {"first", "second", "third"}) {
      size_t at = placed->code.find(word);
      if (at == std::string::npos) continue;
      LineColumn place = PositionOf(placed->code, at);
      if (!placed->map.empty()) {
        auto original = OriginalPosition(placed->map, place);
        EXPECT_TRUE(original) << word;
        if (original) place = *original;
      }
      LineColumn expected = PositionOf(code, code.find(word));
      EXPECT_EQ(place.line, expected.line) << word << "\n" << placed->code;
      EXPECT_EQ(place.column, expected.column) << word << "\n" << placed->code;
    }
    return std::move(*placed);
  }

  std::unique_ptr<Esbuild> esbuild_;
};

TEST_F(PlaceTranslationTest, TypesBecomeBlanks) {
  PlacedTranslation placed = Place("let a: B = first(c as D); // comment\nsecond()\n");
  EXPECT_EQ(placed.code, "let a    = first(c     ); // comment\nsecond()\n");
  EXPECT_EQ(placed.form, Form::kBlanks);
  EXPECT_EQ(placed.map, "");
}

TEST_F(PlaceTranslationTest, ParameterProperties) {
  PlacedTranslation placed = Place(
      "class A {\n  // comment\n  constructor(private a: string) { first() }\n  second() {}\n}\n");
  EXPECT_EQ(placed.form, Form::kInserted);
  EXPECT_NE(placed.code.find("// comment"), std::string::npos);
  EXPECT_NE(placed.code.find("this.a = a;"), std::string::npos);
  EXPECT_NE(placed.map, "");
}

TEST_F(PlaceTranslationTest, Enums) {
  PlacedTranslation placed = Place(
      "enum A {\n  B = 1, // one\n  C,\n}\nexport enum D { E }\nnamespace F { export const g = 1 "
      "}\n"
      "function f(A: any) { return first(A) }\nsecond('x', A.C); third();\n");
  EXPECT_EQ(placed.form, Form::kInserted);
  // The name of the parameter stays, which esbuild replaces, and the quotes.
  EXPECT_NE(
      placed.code.find("function f(A     ) { return first(A) }\nsecond('x', 2  ); third();\n"),
      std::string::npos)
      << placed.code;
}

TEST_F(PlaceTranslationTest, TypesAsWordsOfTheProgram) {
  PlacedTranslation placed = Place(
      "type type = 1\nlet as = type as as, of: of = 1, async: async = second(third<any>(2))\n"
      "interface first {}\n");
  EXPECT_EQ(placed.form, Form::kBlanks);
}

TEST_F(PlaceTranslationTest, DefinesAreKept) {
  PlacedTranslation placed =
      Place("let a: string = first(MODE, second);\n", "ts", {"--define:MODE=\"production\""});
  EXPECT_NE(placed.code.find("production"), std::string::npos);
  EXPECT_EQ(placed.code.find("MODE"), std::string::npos);
}

TEST_F(PlaceTranslationTest, LoweredDecorators) {
  PlacedTranslation placed = Place("@first class A { @second b: string = third() }\n", "ts",
                                   {"--supported:decorators=false"});
  EXPECT_NE(placed.map, "");
  EXPECT_EQ(placed.code.find("@"), std::string::npos);
}

TEST_F(PlaceTranslationTest, Jsx) {
  PlacedTranslation placed =
      Place("const a = <A b={first()}>\n  it's {second()}\n</A>;\nthird();\n", "tsx");
  EXPECT_EQ(placed.form, Form::kLaidOut);
}

}  // namespace
}  // namespace kiln
