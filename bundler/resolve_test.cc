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
