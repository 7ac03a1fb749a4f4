#include "bundler/extension_handlers.h"

#include <gtest/gtest.h>

#include "support/file.h"

namespace kiln {
namespace {

TEST(ExtensionHandlers, MentionsOfTheTable) {
  for (const char* text :
       {"require.extensions['.art'] = f", "const old = Module._extensions['.js']",
        "const e = require('module')._extensions", "const r = require; r.extensions[x] = f"})
    EXPECT_TRUE(MentionsExtensionTable(text)) << text;
  for (const char* text : {"program.extensions = ['.js']", "const extensions = {}", "require('x')"})
    EXPECT_FALSE(MentionsExtensionTable(text)) << text;
}

TEST(ExtensionHandlers, AddonHandler) {
  for (const char* text : {"require.extensions['.node'] = f", "Module._extensions[\".node\"]=f"})
    EXPECT_TRUE(ReplacesAddonHandler(text)) << text;
  for (const char* text :
       {"require.extensions['.node']", "if (require.extensions['.node'] == f)",
        "require.extensions['.art'] = f", "require.extensions['.node'](module, file)"})
    EXPECT_FALSE(ReplacesAddonHandler(text)) << text;
}

TEST(ExtensionHandlers, ForeignExtensions) {
  for (const char* path : {"/a/x.art", "/a/x.coffee", "/a.js/x.txt", "x.es6"})
    EXPECT_TRUE(HasForeignExtension(path)) << path;
  for (const char* path : {"/a/x.js", "/a/x.json", "/a/x.tsx", "/a/LICENSE", "/a.art/x", "x.node"})
    EXPECT_FALSE(HasForeignExtension(path)) << path;
}

TEST(ExtensionHandlers, Files) {
  auto folder = TempDir::Make();
  ASSERT_TRUE(folder.ok());
  ASSERT_TRUE(MakeDirectories(folder->File("home")).ok());
  for (const char* name : {"home.txt", "home.art", "home.js", "homes.art", "home/index.coffee"})
    ASSERT_TRUE(WriteFileAtomically(folder->File(name), "x").ok());
  EXPECT_EQ(FilesForHandlers(folder->File("home")),
            (std::vector<std::string>{folder->File("home.art"), folder->File("home.txt"),
                                      folder->File("home/index.coffee")}));
  EXPECT_TRUE(FilesForHandlers(folder->File("absent/home")).empty());
}

}  // namespace
}  // namespace kiln
