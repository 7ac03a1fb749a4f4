// Node's rules on real files in a scratch folder.
#include "bundler/resolve.h"

#include <gtest/gtest.h>

#include "support/file.h"

namespace kiln {
namespace {

class ResolveTest : public testing::Test {
 protected:
  ResolveTest() : folder_(*TempDir::Make()), root_(*RealPath(folder_.path())) {}

  void File(const std::string& name, const std::string& text = "") {
    ASSERT_TRUE(MakeDirectories(DirectoryOf(root_ + "/" + name)).ok());
    ASSERT_TRUE(WriteFileAtomically(root_ + "/" + name, text).ok());
  }

  // The path found, without the root.
  std::string Find(const std::string& specifier, ResolveStyle style = ResolveStyle::kRequire,
                   const std::string& importer = "src/m.js") {
    Packages packages;
    TsConfigs configs(packages);
    Resolver resolver(packages, configs, {"custom"});
    Resolution found = resolver.Resolve(specifier, root_ + "/" + importer, style);
    if (!found.found()) return "-" + found.reason;
    if (found.kind == Resolution::Kind::kBuiltin) return "node:" + found.path;
    return found.path.substr(root_.size() + 1);
  }
  std::string Import(const std::string& specifier) {
    return Find(specifier, ResolveStyle::kImport);
  }

  TempDir folder_;
  std::string root_;
};

TEST_F(ResolveTest, FilesAndFolders) {
  File("src/a.js");
  File("src/b.json");
  File("src/c/index.js");
  File("src/d/package.json", R"({"main": "./lib"})");
  File("src/d/lib/index.js");
  EXPECT_EQ(Find("./a"), "src/a.js");
  EXPECT_EQ(Find("./b"), "src/b.json");
  EXPECT_EQ(Find("./c"), "src/c/index.js");
  EXPECT_EQ(Find("./d"), "src/d/lib/index.js");
  EXPECT_EQ(Find("../src/a.js"), "src/a.js");
  EXPECT_EQ(Import("./a.js?query"), "src/a.js");
  EXPECT_EQ(Find("./e"), "-");
}

TEST_F(ResolveTest, NoExtensionOfOneKindOfModuleIsAdded) {
  File("src/a.mjs");
  File("src/b.cjs");
  File("src/c/index.mjs");
  for (const char* name : {"./a", "./b", "./c"}) EXPECT_TRUE(Find(name).starts_with("-")) << name;
}

TEST_F(ResolveTest, Builtins) {
  File("node_modules/fs/index.js");
  EXPECT_EQ(Find("fs"), "node:fs");
  EXPECT_EQ(Find("node:test"), "node:test");
  EXPECT_EQ(Find("test"), "-");
  EXPECT_EQ(Find("fs/"), "node_modules/fs/index.js");
}

TEST_F(ResolveTest, Exports) {
  File("node_modules/p/package.json", R"({"name": "p", "exports": {
    ".": {"import": "./i.mjs", "require": "./r.cjs"},
    "./x/*": "./deep/*.js", "./x/private/*": null, "./custom": {"custom": "./c.js"}}})");
  for (const char* name : {"i.mjs", "r.cjs", "deep/y.js", "c.js"})
    File(std::string("node_modules/p/") + name);
  EXPECT_EQ(Find("p"), "node_modules/p/r.cjs");
  EXPECT_EQ(Import("p"), "node_modules/p/i.mjs");
  EXPECT_EQ(Find("p/x/y"), "node_modules/p/deep/y.js");
  EXPECT_EQ(Find("p/custom"), "node_modules/p/c.js");
  EXPECT_EQ(Find("p/i.mjs"), "-the \"exports\" of package p have no \"./i.mjs\"");
  EXPECT_EQ(Find("p/x/private/z"), "-the \"exports\" of package p have no \"./x/private/z\"");
}

