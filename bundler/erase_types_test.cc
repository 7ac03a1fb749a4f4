// Types are replaced by blanks; each result is checked in the way in which a build does it. The
// expected texts are what Node 24's module.stripTypeScriptTypes returns, except where noted.
#include "bundler/erase_types.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bundler/esbuild.h"
#include "support/json.h"
#include "support/result.h"

namespace kiln {
namespace {

class EraseTypesTest : public testing::Test {
 protected:
  EraseTypesTest() {
    auto started = Esbuild::Start(KILN_ESBUILD);
    KILN_CHECK(started.ok());
    esbuild_ = std::move(*started);
  }

  TransformOutput Translate(const std::string& code, const std::string& loader) {
    auto output = esbuild_->FinishTransform(esbuild_->StartTransform(
        code, {"--loader=" + loader, "--charset=utf8", "--target=esnext", "--sourcemap=external",
               "--legal-comments=none", "--log-level=silent"}));
    KILN_CHECK(output.ok());
    return std::move(*output);
  }

  // The text without types; "(none)" if there is none, "(wrong)" if it is not the same program.
  std::string Erased(const std::string& code, AddedText added_text = AddedText::kLeaveOut) {
    TransformOutput generated = Translate(code, "ts");
    EXPECT_TRUE(generated.errors.empty()) << generated.errors[0].text;
    auto map = Json::Parse(generated.map);
    KILN_CHECK(map.ok());
    auto erased = EraseTypes(code, generated.code, (*map)["mappings"].AsString(), added_text);
    if (!erased) return "(none)";
    mappings_ = erased->mappings;
    TransformOutput again = Translate(erased->code, "js");
    bool same = again.errors.empty() && SameTokens(again.code, generated.code);
    return same ? erased->code : "(wrong)";
  }

