// Recipes: their format, and which code they are about.
#include "baking/recipes.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Recipes, ThoseOfKilnAreComplete) {
  auto recipes = ParseRecipes(RecipesOfKiln(), "recipes.txt");
  ASSERT_TRUE(recipes.ok()) << recipes.error().text;
  ASSERT_FALSE(recipes->empty());
  EXPECT_EQ((*recipes)[0].name, "debug-options");
  EXPECT_EQ((*recipes)[0].guards, (std::vector<std::string>{"env-prefix debug_"}));
}

constexpr char kExample[] =
    "# a comment\n"
    "== one: the first: with a colon\n"
    "package: lib 1.0.0\n"
    "read: os.getCPUs\n"
    "code: f(@a,\n"
    "  @a)\n"
    "code: g()\n"
    "answer: harmless\n"
    "why: because\n"
    "\n"
    "== two: the second\n"
    "package: lib 2.0.0\n"
    "read: Date.now()\n"
    "code: x\n"
    "answer: guard env A\n"
    "answer: guard env B=c\n"
    "why: so\n";

TEST(Recipes, Format) {
  auto recipes = ParseRecipes(kExample, "example");
  ASSERT_TRUE(recipes.ok()) << recipes.error().text;
  ASSERT_EQ(recipes->size(), 2u);
  const Recipe& one = (*recipes)[0];
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.title, "the first: with a colon");
  EXPECT_EQ(one.package, "lib 1.0.0");
  EXPECT_EQ(one.code, (std::vector<std::string>{"f(@a,\n@a)", "g()"}));
  EXPECT_EQ(one.answer, Recipe::Answer::kHarmless);
  EXPECT_EQ(one.why, "because");
  EXPECT_EQ((*recipes)[1].guards, (std::vector<std::string>{"env A", "env B=c"}));
}

TEST(Recipes, WrongLinesAreErrors) {
  auto message = [](const std::string& text) {
    auto recipes = ParseRecipes(text, "f");
    return recipes.ok() ? "none" : recipes.error().text;
  };
  EXPECT_EQ(message(""), "none");
  EXPECT_EQ(message("\npackage: a\n"), "f:2: a recipe begins with `== NAME: TITLE`");
  EXPECT_EQ(message("== a: b\nx\n"), "f:2: a line has the form `KEY: VALUE`");
  EXPECT_EQ(message("== a: b\nx: y\n"), "f:2: unknown key `x`");
  EXPECT_EQ(message("== a: b\nread:\n"), "f:2: nothing follows `read:`");
  EXPECT_EQ(message("== a: b\nread: x\nread: y\n"), "f:3: a second line `read`");
  EXPECT_EQ(message("== a: b\npackage: x\n"), "f:2: the recipe a has no line `read`");
  std::string most = "== a: b\npackage: x\nread: y\ncode: z\nwhy: w\n";
  EXPECT_EQ(message(most), "f:5: the recipe a has no line `answer`");
  EXPECT_EQ(message(most + "answer: maybe\n"),
            "f:6: an answer is `guard LINE`, `harmless`, `late cwd` or `late cpus`");
  EXPECT_EQ(message(most + "answer: guard cwd /\n"), "f:6: `cwd /` is no guard");
  EXPECT_EQ(message(most + "answer: guard env\n"), "f:6: `env` is no guard");
  EXPECT_EQ(message(most + "answer: guard env A\nanswer: harmless\n"),
            "f:7: only guards can be several");
  EXPECT_EQ(message(most + "answer: harmless\nanswer: guard env A\n"),
            "f:7: only guards can be several");
}

// Whether the place of ^ in the source, which is removed, is in the code.
bool Finds(const std::string& code, std::string source) {
  size_t at = source.find('^');
  source.erase(at, 1);
  int line = 1, column = 1;
  for (size_t i = 0; i < at; ++i) {
    column++;
    if (source[i] == '\n') line++, column = 1;
  }
  return IsInCode(code, source, line, column);
}

TEST(Recipes, Code) {
  const std::string code = "Object.keys(process.env).filter(@k => { return /x_/i.test(@k, 'a'); })";
  EXPECT_TRUE(
      Finds(code, "a = Object.^keys(process.env).filter(k => { return /x_/i.test(k, 'a'); })"));
  EXPECT_TRUE(Finds(code, "Object.keys(process.env)^.filter(k=>{return/x_/i.test(k,\"a\")})"));
  EXPECT_TRUE(Finds(code,
                    "\n\nb(Object\n  .^keys(process.env) // names\n  .filter($key => {\n"
                    "/* } */ return /x_/i.test($key, 'a') })"));
  EXPECT_FALSE(
      Finds(code, "Object.^keys(process.env).filter(k => { return /x_/i.test(j, 'a'); })"));
  EXPECT_FALSE(Finds(code, "Object.^keys(process.env).filter(k => { return /x_/.test(k, 'a'); })"));
  EXPECT_FALSE(
      Finds(code, "Object.^keys(process.env).filter(k => { return /x_/i.test(k, 'b'); })"));
  EXPECT_FALSE(
      Finds(code, "Object.^keys(process.env).filter(1 => { return /x_/i.test(1, 'a'); })"));
  EXPECT_FALSE(Finds(code, "MyObject.^keys(process.env).filter(k=>{return/x_/i.test(k,'a')})"));
  // Another place than that of the code.
  EXPECT_FALSE(Finds(code, "f^(); Object.keys(process.env).filter(k=>{return/x_/i.test(k,'a')})"));
  EXPECT_FALSE(Finds(code, "Object.keys(process.env).filter(k=>{return/x_/i.test(k,'a')}); ^f()"));
  EXPECT_TRUE(Finds("a['b']", "x = a[\"b\"^]"));
  EXPECT_FALSE(Finds("a.b", "x = a.b^b"));
  EXPECT_FALSE(Finds("a.b", "xa.^b"));
}

TEST(Recipes, PlacesAreAsV8CountsThem) {
  EXPECT_TRUE(IsInCode("f()", "x\r\ny\rz\n\u2028 f()", 5, 2));
  EXPECT_TRUE(IsInCode("f()", "'\u00e9\u20ac\U0001f600'; f()", 1, 9));
  EXPECT_FALSE(IsInCode("f()", "'\u00e9\u20ac\U0001f600'; f()", 1, 8));
  EXPECT_FALSE(IsInCode("f()", "f()", 2, 1));
  EXPECT_FALSE(IsInCode("f()", "f()", 1, 4));
  EXPECT_FALSE(IsInCode("", "f()", 1, 1));
}

TEST(Recipes, AreFoundByReadAndCode) {
  auto recipes = ParseRecipes(kExample, "example");
  ASSERT_TRUE(recipes.ok());
  Report report = {.name = "os.getCPUs", .place = {"a.js", 1, 5}};
  auto found = [&](std::string_view source) {
    const Recipe* recipe = FindRecipe(*recipes, report, source);
    return recipe ? recipe->name : "none";
  };
  EXPECT_EQ(found("x = f(y, y)"), "one");
  EXPECT_EQ(found("x = g()"), "one");
  EXPECT_EQ(found("x = h()"), "none");
  report.detail = "1";
  EXPECT_EQ(found("x = g()"), "none");
}

}  // namespace
}  // namespace kiln
