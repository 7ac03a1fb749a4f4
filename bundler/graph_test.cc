// Which modules a crawl finds, and what becomes of each import.
#include "bundler/graph.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bundler/crawl_test.h"

namespace kiln {
namespace {

class GraphTest : public CrawlTest {
 protected:
  // Crawls from `entry`; false if the app cannot be bundled.
  bool Crawl(const std::string& entry) {
    graph_ = std::make_unique<Graph>(options_, esbuild_, cache_, diagnostics_);
    return graph_->Crawl(root_ + "/" + entry).ok();
  }

  // The names of all modules, in order, without the root.
  std::string Modules() {
    std::string out;
    for (const Module& module : graph_->modules())
      out += (out.empty() ? "" : " ") + module.path.substr(root_.size() + 1);
    return out;
  }
  const Module& Find(const std::string& name) {
    for (const Module& module : graph_->modules())
      if (module.path == root_ + "/" + name) return module;
    ADD_FAILURE() << "no module " << name;
    return graph_->modules().front();
  }
  ModuleFormat FormatOf(const std::string& name) { return Find(name).format; }
  bool Reported(const std::string& text) {
    return std::any_of(graph_->report().begin(), graph_->report().end(),
                       [&](const std::string& line) { return line.find(text) != line.npos; });
  }
  // All errors, a line each: "FILE:LINE:COLUMN TEXT".
  std::string Errors() {
    std::string out;
    for (const Diagnostic& one : diagnostics_.all())
      if (one.severity == Severity::kError)
        out += one.location.file + ":" + std::to_string(one.location.line) + ":" +
               std::to_string(one.location.column) + " " + one.text + "\n";
    return out;
  }