  std::unique_ptr<Esbuild> esbuild_;
  std::string mappings_;  // of the last text
};

TEST_F(EraseTypesTest, Annotations) {
  EXPECT_EQ(Erased("let a: string = 'x', b: Map<string, Array<number>>;"),
            "let a         = 'x', b                            ;");
  EXPECT_EQ(Erased("function f<T>(this: any, a?: T, ...b: T[]): asserts a is T {}"),
            "function f   (           a    , ...b     )                 {}");
  EXPECT_EQ(
      Erased(
          "const g = ({a, b}: {a: string, b: number} = {a: '', b: 1}): {c: string} => ({c: a});"),
      "const g = ({a, b}                         = {a: '', b: 1})              => ({c: a});");
  EXPECT_EQ(
      Erased("let f: (a: string) => void = () => {}; f = (cb: () => void = () => {}): void => {};"),
      "let f                      = () => {}; f = (cb             = () => {})       => {};");
}

TEST_F(EraseTypesTest, KeepsWhatIsWritten) {
  EXPECT_EQ(Erased("const a: number = 0xff; // hex\nlet s = 'it' + \"s\" as string, u: any = "
                   "undefined\nconst r = /[/'\"]/g as RegExp\n"),
            "const a         = 0xff; // hex\nlet s = 'it' + \"s\"          , u      = "
            "undefined\nconst r = /[/'\"]/g          \n");
  EXPECT_EQ(Erased("foo(a as any, /* b */ (b as any)!.c,\n  [1, 2,] as const,\n);\n"),
            "foo(a       , /* b */ (b       ) .c,\n  [1, 2,]         ,\n);\n");
  EXPECT_EQ(Erased("const o = { a: a, b: b as string, 'c': c!, };\n"),
            "const o = { a: a, b: b          , 'c': c , };\n");
  EXPECT_EQ(Erased("const t = `a${(x as any).y}b${`${z!}`}` as const;"),
            "const t = `a${(x       ).y}b${`${z }`}`         ;");
}

TEST_F(EraseTypesTest, Classes) {
  EXPECT_EQ(Erased("export abstract class K<T> extends B<T> implements C, D<T> {\n  private "
                   "readonly x?: string; // x\n  declare y: number;\n  [key: string]: any;\n  "
                   "abstract z(): void;\n  static #p: number = 1;\n  /* 1 */ protected /* 2 */ "
                   "override m<U>(a: U): U;\n  // overload\n  m(a: any): any { return a! }\n}\n"),
            "export          class K    extends B                       {\n                   x    "
            "     ; // x\n                    \n                     \n                     \n  "
            "static #p         = 1;\n  /* 1 */                                          \n  // "
            "overload\n  m(a     )      { return a  }\n}\n");
}

TEST_F(EraseTypesTest, Statements) {
  EXPECT_EQ(Erased("import type { A } from 'a';\nimport { B, type C, D } from 'b';\nexport type { "
                   "A };\nexport interface I { a: string; readonly b: number; }\n// "
                   "comment\nexport type T = { a: string; };\n\nexport const x = [B, D] as "
                   "const;\nexport type U = typeof x;\nexport interface V {}\nexport abstract "
                   "class W {}\ndeclare const q: string;\ndeclare global { interface X {} }\n"),
            "                           \nimport { B,         D } from 'b';\n                  \n  "
            "                                                   \n// comment\n                     "
            "          \n\nexport const x = [B, D]         ;\n                         \n          "
            "           \nexport          class W {}\n                        \n                   "
            "              \n");
}

TEST_F(EraseTypesTest, Overloads) {
  EXPECT_EQ(Erased("export function f(a: string): void;\n/** second */\nexport function f(a: "
                   "number): void;\nexport function f(a: any) { g(a) }\n"),
            "                                   \n/** second */\n                                  "
            " \nexport function f(a     ) { g(a) }\n");
}

TEST_F(EraseTypesTest, LineBreaks) {
  EXPECT_EQ(Erased("let a = b as any\n(c).d()\n"), "let a = b ;     \n(c).d()\n");
  EXPECT_EQ(Erased("type A = string\nlet b = c\ninterface D {}\n(e).f\n"),
            "               \nlet b = c\n;             \n(e).f\n");
  EXPECT_EQ(Erased("const f = (a: string):\n  | string\n  | number => a;\n"),
            "const f = (a          \n          \n         ) => a;\n");
  EXPECT_EQ(Erased("class A { b = 1\n  private ['c'] = 2 }\n"),
            "class A { b = 1\n  ;       ['c'] = 2 }\n");
}

TEST_F(EraseTypesTest, NotAscii) {
  EXPECT_EQ(Erased("let é: /* é€𝒳\t*/ string = 'é𝒳'; let b: '€' = x as '𝒳'; foo(b!);\n"),
            "let é     \xC2\xA0\xE2\x80\x82 \xEF\xBB\xBF\t          = 'é𝒳'; let b   \xE2\x80\x82  "
            "= x      \xEF\xBB\xBF ; foo(b );\n");
}

// esbuild leaves out an import of which only types are used; Node would load the module.
TEST_F(EraseTypesTest, UnusedImports) {
  EXPECT_EQ(Erased("import { A } from 'a';\nimport B, { C, D } from 'b';\nlet x: A = B(D) as C;\n"),
            "                      \nimport B, {    D } from 'b';\nlet x    = B(D)     ;\n");
}

// What esbuild writes in another way, and what it computes.
TEST_F(EraseTypesTest, SpellingStays) {
  for (const char* code :
       {"a('\\'\"', \"'\\\"'\", 1_000, .5, 0b11, 1e21);\n", "a = !0, b = [!1, !0];\n",
        "a = `b${c}` + `d${e}` + 'f' + \"g\";\n", "a = 'b' + `c${d}` + 'e';\n",
        "if (a) { b } else c; for (;;);\nnew D; x => y;\n", "a = { b: b, 'c': c, d() {}, };;\n",
        "a = /[/]/g.b / 2 / c;\n", "a = ((b)), ((c) => ((d)))((e));\n", "a(void 0, undefined);\n"})
    EXPECT_EQ(Erased(code), code);
}

TEST_F(EraseTypesTest, NamesStay) {
  // esbuild calls the parameter b2.
  EXPECT_EQ(Erased("let b: any; const f = function g(a, b: any) { return b }\nconst g = 1;\n"),
            "let b     ; const f = function g(a, b     ) { return b }\nconst g = 1;\n");
}

// Text that is executed is left to RestorePositions.
TEST_F(EraseTypesTest, MoreThanTypes) {
  for (const char* code : {"enum A { B }", "class A { constructor(private b: string) {} }",
                           "namespace A { export const b = 1 }", "import a = require('a'); a();"}) {
    std::string erased = Erased(code);
    EXPECT_TRUE(erased == "(none)" || erased == "(wrong)") << erased;
  }
}

TEST(SameTokensTest, ComparesSpelling) {
  EXPECT_TRUE(SameTokens("a = 'b'; // c\n", "a='b'\n;"));
  EXPECT_FALSE(SameTokens("a = 'b';", "a = \"b\";"));
  EXPECT_FALSE(SameTokens("a + +b", "a ++ b"));
  EXPECT_FALSE(SameTokens("a", "a b"));
}

}  // namespace
}  // namespace kiln
