// What a bundle of modules contains: texts, kinds and edges.
#include "bundler/modules.h"

#include <gtest/gtest.h>

#include "bundler/crawl_test.h"
#include "bundler/source_map.h"

namespace kiln {
namespace {

class ModulesTest : public CrawlTest {
 protected:
  ModulesTest() { options_.link = LinkForm::kModules; }

  void BundleApp(const std::string& entry) {
    options_.entry = entry;
    auto bundle = BundleEntry(options_, cache_, diagnostics_);
    ASSERT_TRUE(bundle.ok()) << Messages();
    bundle_ = std::move(*bundle);
  }
  // All messages, a line each.
  std::string Messages() {
    std::string out;
    for (const Diagnostic& one : diagnostics_.all())
      out += (one.severity == Severity::kError ? "error: " : "warning: ") + one.text + "\n";
    return out;
  }
  const BundledModule& Find(const std::string& path) {
    for (const BundledModule& module : bundle_.modules)
      if (module.path + module.suffix == "/kiln/" + path) return module;
    ADD_FAILURE() << "no module " << path;
    return bundle_.modules.front();
  }
  // The edges of a module: "import ./a -> /kiln/a.mjs", a line each.
  std::string Edges(const std::string& path) {
    std::string out;
    for (const BundledEdge& edge : Find(path).edges) {
      out += (edge.import ? "import " : "require ") + edge.specifier + " -> ";
      switch (edge.to) {
        case BundledEdge::To::kModule:
          out += bundle_.modules[edge.module].path + bundle_.modules[edge.module].suffix;
          break;
        case BundledEdge::To::kBuiltin:
          out += "builtin " + edge.text;
          break;
        case BundledEdge::To::kFails:
          out += "fails";
          break;
      }
      for (size_t i = 0; i < edge.names.size(); ++i) out += (i ? "," : " ") + edge.names[i];
      out += '\n';
    }
    return out;
  }