TEST_F(ResolveTest, ImportsAndSelf) {
  File("package.json",
       R"({"name": "self", "exports": "./src/a.js", "imports": {"#a": "./src/a.js", "#o": "os"}})");
  File("src/a.js");
  EXPECT_EQ(Find("#a"), "src/a.js");
  EXPECT_EQ(Find("#o"), "node:os");
  EXPECT_EQ(Find("self"), "src/a.js");
}

TEST_F(ResolveTest, NullExcludesThoughAConditionFollows) {
  File("node_modules/p/package.json",
       R"({"exports": {"./a": {"node": null, "default": "./a.js"}, "./b": [null, "./a.js"]}})");
  File("node_modules/p/a.js");
  EXPECT_EQ(Find("p/a").substr(0, 1), "-");
  EXPECT_EQ(Find("p/b"), "node_modules/p/a.js");
}

TEST_F(ResolveTest, Conditions) {
  File("node_modules/p/package.json", R"({"exports": {"worker": "./x.js", "browser": "./x.js",
    "development": "./x.js", "module": "./x.js", "module-sync": "./sync.mjs",
    "node": {"import": "./i.mjs", "require": "./r.cjs"}}})");
  for (const char* name : {"x.js", "sync.mjs", "i.mjs", "r.cjs"})
    File(std::string("node_modules/p/") + name);
  EXPECT_EQ(Find("p"), "node_modules/p/sync.mjs");
  EXPECT_EQ(Import("p"), "node_modules/p/sync.mjs");
}

TEST_F(ResolveTest, SelfByConditionAndSlashImports) {
  File("package.json", R"({"name": "self", "imports": {"#/*": "./src/*"},
    "exports": {"./f": {"import": "./src/f.js", "require": "./src/f.cjs"}}})");
  File("src/f.js");
  File("src/f.cjs");
  EXPECT_EQ(Find("self/f"), "src/f.cjs");
  EXPECT_EQ(Import("self/f"), "src/f.js");
  EXPECT_EQ(Import("#/f.js"), "src/f.js");
}

TEST_F(ResolveTest, MainOfAPackage) {
  auto package = [&](const std::string& name, const std::string& json,
                     std::initializer_list<const char*> files) {
    File("node_modules/" + name + "/package.json", json);
    for (const char* file : files) File("node_modules/" + name + "/" + file);
  };
  package("folder", R"({"main": "./lib"})", {"lib/index.js", "index.js"});
  package("gone", R"({"main": "./gone.js"})", {"index.js"});
  package("both", R"({"main": "m.js", "module": "e.js"})", {"m.js", "e.js"});
  package("index", R"({"module": "e.js"})", {"index.js", "e.js"});
  package("onlymodule", R"({"module": "e.js"})", {"e.js"});
  package("sqlite", "{}", {"index.js"});
  EXPECT_EQ(Find("folder"), "node_modules/folder/lib/index.js");
  EXPECT_EQ(Find("gone"), "node_modules/gone/index.js");
  EXPECT_EQ(Find("both"), "node_modules/both/m.js");
  EXPECT_EQ(Find("index"), "node_modules/index/index.js");
  EXPECT_EQ(Find("onlymodule"), "node_modules/onlymodule/e.js");
  EXPECT_EQ(Find("sqlite"), "node_modules/sqlite/index.js");
  EXPECT_EQ(Find("node:sqlite"), "node:sqlite");
}

TEST_F(ResolveTest, ExtendedSettings) {
  File("tsconfig.json", R"({"extends": ["@x/base/paths", "field", "./own"]})");
  File("own.json", R"({"compilerOptions": {"paths": {"own": ["./src/own.ts"]}}})");
  File("src/own.ts");
  File("src/a.tpl.ts");
  EXPECT_EQ(Import("own"), "src/own.ts");
  // The last file with `paths` replaces those before it.
  File("own.json", "{}");
  File("node_modules/@x/base/package.json", R"({"exports": {"./paths": "./deep/p.json"}})");
  File(
      "node_modules/@x/base/deep/p.json",
      R"({"compilerOptions": {"paths": {"*.tpl": ["${configDir}/gone/*", "${configDir}/src/*.tpl"]}}})");
  EXPECT_EQ(Import("a.tpl"), "src/a.tpl.ts");
  File("node_modules/field/package.json", R"({"tsconfig": "./f.json"})");
  File("node_modules/field/f.json", R"({"compilerOptions": {"paths": {"f": ["./f.ts"]}}})");
  File("node_modules/field/f.ts");
  EXPECT_EQ(Import("f"), "node_modules/field/f.ts");
}

TEST_F(ResolveTest, TypeScriptNames) {
  File("tsconfig.json", "{\"compilerOptions\": {/* c */ \"paths\": {\"~/*\": [\"./src/*\"]},}}");
  File("src/t.ts");
  File("src/dir/index.tsx");
  EXPECT_EQ(Import("./t.js"), "src/t.ts");
  EXPECT_EQ(Import("./t"), "src/t.ts");
  EXPECT_EQ(Import("~/t"), "src/t.ts");
  EXPECT_EQ(Import("./dir"), "src/dir/index.tsx");
}

}  // namespace
}  // namespace kiln
