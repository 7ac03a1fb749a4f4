// What each type is stored as. The expected values are those of TypeScript's compiler, except for
// imported types, which it knows and we look up.
#include "bundler/decorator_metadata.h"

#include <gtest/gtest.h>

#include "bundler/source_map.h"

namespace kiln {
namespace {

std::string Add(std::string_view source, bool strict = false) {
  std::string out =
      AddDecoratorMetadata(source, strict, [](const std::string& name, const std::string&) {
        return ImportedType{name == "types-only" ? ImportedType::Kind::kMissing
                                                 : ImportedType::Kind::kUnknown};
      }).text;
  size_t helpers = out.find("\nfunction __kiln_metadata");
  return out.substr(0, helpers);
}

// What is stored for a decorated property of that type.
std::string TypeOf(const std::string& type, bool strict = false) {
  std::string out = Add("class A<T> { @d p: " + type + "; @d q: string }", strict);
  std::string begin = "class A<T> { @d @__kiln_metadata(\"design:type\", ";
  EXPECT_EQ(out.substr(0, begin.size()), begin) << out;
  size_t end = out.find(")  p: ");
  // The next member is found, so the type was read to its end.
  EXPECT_NE(out.find("@d @__kiln_metadata(\"design:type\", String)  q"), std::string::npos) << out;
  return out.substr(begin.size(), end - begin.size());
}

TEST(DecoratorMetadata, Types) {
  for (const char* type : {"string", "'a'", "`a${b}c`", "'a' | 'b'", "string | null", "(string)"})
    EXPECT_EQ(TypeOf(type), "String") << type;
  for (const char* type : {"number", "1 | -2"}) EXPECT_EQ(TypeOf(type), "Number") << type;
  for (const char* type : {"boolean", "true", "x is string"})
    EXPECT_EQ(TypeOf(type), "Boolean") << type;
  for (const char* type : {"string[]", "[a, b]", "Array<Map<string, number>>", "readonly A[][]",
                           "(string | number)[]"})
    EXPECT_EQ(TypeOf(type), "Array") << type;
  for (const char* type :
       {"(a: string) => void", "new () => A", "<U>(a: U) => U[]", "abstract new (x) => A"})
    EXPECT_EQ(TypeOf(type), "Function") << type;
  for (const char* type :
       {"any", "unknown", "{ a: string; b: { c: 1 } }", "T", "string | number", "typeof x.y",
        "keyof A", "A[\"b\"]", "T extends string ? { a: 1 } : B", "import(\"x\").Y<Z>", "object"})
    EXPECT_EQ(TypeOf(type), "Object") << type;
  EXPECT_EQ(TypeOf("void"), "void 0");
  EXPECT_EQ(TypeOf("bigint"), "BigInt");
  EXPECT_EQ(TypeOf("symbol"), "Symbol");
  EXPECT_EQ(TypeOf("unique symbol"), "Object");
  EXPECT_EQ(TypeOf("string & unknown"), "String");
  EXPECT_EQ(TypeOf("string & never"), "void 0");
  EXPECT_EQ(TypeOf("T extends string ? 1 : 2 | never"), "Number");
  EXPECT_EQ(TypeOf("string & { a: 1 }"), "Object");
  EXPECT_EQ(TypeOf("Promise<Array<Array<string>>>"), "__kiln_type(() => Promise)");
  EXPECT_EQ(TypeOf("N.S.C | undefined"), "__kiln_type(() => N.S.C)");
  EXPECT_EQ(TypeOf("string | null", true), "Object");
}

TEST(DecoratorMetadata, DeclaredTypes) {
  std::string out =
      Add("interface I {} type L = 'a' | 'b'; enum E { A, B } enum S { A = 'a' } type G<T> = T[];"
          "class A { @d a: I; @d b: L; @d c: E; @d e: S; @d f: G<I> }");
  std::string types;
  constexpr std::string_view kKey = "design:type\", ";
  for (size_t at = 0; (at = out.find(kKey, at)) != std::string::npos;) {
    at += kKey.size();
    types += out.substr(at, out.find(')', at) - at) + " ";
  }
  EXPECT_EQ(types, "Object String Number String Array ");
}

// What the module `a`, which imports b and c, exports.
TEST(DecoratorMetadata, ExportedTypes) {
  auto look_up = [](const std::string& specifier, const std::string& name) {
    if (specifier == "./b" && name == "C") return ImportedType{ImportedType::Kind::kClass};
    if (specifier == "./b" && name == "N.E")
      return ImportedType{ImportedType::Kind::kStored, "Number"};
    return ImportedType{};
  };
  auto exported = [&](const std::string& text, const std::string& name) -> std::string {
    ImportedType type = ExportedType(text, true, name, look_up);
    return type.kind == ImportedType::Kind::kClass    ? "class"
           : type.kind == ImportedType::Kind::kStored ? type.stored
                                                      : "unknown";
  };
  EXPECT_EQ(exported("export abstract class A {}", "A"), "class");
  EXPECT_EQ(exported("export default class {}", "default"), "class");
  EXPECT_EQ(exported("class A {} export { A as B }", "B"), "class");
  EXPECT_EQ(exported("interface A {} export type { A }", "A"), "Object");
  EXPECT_EQ(exported("export enum A { b, c = 'd' }", "A"), "Object");
  EXPECT_EQ(exported("export enum A { b = f('c'), d = `e` }", "A"), "Object");
  EXPECT_EQ(exported("export enum A { b = f(1, 2), c }", "A"), "Number");
  EXPECT_EQ(exported("export enum A { b }", "A.b"), "Number");
  EXPECT_EQ(exported("export namespace N { export class A {} }", "N.A"), "class");
  EXPECT_EQ(exported("class A {} export type B = A", "B"), "Object");
  EXPECT_EQ(exported("export type B = new () => A", "B"), "Object");
  EXPECT_EQ(exported("export type B = () => A", "B"), "Function");
  EXPECT_EQ(exported("export type B = string & { a: 1 }", "B"), "String");
  EXPECT_EQ(exported("export type B = { a: 1 } & string", "B"), "String");
  EXPECT_EQ(exported("export type B<T> = T", "B"), "Object");
  EXPECT_EQ(exported("export const A = 1", "A"), "unknown");
  EXPECT_EQ(exported("export { C } from './b'", "C"), "class");
  EXPECT_EQ(exported("import { C } from './b'; export { C as D }", "D"), "class");
  EXPECT_EQ(exported("export * from './c'; export * from './b'", "C"), "class");
  EXPECT_EQ(exported("export { N as M } from './b'", "M.E"), "Number");
}

TEST(DecoratorMetadata, ImportedTypesComeFromNamespaces) {
  EXPECT_EQ(Add("import D, { type T, X as Y } from './x'; import * as ns from 'y'\n"
                "import { O } from 'types-only';"
                "class A { @d a: D; @d b: Y; @d c: T; @d e: ns.Z; @d f: O }"),
            "import D, { type T, X as Y } from './x'; import * as __kiln_types_0 from \"./x\"; "
            "import * as ns from 'y'; import * as __kiln_types_1 from \"y\"\n"
            "import { O } from 'types-only';"
            "class A { @d @__kiln_metadata(\"design:type\", "
            "__kiln_type(() => __kiln_types_0[\"default\"]))  a: D; "
            "@d @__kiln_metadata(\"design:type\", __kiln_type(() => __kiln_types_0[\"X\"]))  b: Y; "
            "@d @__kiln_metadata(\"design:type\", Object)  c: T; "
            "@d @__kiln_metadata(\"design:type\", __kiln_type(() => __kiln_types_1.Z))  e: ns.Z; "
            "@d @__kiln_metadata(\"design:type\", Object)  f: O }");
}

TEST(DecoratorMetadata, Members) {
  EXPECT_EQ(Add("class A { @d() async m(a: string, ...b: number[]) {} }"),
            "class A { @d() @__kiln_metadata(\"design:type\", Function) "
            "@__kiln_metadata(\"design:paramtypes\", [String, Number]) "
            "@__kiln_metadata(\"design:returntype\", Promise)  async m(a: string, "
            "...b: number[]) {} }");
  // The decorators of parameters run first, but after the metadata is stored.
  EXPECT_EQ(Add("class A { m(@d a: string, { b } = {}): void {} }"),
            "class A { m(@d a: string,  @__kiln_parameter(\"design:type\", Function) "
            "@__kiln_parameter(\"design:paramtypes\", [String, Object]) "
            "@__kiln_parameter(\"design:returntype\", void 0) { b } = {}): void {} }");
  EXPECT_EQ(Add("class A { @d get x(): string { return '' } }"),
            "class A { @d @__kiln_metadata(\"design:type\", String) "
            "@__kiln_metadata(\"design:paramtypes\", [])  get x(): string { return '' } }");
  EXPECT_EQ(Add("class A { @d get x() { return y } set x(v: number) {} }"),
            "class A { @d @__kiln_metadata(\"design:type\", Number) "
            "@__kiln_metadata(\"design:paramtypes\", [Number])  get x() { return y } "
            "set x(v: number) {} }");
  // Without decorators, and overloads.
  EXPECT_EQ(Add("@d class A { m(a: string): void; m(a: any) {} x = 1\n y: string }"),
            "@d class A { m(a: string): void; m(a: any) {} x = 1\n y: string }");
}

TEST(DecoratorMetadata, Classes) {
  EXPECT_EQ(Add("@d({ a: 1 })\nexport abstract class A extends B<{ c: 1 }> {\n"
                "  x = { a() {} }\n  constructor(private readonly a: string, b = f(1, 2)) {}\n}"),
            "@d({ a: 1 }) @__kiln_metadata(\"design:paramtypes\", [String, Object]) \n"
            "export abstract class A extends B<{ c: 1 }> {\n"
            "  x = { a() {} }\n  constructor(private readonly a: string, b = f(1, 2)) {}\n}");
  EXPECT_EQ(Add("@d class A { constructor(a: X, @e() public b: string) {} }"),
            "@d class A { constructor(a: X, @e() @__kiln_parameter(\"design:paramtypes\", "
            "[__kiln_type(() => X), String])  public b: string) {} }");
}

TEST(DecoratorMetadata, MapLeadsToTheSource) {
  std::string source = "a;\n@d /* \u00e9 */ @d x;";
  // Columns 14 (where the addition of 5 begins), 16 and 21 of line 2; then line 3.
  std::string map = R"({"version":3,"sources":["a"],"mappings":"AACa,EAAE,EAAK;AACA","names":[]})";
  std::string mapped = WithoutAdditions(map, source, {{17, 5}});
  EXPECT_EQ(OriginalPosition(mapped, {1, 1})->column, 14);
  EXPECT_EQ(OriginalPosition(mapped, {1, 3})->column, 14);
  EXPECT_EQ(OriginalPosition(mapped, {1, 5})->column, 16);
  EXPECT_FALSE(OriginalPosition(mapped, {2, 1}));
}

TEST(DecoratorMetadata, TextWithoutDecoratorsIsUnchanged) {
  std::string text = "// @d\nclass A { a: string = '@d' }";
  EXPECT_EQ(Add(text), text);
}

}  // namespace
}  // namespace kiln
