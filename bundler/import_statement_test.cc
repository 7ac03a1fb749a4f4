// Every form of import and export statements.
#include "bundler/import_statement.h"

#include <gtest/gtest.h>

#include "bundler/scan.h"

namespace kiln {
namespace {

ModuleScan Scan(std::string_view text) {
  return ScanModule(text, "/p/m.mjs", {[](const std::string&) { return std::string(); }, {}});
}

// The statements of `text`, a line each: "x: a=b * json".
std::string Imports(std::string_view text) {
  std::string out;
  for (const ImportStatement& statement : Scan(text).imports) {
    out += statement.specifier + ":";
    for (const ImportedName& name : statement.names)
      out += " " + name.name + (name.local == name.name ? "" : "=" + name.local);
    if (statement.takes_namespace) out += statement.exports_all ? " **" : " *";
    if (statement.source_phase) out += " source";
    if (!statement.type.empty()) out += " " + statement.type;
    out += '\n';
  }
  return out;
}

std::string Exports(std::string_view text) {
  std::string out;
  ExportedNames exports = Scan(text).exports;
  for (const ImportedName& name : exports.lists)
    out += name.name + (name.local == name.name ? " " : "=" + name.local + " ");
  for (const std::string& name : exports.others) out += name + " ";
  return out + (exports.unknown ? "?" : "");
}

TEST(ImportStatement, Clauses) {
  EXPECT_EQ(Imports("import 'x'"), "x:\n");
  EXPECT_EQ(Imports("import a from 'x'"), "x: default=a\n");
  EXPECT_EQ(Imports("import { a, b as c, default as d, 'e f' as g, } from 'x'"),
            "x: a b=c default=d e f=g\n");
  EXPECT_EQ(Imports("import * as n from 'x'"), "x: *\n");
  EXPECT_EQ(Imports("import d, * as n from 'x'"), "x: default=d *\n");
  EXPECT_EQ(Imports("import d, { a } from 'x'"), "x: default=d a\n");
  EXPECT_EQ(Imports("import {} from 'x'"), "x:\n");
  EXPECT_EQ(Imports("import{a as from}from'x';import\n{b}/* from 'y' */from\n'z'"),
            "x: a=from\nz: b\n");
}

TEST(ImportStatement, Phases) {
  EXPECT_EQ(Imports("import source w from './w.wasm'"), "./w.wasm: default=w source\n");
  EXPECT_EQ(Imports("import source from 'x'"), "x: default=source\n");
  EXPECT_EQ(Imports("import source from from 'x'"), "x: default=from source\n");
  EXPECT_EQ(Imports("import defer * as n from 'x'"), "x: *\n");
  EXPECT_EQ(Imports("import defer from 'x'"), "x: default=defer\n");
  EXPECT_EQ(Imports("import defer, { a } from 'x'"), "x: default=defer a\n");
}

TEST(ImportStatement, Attributes) {
  EXPECT_EQ(Imports("import d from './d.json' with { type: 'json' }; f()"),
            "./d.json: default=d json\n");
  EXPECT_EQ(Imports("import d from './d.json' with { \"type\": \"json\", }"),
            "./d.json: default=d json\n");
  EXPECT_EQ(Imports("import 'x'\nassert({ a })"), "x:\n");
}

TEST(ImportStatement, ReExports) {
  EXPECT_EQ(Imports("export * from 'x'"), "x: **\n");
  EXPECT_EQ(Imports("export * as n from 'x'"), "x: *\n");
  EXPECT_EQ(Imports("export * as 'n m' from 'x'"), "x: *\n");
  EXPECT_EQ(Imports("export { a, b as default, default as c, 'd' as 'e' } from 'x'"),
            "x: a b=default default=c d=e\n");
  EXPECT_EQ(Exports("export * as n from 'x'; export { a } from 'y'"), "n ");
}

TEST(ImportStatement, Exports) {
  EXPECT_EQ(Exports("export { a, b as c }; export { d as default }"), "a b=c d=default ");
  EXPECT_EQ(Exports("export default 1"), "default ");
  EXPECT_EQ(Exports("export default function f() {}"), "default ");
  EXPECT_EQ(Exports("export const a = [1, 2], b = f(x, y), c = `${z, w}`; d, e"), "a b c ");
  EXPECT_EQ(Exports("export let a\nexport var b"), "a b ");
  EXPECT_EQ(Exports("export const f = (x) => { return x, y }, g = 1"), "f g ");
  EXPECT_EQ(Exports("export function f() {} export async function g() {} export function* h() {}"),
            "f g h ");
  EXPECT_EQ(Exports("export async function* i() {} export class C extends B {}"), "i C ");
  EXPECT_EQ(Exports("export const { a, b } = x"), "?");
  EXPECT_EQ(Exports("export const [a] = x, c = 1"), "c ?");
}

TEST(ImportStatement, AreNotStatements) {
  EXPECT_EQ(Imports("import('x'); import.meta; ({ import: 1 }); f(import.source('y'))"), "");
  EXPECT_EQ(Exports("x.export = 1"), "");
}

TEST(ImportStatement, BytesOfNamesAndStatements) {
  std::string text = "f(); import d, { a , b as c } from 'x' ; g()";
  ModuleScan scan = Scan(text);
  ASSERT_EQ(scan.imports.size(), 1u);
  const ImportStatement& statement = scan.imports[0];
  auto bytes = [&](uint32_t start, uint32_t end) { return text.substr(start, end - start); };
  EXPECT_EQ(bytes(statement.start, statement.end), "import d, { a , b as c } from 'x' ;");
  ASSERT_EQ(statement.names.size(), 3u);
  EXPECT_EQ(bytes(statement.names[0].start, statement.names[0].end), "d,");
  EXPECT_EQ(bytes(statement.names[1].start, statement.names[1].end), "a ,");
  EXPECT_EQ(bytes(statement.names[2].start, statement.names[2].end), "b as c");
}

}  // namespace
}  // namespace kiln
