// Which modules of packages with "sideEffects" are left out. Each module is p/NAME.js of one package
// unless a test says otherwise.
#include "bundler/unused_modules.h"

#include <gtest/gtest.h>

#include "bundler/crawl_test.h"

namespace kiln {
namespace {

class UnusedModulesTest : public CrawlTest {
 protected:
  UnusedModulesTest() {
    options_.link = LinkForm::kModules;
    Package("false");
  }

  void Package(const std::string& side_effects) {
    File("node_modules/p/package.json",
         R"({"name": "p", "type": "module", "exports": {".": "./index.js", "./*": "./*"},
             "sideEffects": )" +
             side_effects + "}");
  }
  void P(const std::string& name, const std::string& text) {
    File("node_modules/p/" + name + ".js", text);
  }
  static std::string NameOf(const Module& module) {
    return std::string(StemOf(BaseNameOf(module.path)));
  }
  static std::string StemOf(std::string name) { return name.substr(0, name.rfind('.')); }

  // The names of the modules that the app with that main.mjs does not use, in the order of the
  // graph; a partial one has a ~ before it.
  std::string Unused(const std::string& main) {
    File("main.mjs", main);
    BuildCache cache;
    Graph graph(options_, esbuild_, cache, diagnostics_);
    EXPECT_TRUE(graph.Crawl(root_ + "/main.mjs").ok());
    ModuleUse use = FindUse(graph);
    report_ = graph.report();
    std::set<std::string> names;
    for (size_t i = 0; i < graph.modules().size(); ++i) {
      if (!use.used[i]) names.insert(NameOf(graph.modules()[i]));
      if (use.partial[i]) names.insert("~" + NameOf(graph.modules()[i]));
      if (!use.used[i]) EXPECT_FALSE(use.at_start[i]) << NameOf(graph.modules()[i]);
    }
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
    return out;
  }

  std::vector<std::string> report_;
};

TEST_F(UnusedModulesTest, OnlyNamedReExportsAreUsed) {
  P("index",
    "'use strict'; export { default as a, x as y } from './a.js';\n"
    "export { b } from './b.js'; // comment\nexport { c } from './c.js'");
  P("a", "export default 1; export let x");
  P("b", "export let b");
  P("c", "import './d.js'; export let c");
  P("d", "");
  EXPECT_EQ(Unused("import { y } from 'p'"), "b c d ~index");
  EXPECT_EQ(report_, std::vector<std::string>{"left out of the start: 3 modules of p that are not "
                                              "used and have no side effects"});
  EXPECT_EQ(Unused("import { a, b } from 'p'"), "c d ~index");
  EXPECT_EQ(Unused("import { a, b, c } from 'p'"), "d");  // an import without names is not needed
  EXPECT_EQ(Unused("import 'p'"), "a b c d index");
  EXPECT_EQ(Unused("import {} from 'p'"), "a b c d index");
  EXPECT_EQ(Unused("export { a } from 'p'"), "b c d ~index");
  EXPECT_EQ(Unused("import { a as b } from 'p'; export { b as c }"), "b c d ~index");
}

TEST_F(UnusedModulesTest, NamespacesUseAll) {
  P("index", "export { a } from './a.js'; export { b } from './b.js'");
  P("a", "export let a");
  P("b", "export let b");
  EXPECT_EQ(Unused("import * as p from 'p'"), "");
  EXPECT_EQ(Unused("export * from 'p'"), "");
  EXPECT_EQ(Unused("export * as p from 'p'"), "");
  File("c.cjs", "require('p')");
  EXPECT_EQ(Unused("import './c.cjs'; import { a } from 'p'"), "");
  EXPECT_EQ(Unused("import { createRequire } from 'node:module';"
                   "createRequire(import.meta.url)('p')"),
            "");
  EXPECT_EQ(report_, std::vector<std::string>{});
}

TEST_F(UnusedModulesTest, ImportCallGetsACompleteInstance) {
  P("index", "export { a } from './a.js'; export { b } from './b.js'");
  P("a", "export let a");
  P("b", "export let b");
  EXPECT_EQ(Unused("import { a } from 'p'; import('p')"), "b ~index");
  EXPECT_EQ(Unused("import('p/b.js')"), "");
  EXPECT_EQ(Unused("import('p/b.js'); import { a } from 'p'"), "");
}

TEST_F(UnusedModulesTest, WithoutThePromiseAllIsUsed) {
  for (const char* value : {"true", "null", "\"*.css\"", "[\"*.js\"]", "[1]", "{}"}) {
    Package(value);
    P("index", "export { a } from './a.js'; export { b } from './b.js'");
    P("a", "export let a");
    P("b", "export let b");
    EXPECT_EQ(Unused("import { a } from 'p'"), "") << value;
  }
}

TEST_F(UnusedModulesTest, PatternsNameModulesWithSideEffects) {
  P("index",
    "export { a } from './a.js'; export { b } from './b.js'; "
    "export { c } from './in/c.js'; export { d } from './in/deep/d.js';");
  P("a", "export let a");
  P("b", "export let b");
  P("in/c", "export let c");
  P("in/deep/d", "export let d");
  auto unused = [&](const std::string& patterns) {
    Package(patterns);
    return Unused("import { a } from 'p'");
  };
  EXPECT_EQ(unused("[]"), "b c d ~index");
  EXPECT_EQ(unused("[\"b.js\"]"), "c d ~index");
  EXPECT_EQ(unused("[\"d.js\"]"), "b c ~index");
  EXPECT_EQ(unused("[\"./b.js\"]"), "c d ~index");
  EXPECT_EQ(unused("[\"./d.js\"]"), "b c d ~index");
  EXPECT_EQ(unused("[\"in/*.js\"]"), "b d ~index");
  EXPECT_EQ(unused("[\"./in/**/*.js\"]"), "b ~index");
  EXPECT_EQ(unused("[\"**/?.js\", \"*.css\"]"), "");
  EXPECT_EQ(unused("[\"{b,c}.js\"]"), "d ~index");
  EXPECT_EQ(unused("[\"/in/c.js\"]"), "b d ~index");
  EXPECT_EQ(unused("[\"!./b.js\"]"), "");
}

TEST_F(UnusedModulesTest, NearestPackageJsonCounts) {
  P("index", "export { a } from './esm/a.js'; export { b } from './esm/b.js'");
  P("esm/a", "export let a");
  P("esm/b", "export let b");
  File("node_modules/p/esm/package.json", R"({"type": "module"})");
  EXPECT_EQ(Unused("import { a } from 'p'"), "");
  File("node_modules/p/esm/package.json", R"({"type": "module", "sideEffects": false})");
  EXPECT_EQ(Unused("import { a } from 'p'"), "b ~index");
}

TEST_F(UnusedModulesTest, StarsPassNamesOn) {
  P("index",
    "export * from './a.js'; export * from './more.js'; export * as ns from './n.js';"
    "export { default } from './f.js'");
  P("a", "export let a; export default 0");
  P("more", "export * from './b.js'; export * from './c.js'; export * from './index.js'");
  P("b", "export const b = 1, x = 2");
  P("c", "export const c = 1, x = 3");
  P("n", "");
  P("f", "export default 1");
  EXPECT_EQ(Unused("import { a } from 'p'"), "b c f n ~index ~more");  // more has a, too
  EXPECT_EQ(Unused("import { b } from 'p'"), "a c f n ~index ~more");
  EXPECT_EQ(Unused("import f from 'p'"), "a b c more n ~index");
  EXPECT_EQ(Unused("import { ns } from 'p'"), "a b c f ~index ~more");
  // Neither x is exported; V8 reports it.
  EXPECT_EQ(Unused("import { x } from 'p'"), "a f n ~index ~more");
}

TEST_F(UnusedModulesTest, StarOfAModuleWithUnknownNamesIsUsed) {
  P("index", "export * from './a.js'; export * from './b.js'; export * from './c.cjs'");
  P("a", "export let a");
  P("b", "export const { b } = {}");
  File("node_modules/p/c.cjs", "");
  EXPECT_EQ(Unused("import { a } from 'p'"), "");
}

TEST_F(UnusedModulesTest, ModuleWithCodeUsesAllThatItNames) {
  P("index", "export { a } from './a.js'; export { b } from './b.js'; export let own = 1;");
  P("a", "export let a");
  P("b", "export let b");
  EXPECT_EQ(Unused("import { own } from 'p'"), "");
  P("index", "import * as n from './a.js'; export { n }; export { b } from './b.js'");
  EXPECT_EQ(Unused("import { b } from 'p'"), "");
  EXPECT_EQ(Unused("import { n } from 'p'"), "b ~index");
}

TEST_F(UnusedModulesTest, WhatIsNotAnEsModuleOfThePackageStays) {
  File("node_modules/q/package.json", R"({"name": "q", "type": "module"})");
  File("node_modules/q/index.js", "export let q");
  P("index",
    "export { a } from './a.js'; export { q } from 'q'; export { c } from './c.cjs';"
    "export { t } from './t.js'; export { b } from './b.js'");
  P("a", "export let a");
  P("b", "export let b");
  P("t", "export let t = await 1");
  File("node_modules/p/c.cjs", "exports.c = 1");
  EXPECT_EQ(Unused("import { a } from 'p'"), "b ~index");
}

TEST_F(UnusedModulesTest, MissingExportIsLinked) {
  P("index", "export { a } from './a.js'; export { gone } from './b.js'");
  P("a", "export let a");
  P("b", "export let b");
  EXPECT_EQ(Unused("import { a } from 'p'"), "");
}

// V8 resolves all names that a linked module re-exports, also those that nobody uses.
TEST_F(UnusedModulesTest, NameThatIsReExportedFromAStarIsLinked) {
  P("index", "export { a } from './a.js'; export { extra } from './all.js'");
  P("a", "import { b } from './all.js'; export let a = b");
  P("all", "export * from './b.js'; export * from './extra.js'; export * from './unused.js'");
  P("b", "export let b");
  P("extra", "export let extra");
  P("unused", "export let unused");
  EXPECT_EQ(Unused("import { a } from 'p'; a"), "unused ~all ~index");
}

TEST_F(UnusedModulesTest, CyclesEnd) {
  P("index", "export { a } from './a.js'; export { b } from './b.js'; export * from './index.js'");
  P("a", "import { b } from './index.js'; export let a");
  P("b", "import { a } from './index.js'; export let b");
  EXPECT_EQ(Unused("import { a } from 'p'"), "");
  P("a", "import './index.js'; export let a");
  EXPECT_EQ(Unused("import { a } from 'p'"), "b ~index");
}

TEST_F(UnusedModulesTest, OrderOfModulesWithoutThePromiseStays) {
  P("index", "export { a } from './a.js'; export { b } from './b.js'; export { c } from './c.js'");
  P("a", "import '../../one.mjs'; export let a");
  P("b", "export let b");
  P("c", "export let c");
  File("one.mjs", "");
  File("two.mjs", "");
  // Not used, but it is why one.mjs is evaluated before two.mjs.
  EXPECT_EQ(Unused("import { b } from 'p'; import './two.mjs'; import './one.mjs'"), "c ~index");
  EXPECT_EQ(Unused("import { b } from 'p'; import './one.mjs'; import './two.mjs'"), "a c ~index");
  // It would be evaluated later.
  EXPECT_EQ(Unused("import { b } from 'p'; import('./one.mjs')"), "c ~index");
  EXPECT_EQ(Unused("import { b } from 'p'"), "a c one ~index");
  EXPECT_EQ(report_.size(), 2u);
}

TEST_F(UnusedModulesTest, ModulesOfComputedNamesUseWhatTheyImport) {
  P("index", "export { a } from './a.js'; export { b } from './b.js'");
  P("a", "export let a");
  P("b", "export let b");
  File("parts/one.mjs", "import { b } from 'p'");
  EXPECT_EQ(Unused("import { a } from 'p'; import('./parts/' + x)"), "");
}

}  // namespace
}  // namespace kiln