  BuildCache cache_;
  Bundle bundle_;
};

TEST_F(ModulesTest, JavaScriptIsTakenAsWritten) {
  std::string text = "#!/usr/bin/env node\n'use strict' // caf\u00e9 \U0001f600\nimport './a.cjs'";
  File("main.mjs", text);
  File("a.cjs", "\xEF\xBB\xBF/* \u00e9 */ import('./main.mjs')");
  options_.esbuild = "/nowhere/esbuild";  // it is not started
  BundleApp("main.mjs");
  ASSERT_EQ(bundle_.modules.size(), 2u);
  EXPECT_EQ(bundle_.script, "");
  EXPECT_EQ(bundle_.modules[0].path, "/kiln/main.mjs");
  EXPECT_EQ(bundle_.modules[0].kind, BundledModule::Kind::kEsm);
  EXPECT_EQ(bundle_.modules[0].source, text);
  EXPECT_EQ(bundle_.modules[0].source_map, "");
  EXPECT_EQ(bundle_.modules[1].kind, BundledModule::Kind::kCommonJs);
  EXPECT_EQ(bundle_.modules[1].source, "/* \u00e9 */ import('./main.mjs')");
  EXPECT_EQ(Edges("a.cjs"), "import ./main.mjs -> /kiln/main.mjs\n");
}

TEST_F(ModulesTest, TypeScriptKeepsItsTextWithoutTypes) {
  File("main.ts", "export const s: string = '\u00e9';\nimport('./b.ts');");
  File("b.ts", "\xEF\xBB\xBFlet x: number;");
  BundleApp("main.ts");
  EXPECT_EQ(Find("main.ts").source, "export const s         = '\u00e9';\nimport('./b.ts');");
  EXPECT_EQ(Find("main.ts").source_map, "");
  EXPECT_EQ(Find("b.ts").source, "let x        ;\n\n//# sourceURL=file:///kiln/b.ts");
  EXPECT_EQ(Edges("main.ts"), "import ./b.ts -> /kiln/b.ts\n");
}

TEST_F(ModulesTest, AddedTextHasAMap) {
  File("main.ts", "export enum E { A = 1 } f(E.A);");
  BundleApp("main.ts");
  const BundledModule& main = Find("main.ts");
  EXPECT_NE(main.source.find("f("), std::string::npos) << main.source;
  auto map = Json::Parse(SourceMapOf(main));
  ASSERT_TRUE(map.ok()) << main.source;
  EXPECT_EQ((*map)["sources"].Write(), "[\"/kiln/main.ts\"]");
}

TEST_F(ModulesTest, CommonJsFromTypeScriptIsNamedByItsUrl) {
  File("main.mjs", "import './a b.cts'; import './a b.cts?q=1#f'; import './t.tsx';");
  File("a b.cts", "class A { constructor(public x: number) {} }");
  File("t.tsx", "f();");
  BundleApp("main.mjs");
  std::string end = "\n\n//# sourceURL=file:///kiln/a%20b.cts";
  EXPECT_TRUE(Find("a b.cts").source.ends_with(end)) << Find("a b.cts").source;
  EXPECT_TRUE(Find("a b.cts?q=1#f").source.ends_with(end + "?q=1#f"));
  EXPECT_NE(Find("a b.cts").source_map, "");
  EXPECT_EQ(Find("t.tsx").source.find("sourceURL"), std::string::npos);
}

TEST_F(ModulesTest, JsxIsTranslatedWithAMap) {
  File("main.jsx", "let React; export const s = '\u00e9', x = <a b='c'/>;");
  BundleApp("main.jsx");
  const BundledModule& main = Find("main.jsx");
  EXPECT_NE(main.source.find("React.createElement"), std::string::npos) << main.source;
  auto map = Json::Parse(SourceMapOf(main));
  ASSERT_TRUE(map.ok());
  EXPECT_EQ((*map)["sources"].Write(), "[\"/kiln/main.jsx\"]");
  EXPECT_EQ((*map)["sourcesContent"][size_t(0)].AsString(),
            "let React; export const s = '\u00e9', x = <a b='c'/>;");
}

TEST_F(ModulesTest, DecoratorsAreTranslated) {
  File("main.mjs", "import './plain.mjs'; @dec class A {}; function dec() {}");
  File("plain.mjs", "const s = '@x', t = `@y`, r = /@z/; // @w");
  BundleApp("main.mjs");
  EXPECT_EQ(Find("main.mjs").source.find("@dec"), std::string::npos);
  EXPECT_NE(Find("main.mjs").source_map, "");
  EXPECT_EQ(Find("plain.mjs").source, "const s = '@x', t = `@y`, r = /@z/; // @w");
}

TEST_F(ModulesTest, DefinesAreAppliedWhereTheirNameOccurs) {
  options_.defines = {{"process.env.NODE_ENV", "\"production\""}};
  File("main.mjs", "import './b.mjs'; console.log(process.env.NODE_ENV)");
  File("b.mjs", "console.log( process.env.OTHER )");
  BundleApp("main.mjs");
  EXPECT_EQ(Find("main.mjs").source, "import './b.mjs'; console.log( \"production\"       )");
  EXPECT_EQ(Find("b.mjs").source, "console.log( process.env.OTHER )");
}

TEST_F(ModulesTest, EsModuleHasAllEdges) {
  File("package.json", R"({"imports": {"#files": "fs"}})");
  File("main.mjs", R"(
    import { createRequire } from 'node:module';
    import './a.mjs';
    import data from './d.json' with { type: 'json' };
    const require = createRequire(import.meta.url);
    require('./b.cjs'); require('#files');
    import('./c.mjs');)");
  for (const char* name : {"a.mjs", "b.cjs", "c.mjs", "d.json"}) File(name, "{}");
  BundleApp("main.mjs");
  std::string edges = Edges("main.mjs");
  for (const char* line :
       {"import node:module -> builtin module", "import ./a.mjs -> /kiln/a.mjs\n",
        "import ./d.json -> /kiln/d.json\n", "require ./b.cjs -> /kiln/b.cjs\n",
        "require #files -> builtin fs\n", "import ./c.mjs -> /kiln/c.mjs\n"})
    EXPECT_NE(edges.find(line), std::string::npos) << line << edges;
  EXPECT_EQ(Find("d.json").kind, BundledModule::Kind::kJson);
  EXPECT_EQ(Find("d.json").source, "");
}

TEST_F(ModulesTest, NamesThatStatementsImportFromBuiltins) {
  File("main.mjs", R"(
    import 'node:os';
    import fs, { readFile as r } from 'node:fs'; export { writeFile } from 'node:fs';
    import { "stat" as s, default as f } from 'node:fs'; import('node:fs');
    import * as path from 'path';
    export * from 'node:util';
    import('node:net');)");
  BundleApp("main.mjs");
  EXPECT_EQ(Edges("main.mjs"),
            "import node:os -> builtin os\n"
            "import node:fs -> builtin fs default,readFile,stat,writeFile\n"
            "import path -> builtin path *\n"
            "import node:util -> builtin util *\n"
            "import node:net -> builtin net\n");
}

TEST_F(ModulesTest, CommonJsLeavesBuiltinsToTheLoader) {
  File("package.json", R"({"imports": {"#files": "fs"}})");
  File("main.cjs", "require('fs'); require('#files'); import('fs'); require('left')");
  options_.externals = {"left"};
  BundleApp("main.cjs");
  EXPECT_EQ(Edges("main.cjs"), "require #files -> builtin fs\nimport fs -> builtin fs\n");
}

TEST_F(ModulesTest, QueryAndFragmentMakeInstances) {
  File("main.mjs",
       R"(import './a.mjs'; import './a.mjs?1'; import './a.mjs?2#x'; import './a.mjs#x y';
    import './a.mjs?'; import './a.mjs?#1';
    import './c.cjs?q'; import './d.json?q' with { type: 'json' }; import('./a.mjs?1'))");
  File("a.mjs", "import './b.mjs';");
  File("b.mjs", "");
  File("c.cjs", "");
  File("d.json", "{}");
  BundleApp("main.mjs");
  EXPECT_EQ(Edges("main.mjs"),
            "import ./a.mjs -> /kiln/a.mjs\n"
            "import ./a.mjs?1 -> /kiln/a.mjs?1\n"
            "import ./a.mjs?2#x -> /kiln/a.mjs?2#x\n"
            "import ./a.mjs#x y -> /kiln/a.mjs#x%20y\n"
            "import ./a.mjs? -> /kiln/a.mjs\n"
            "import ./a.mjs?#1 -> /kiln/a.mjs#1\n"
            "import ./c.cjs?q -> /kiln/c.cjs?q\n"
            "import ./d.json?q -> /kiln/d.json?q\n");
  EXPECT_EQ(Edges("a.mjs?2#x"), "import ./b.mjs -> /kiln/b.mjs\n");
  EXPECT_EQ(Find("a.mjs?1").source, "import './b.mjs';");
  EXPECT_EQ(bundle_.modules.size(), 9u);
  EXPECT_EQ(bundle_.files.size(), 1u);
}

TEST_F(ModulesTest, ImportsAreUrlsAndRequiresArePaths) {
  File("main.mjs", "import './a%20b.mjs'; import './c.cjs';");
  File("a b.mjs", "");
  File("c.cjs", "require('./d?e.cjs'); require('./f%20g.cjs'); import('./a%20b.mjs')");
  File("d?e.cjs", "");
  File("f%20g.cjs", "");
  BundleApp("main.mjs");
  EXPECT_EQ(Edges("main.mjs"),
            "import ./a%20b.mjs -> /kiln/a b.mjs\nimport ./c.cjs -> /kiln/c.cjs\n");
  EXPECT_EQ(Edges("c.cjs"),
            "require ./d?e.cjs -> /kiln/d?e.cjs\nrequire ./f%20g.cjs -> /kiln/f%20g.cjs\n"
            "import ./a%20b.mjs -> /kiln/a b.mjs\n");
}

TEST_F(ModulesTest, EncodedSeparatorIsAnError) {
  File("main.mjs", "import './a%2Fb.mjs';");
  File("a/b.mjs", "");
  options_.entry = "main.mjs";
  EXPECT_FALSE(BundleEntry(options_, cache_, diagnostics_).ok());
  EXPECT_NE(Messages().find("must not include encoded"), std::string::npos) << Messages();
}

TEST_F(ModulesTest, DataUrlIsLeftToTheLoader) {
  File("main.mjs", "import 'data:text/javascript,0';");
  BundleApp("main.mjs");
  EXPECT_EQ(Edges("main.mjs"), "");
}

TEST_F(ModulesTest, WasmIsAFileWithImports) {
  using namespace std::string_literals;
  File("main.mjs", "import { f } from './m.wasm'; import source s from './m.wasm';");
  File("m.wasm", "\0asm\1\0\0\0\2\x0d\1\7./a.mjs\1g\0\0"s);
  File("a.mjs", "");
  BundleApp("main.mjs");
  EXPECT_EQ(Find("m.wasm").kind, BundledModule::Kind::kWasm);
  EXPECT_EQ(Find("m.wasm").source, "");
  EXPECT_EQ(Edges("m.wasm"), "import ./a.mjs -> /kiln/a.mjs\n");
  EXPECT_TRUE(Find("a.mjs").at_start);
  ASSERT_EQ(bundle_.files.size(), 1u);
  EXPECT_EQ(bundle_.files[0].path, "/kiln/m.wasm");
}

TEST_F(ModulesTest, AbsentModuleThatStartDoesNotLoadIsAWarning) {
  File("main.mjs", "import('gone'); import('./later.mjs');");
  File("later.mjs", "import 'gone too';");
  BundleApp("main.mjs");
  EXPECT_EQ(Messages(), "warning: Cannot find \"gone\"\nwarning: Cannot find \"gone too\"\n");
}

TEST_F(ModulesTest, AbsentModuleOfAStatementIsAnError) {
  File("main.mjs", "import('gone'); import './a.mjs'; import 'gone';");
  File("a.mjs", "import './gone.mjs';");
  options_.entry = "main.mjs";
  EXPECT_FALSE(BundleEntry(options_, cache_, diagnostics_).ok());
  EXPECT_EQ(Messages(),
            "warning: Cannot find \"gone\"\nerror: Cannot find \"gone\"\n"
            "error: Cannot find \"./gone.mjs\"\n");
}

TEST_F(ModulesTest, TypeScriptMayUseTheVariablesOfCommonJs) {
  File("main.ts", "export const x: string = __dirname; if (require.main === module) fail();");
  BundleApp("main.ts");
  EXPECT_EQ(Find("main.ts").source,
            "export const x         = __dirname; if (require.main === module) fail();\n"
            "import { require, module, __dirname } from \"kiln:commonjs\";\n");
  EXPECT_EQ(Edges("main.ts"), "import kiln:commonjs -> builtin kiln:commonjs\n");
}

TEST_F(ModulesTest, DeclaredVariablesOfCommonJsAreTheModulesOwn) {
  File("main.ts",
       "#!/usr/bin/env node\nimport { x as module } from './b'; const { a, __dirname } = y, "
       "__filename = 1; f(module, __dirname, __filename); console.log(a.module)");
  File("b.ts", "export const x = 1;");
  BundleApp("main.ts");
  std::string source = Find("main.ts").source;
  EXPECT_EQ(source.find("kiln:commonjs"), std::string::npos) << source;
}

// Each text of main.ts re-exports a type of types.ts, which exports the value v.
TEST_F(ModulesTest, ReExportsOfTypesAreRemoved) {
  File("types.ts", "export interface T {} export type U = 1; export const v = 1;");
  File("stars.ts", "export * from './types';");
  File("again.ts", "export { T, v } from './types';");
  File("pattern.ts", "export interface T {} export const { a } = { a: 1 };");
  auto translated = [&](const std::string& text) {
    File("main.ts", text);
    BundleApp("main.ts");
    return Find("main.ts").source;
  };
  EXPECT_EQ(translated("export { T, v } from './types'"), "export {    v } from './types'");
  EXPECT_EQ(translated("export { v, T } from './types'"), "export { v,   } from './types'");
  EXPECT_EQ(translated("export { T as X, v, U } from './types'"),
            "export {         v,   } from './types'");
  // As TypeScript's compiler, which does not load the module then.
  EXPECT_EQ(translated("export { T } from './types'; f()").find("types"), std::string::npos);
  EXPECT_EQ(Edges("main.ts"), "");
  EXPECT_EQ(translated("import { T, v } from './types'; export { T, v }"),
            "import {    v } from './types'; export {    v }");
  EXPECT_EQ(translated("import { T as S } from './types'; export { S as X }").find('S'),
            std::string::npos);
  EXPECT_EQ(translated("export { T, v } from './stars'"), "export {    v } from './stars'");
  EXPECT_EQ(translated("export { T, v } from './again'"), "export {    v } from './again'");
  File("only.ts", "export interface T {}");
  EXPECT_EQ(translated("export { T } from './only'; f()").find("only"), std::string::npos);
  EXPECT_EQ(Find("only.ts").kind, BundledModule::Kind::kEsm);
  EXPECT_EQ(translated("export { T } from './pattern'"), "export { T } from './pattern'");
  EXPECT_EQ(translated("import { T } from './types'; console.log(T)"),
            "import { T } from './types'; console.log(T)");
  EXPECT_EQ(translated("import('./types'); export { T } from './types'"),
            "import('./types'); " + std::string(27, ' '));
  EXPECT_EQ(Edges("main.ts"), "import ./types -> /kiln/types.ts\n");
  EXPECT_FALSE(Find("types.ts").at_start);
}

TEST_F(ModulesTest, ReExportsOfTypesInACycleAreRemoved) {
  File("main.ts", "export { Deep, v } from './a'; export { Deep as D2 } from './b';");
  File("a.ts", "export * from './b'; export { Deep } from './b'; export const v = 1;");
  File("b.ts", "import { Deep, deep } from './deep'; export { Deep, deep }; export * from './a';");
  File("deep.ts", "export interface Deep {} export const deep = 3;");
  BundleApp("main.ts");
  for (const char* name : {"main.ts", "a.ts", "b.ts"})
    EXPECT_EQ(Find(name).source.find("Deep"), std::string::npos) << Find(name).source;
}

TEST_F(ModulesTest, NamesThatMayExistAreKept) {
  File("main.ts", "export { T } from './stars'; export { F } from './c.cjs';");
  File("stars.ts", "export * from './c.cjs';");
  File("c.cjs", "");
  BundleApp("main.ts");
  EXPECT_EQ(Find("main.ts").source, "export { T } from './stars'; export { F } from './c.cjs';");
}

TEST_F(ModulesTest, JavaScriptThatReExportsATypeIsNotChanged) {
  File("main.mjs", "export { gone } from './types.ts'");
  File("types.ts", "export type gone = 1;");
  BundleApp("main.mjs");
  EXPECT_EQ(Find("main.mjs").source, "export { gone } from './types.ts'");
}

TEST_F(ModulesTest, AddonFails) {
  File("main.js", "try { require('./x.node'); } catch {}");
  File("x.node", "");
  BundleApp("main.js");
  EXPECT_EQ(Edges("main.js"), "require ./x.node -> fails\n");
}

TEST_F(ModulesTest, KnowsWhatEachStartLoads) {
  File("main.mjs", "import './a.cjs'; import('./later.mjs');");
  File("a.cjs", "require('./b.cjs'); function f() { require('./late.cjs') }");
  File("b.cjs", "if (x) require('./c.cjs')");
  File("c.cjs", "");
  File("later.mjs", "import './d.mjs'");
  File("late.cjs", "");
  File("d.mjs", "");
  BundleApp("main.mjs");
  for (const char* name : {"main.mjs", "a.cjs", "b.cjs", "c.cjs"})
    EXPECT_TRUE(Find(name).at_start) << name;
  for (const char* name : {"later.mjs", "late.cjs", "d.mjs"})
    EXPECT_FALSE(Find(name).at_start) << name;
}

TEST_F(ModulesTest, StatementAfterAnImportCallCountsForTheStart) {
  File("main.mjs", "import('./a.mjs'); import './a.mjs';");
  File("a.mjs", "");
  BundleApp("main.mjs");
  EXPECT_TRUE(Find("a.mjs").at_start);
}

TEST_F(ModulesTest, KnowsWhatIsLoadedInAnyCaseAndWhatLater) {
  File("main.js",
       "require('./a'); if (x) require('./b'); exports.f = () => require('./c');"
       "exports.g = () => require('./a'); require('./' + process.env.NAME);"
       "class A extends f(1) { d = require('./d'); } { require('./e'); }");
  for (const char* name : {"a.js", "b.js", "c.js", "d.js", "e.js"}) File(name, "");
  BundleApp("main.js");
  auto edge = [&](const std::string& specifier) {
    for (const BundledEdge& one : Find("main.js").edges)
      if (one.specifier == specifier) return std::pair(one.certain, one.later);
    return std::pair(false, false);
  };
  EXPECT_EQ(edge("./a"), std::pair(true, true));
  EXPECT_EQ(edge("./b"), std::pair(false, false));
  EXPECT_EQ(edge("./c"), std::pair(false, true));
  EXPECT_EQ(edge("./d"), std::pair(false, true));
  EXPECT_FALSE(edge("./e").second);
  EXPECT_TRUE(Find("a.js").named_at_run_time);
}

TEST_F(ModulesTest, KnowsWhoseModulesTheyAre) {
  File("main.mjs", "import 'p'; import('./parts/' + x)");
  File("node_modules/p/index.js", "");
  File("parts/a.mjs", "import 'gone'");
  BundleApp("main.mjs");
  EXPECT_TRUE(Find("main.mjs").own);
  EXPECT_FALSE(Find("node_modules/p/index.js").own);
  EXPECT_FALSE(Find("main.mjs").speculative);
  EXPECT_TRUE(Find("parts/a.mjs").speculative);
}

}  // namespace
}  // namespace kiln