  BuildCache cache_;
  std::unique_ptr<Graph> graph_;
};

TEST_F(GraphTest, FindsModulesBreadthFirst) {
  File("main.js", "require('./a'); require('./b');");
  File("a.js", "require('./c');");
  File("b.js", "");
  File("c.js", "");
  ASSERT_TRUE(Crawl("main.js"));
  EXPECT_EQ(Modules(), "main.js a.js b.js c.js");
}

TEST_F(GraphTest, ReadsACycleOnce) {
  File("main.js", "require('./a');");
  File("a.js", "require('./main');");
  ASSERT_TRUE(Crawl("main.js"));
  EXPECT_EQ(Modules(), "main.js a.js");
}

TEST_F(GraphTest, FormatFollowsExtension) {
  File("main.cjs", "require('./a.mjs'); require('./b.json');");
  File("a.mjs", "");
  File("b.json", "{}");
  ASSERT_TRUE(Crawl("main.cjs"));
  EXPECT_EQ(FormatOf("main.cjs"), ModuleFormat::kCommonJs);
  EXPECT_EQ(FormatOf("a.mjs"), ModuleFormat::kEsm);
  EXPECT_EQ(FormatOf("b.json"), ModuleFormat::kJson);
}

TEST_F(GraphTest, FormatFollowsTypeOfPackage) {
  File("package.json", R"({"type": "module"})");
  File("main.js", "");
  ASSERT_TRUE(Crawl("main.js"));
  EXPECT_EQ(FormatOf("main.js"), ModuleFormat::kEsm);
}

TEST_F(GraphTest, FormatFollowsSyntax) {
  File("main.js", "require('./esm'); require('./await');");
  File("esm.js", "export {};");
  File("await.js", "f(() => 1)\nawait 1");
  ASSERT_TRUE(Crawl("main.js"));
  EXPECT_EQ(FormatOf("main.js"), ModuleFormat::kCommonJs);
  EXPECT_EQ(FormatOf("esm.js"), ModuleFormat::kEsm);
  EXPECT_EQ(FormatOf("await.js"), ModuleFormat::kEsm);
}

TEST_F(GraphTest, VariablesOfCommonJsCannotBeDeclaredInIt) {
  File("main.js", "require('./esm'); require('./commonjs');");
  File("esm.js", "const require = () => {};");
  File("commonjs/package.json", R"({"type": "commonjs"})");
  File("commonjs/index.js", "const require = () => {};");
  ASSERT_TRUE(Crawl("main.js"));
  EXPECT_EQ(FormatOf("esm.js"), ModuleFormat::kEsm);
  EXPECT_EQ(FormatOf("commonjs/index.js"), ModuleFormat::kCommonJs);
}

TEST_F(GraphTest, BuiltinIsAnEdgeAndNoModule) {
  File("main.js", "require('node:fs');");
  ASSERT_TRUE(Crawl("main.js"));
  const Edge* edge = Find("main.js").Find("node:fs", true);
  ASSERT_TRUE(edge);
  EXPECT_EQ(edge->to, Edge::To::kBuiltin);
  EXPECT_EQ(edge->builtin, "fs");
  EXPECT_EQ(graph_->builtins(), std::set<std::string>{"fs"});
}

TEST_F(GraphTest, ExternalIsLeftToRunTime) {
  options_.externals = {"left*", "out"};
  File("main.js", "require('left-pad'); require('out/file');");
  ASSERT_TRUE(Crawl("main.js"));
  EXPECT_EQ(Find("main.js").Find("left-pad", true)->to, Edge::To::kRunTime);
  EXPECT_EQ(Find("main.js").Find("out/file", true)->to, Edge::To::kRunTime);
}

TEST_F(GraphTest, AbsentModuleIsAnErrorWithItsPlace) {
  File("main.js", "let x;\nx = require('./gone');");
  EXPECT_FALSE(Crawl("main.js"));
  EXPECT_EQ(Errors(), "main.js:2:5 Cannot find \"./gone\"\n");
}

TEST_F(GraphTest, AbsentModuleInTryIsReportedOnly) {
  File("main.js", "try { require('gone'); } catch {}");
  EXPECT_TRUE(Crawl("main.js"));
  EXPECT_TRUE(Reported("left to run time: gone"));
}

TEST_F(GraphTest, AbsentModuleInMethodOfPackageIsNoError) {
  File("main.js", "require('p');");
  File("node_modules/p/index.js", "class A { catch(e) { require('gone'); } }");
  EXPECT_TRUE(Crawl("main.js")) << Errors();
}

TEST_F(GraphTest, AddonIsAnError) {
  File("main.js", "require('./x.node');");
  File("x.node", "");
  EXPECT_FALSE(Crawl("main.js"));
  EXPECT_NE(Errors().find("main.js:1:1 "), std::string::npos) << Errors();
}

TEST_F(GraphTest, AddonInTryIsNoError) {
  File("main.js", "try { require('./x.node'); } catch {}");
  File("x.node", "");
  EXPECT_TRUE(Crawl("main.js")) << Errors();
  EXPECT_EQ(Find("main.js").Find("./x.node", true)->to, Edge::To::kAddon);
}

TEST_F(GraphTest, FolderOfComputedNamesIsBundled) {
  File("main.js", "require('./parts/' + name);");
  File("parts/a.js", "");
  File("parts/b.js", "require('gone');");
  EXPECT_TRUE(Crawl("main.js")) << Errors();
  EXPECT_EQ(Modules(), "main.js parts/a.js parts/b.js");
}

TEST_F(GraphTest, UnknownComputedNameIsReported) {
  File("main.js", "\nrequire(name);");
  EXPECT_TRUE(Crawl("main.js"));
  EXPECT_TRUE(Reported("resolved at run time: require() at main.js:2"));
}

TEST_F(GraphTest, PackageThatTheAppNamesIsBundledForComputedNames) {
  File("package.json", R"({"name": "app", "dependencies": {"view": "1"}})");
  File("main.js", "require('web').use('view');");
  File("node_modules/web/index.js", "exports.use = (name) => require(name);");
  File("node_modules/view/index.js", "");
  EXPECT_TRUE(Crawl("main.js"));
  EXPECT_TRUE(Reported("bundled: view"));
  EXPECT_EQ(Modules(), "main.js node_modules/web/index.js node_modules/view/index.js");
}

TEST_F(GraphTest, ResolvedFileIsWanted) {
  File("main.js", "require.resolve('./data.txt');");
  File("data.txt", "");
  EXPECT_TRUE(Crawl("main.js"));
  EXPECT_EQ(graph_->wanted_files(), std::set<std::string>{root_ + "/data.txt"});
}

TEST_F(GraphTest, TypeScriptIsTranslated) {
  File("main.ts", "const x: number = 1; export default x;");
  ASSERT_TRUE(Crawl("main.ts")) << Errors();
  EXPECT_EQ(FormatOf("main.ts"), ModuleFormat::kEsm);
  EXPECT_EQ(Find("main.ts").code().find(": number"), std::string::npos);
}

TEST_F(GraphTest, ErrorInTypeScriptHasThePlaceInTheSource) {
  File("main.ts", "interface A {\n  a: number;\n}\nlet x: A; import './gone';");
  EXPECT_FALSE(Crawl("main.ts"));
  EXPECT_NE(Errors().find("main.ts:4:11 "), std::string::npos) << Errors();
}

}  // namespace
}  // namespace kiln
