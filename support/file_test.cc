// Paths as text, atomic writing, and the removal of temporary files and folders.
#include "support/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln {
namespace {

TEST(Paths, AreJoinedAndTakenApart) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("a", "/b"), "/b");
  EXPECT_EQ(DirectoryOf("a/b"), "a");
  EXPECT_EQ(DirectoryOf("a"), ".");
  EXPECT_EQ(DirectoryOf("/a"), "/");
  EXPECT_EQ(DirectoryOf("/"), "/");
  EXPECT_EQ(BaseNameOf("a/b.js"), "b.js");
  EXPECT_EQ(ExtensionOf("a.b/c.d.ts"), ".ts");
  EXPECT_EQ(ExtensionOf("a.b/.hidden"), "");
}

TEST(Paths, AreNormalized) {
  EXPECT_EQ(NormalizePath("/a/./b//../c/"), "/a/c");
  EXPECT_EQ(NormalizePath("/../a"), "/a");
  EXPECT_EQ(NormalizePath("../a/.."), "..");
  EXPECT_EQ(NormalizePath(""), ".");
}

TEST(Paths, AreMadeRelative) {
  EXPECT_EQ(RelativePath("/a/b/c", "/a/b"), "c");
  EXPECT_EQ(RelativePath("/a/x", "/a/b"), "../x");
  EXPECT_EQ(RelativePath("/a/bc", "/a/b"), "../bc");
  EXPECT_EQ(RelativePath("/a", "/a/b"), "..");
  EXPECT_EQ(RelativePath("/a", "/"), "a");
  EXPECT_EQ(RelativePath("/", "/a"), "..");
  EXPECT_EQ(RelativePath("/a", "/a"), ".");
}

TEST(File, IsReplacedWholeOrNotAtAll) {
  auto dir = TempDir::Make("file-test");
  ASSERT_TRUE(dir.ok());
  std::string path = dir->File("out");
  ASSERT_TRUE(WriteFileAtomically(path, "old", 0755).ok());
  {
    auto pending = PendingFile::Open(path);
    ASSERT_TRUE(pending.ok());
    ASSERT_TRUE(pending->Write("half").ok());
  }  // never committed
  EXPECT_EQ(*ReadFile(path), "old");
  ASSERT_TRUE(WriteFileAtomically(path, "new").ok());
  EXPECT_EQ(*ReadFile(path), "new");
  EXPECT_EQ(ListDirectory(dir->path())->size(), 1u);
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0111, 0u);
}

TEST(File, ThatIsALinkOrADeviceStaysOne) {
  auto dir = TempDir::Make("file-test");
  ASSERT_TRUE(dir.ok());
  std::string path = dir->File("real"), link = dir->File("link");
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  ASSERT_EQ(symlink(path.c_str(), link.c_str()), 0);
  ASSERT_TRUE(WriteFileAtomically(link, "new").ok());
  EXPECT_EQ(*ReadFile(path), "new");
  EXPECT_TRUE(WriteFileAtomically("/dev/null", "gone").ok());
  EXPECT_FALSE(IsRegularFile("/dev/null"));
  auto full = WriteFileAtomically("/dev/full", "x");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().text, "Cannot write the output: No space left on device");
  EXPECT_FALSE(IsRegularFile("/dev/full"));
}

TEST(File, ErrorsNameThePath) {
  EXPECT_EQ(ReadFile("/no/such/file").error().text,
            "Cannot read /no/such/file: No such file or directory");
  EXPECT_EQ(ReadFile("/").error().text, "Cannot read /: Is a directory");
  EXPECT_FALSE(WriteFileAtomically("/no/such/file", "").ok());
}

TEST(TempDir, GoesWithAllThatIsInIt) {
  std::string path;
  {
    auto dir = TempDir::Make("file-test");
    ASSERT_TRUE(dir.ok());
    path = dir->path();
    ASSERT_TRUE(MakeDirectories(dir->File("a/b/c")).ok());
    ASSERT_TRUE(WriteFileAtomically(dir->File("a/b/c/d"), "x").ok());
  }
  EXPECT_FALSE(Exists(path));
}

}  // namespace
}  // namespace kiln
