// The file of a build's results: what one build stores, and what the next finds of it.
#include "support/build_cache.h"

#include <gtest/gtest.h>

#include "support/file.h"

namespace kiln {
namespace {

const Digest kProgram = CacheKeyOf("program", "one");
const Digest kFirst = CacheKeyOf("text", "first"), kSecond = CacheKeyOf("text", "second");

class BuildCacheTest : public testing::Test {
 protected:
  // A build that stores two values.
  void StoreTwo() {
    BuildCache cache(path_, kProgram);
    cache.Put(kFirst, "one");
    cache.Put(kSecond, std::string(100000, 'x'));
    auto saved = cache.Save();
    ASSERT_TRUE(saved.ok()) << saved.error().text;
    EXPECT_TRUE(*saved);
  }
  static std::string MakeFolder(const std::string& path) {
    KILN_CHECK(MakeDirectories(path).ok());
    return path;
  }
  std::string File() { return *ReadFile(path_); }
  void SetFile(std::string_view bytes) { ASSERT_TRUE(WriteFileAtomically(path_, bytes).ok()); }

  Result<TempDir> folder_ = TempDir::Make("build-cache-test");
  std::string path_ = MakeFolder(folder_->File("builds")) + "/app";
};

TEST_F(BuildCacheTest, TheNextBuildFindsWhatOneHasStored) {
  StoreTwo();
  BuildCache cache(path_, kProgram);
  EXPECT_EQ(cache.Find(kFirst), "one");
  EXPECT_EQ(cache.Find(kSecond), std::string(100000, 'x'));
  EXPECT_EQ(cache.Find(CacheKeyOf("text", "third")), std::nullopt);
}

TEST_F(BuildCacheTest, FindsWhatTheSameBuildHasStored) {
  BuildCache cache;
  cache.Put(kFirst, "one");
  EXPECT_EQ(cache.Find(kFirst), "one");
  auto saved = cache.Save();
  ASSERT_TRUE(saved.ok());
  EXPECT_FALSE(*saved);
}

TEST_F(BuildCacheTest, AnotherProgramFindsNothing) {
  StoreTwo();
  BuildCache cache(path_, CacheKeyOf("program", "two"));
  EXPECT_EQ(cache.Find(kFirst), std::nullopt);
}

TEST_F(BuildCacheTest, ABuildThatStoresNothingKeepsTheFile) {
  StoreTwo();
  std::string before = File();
  BuildCache cache(path_, kProgram);
  EXPECT_EQ(cache.Find(kFirst), "one");
  auto saved = cache.Save();
  ASSERT_TRUE(saved.ok());
  EXPECT_FALSE(*saved);
  EXPECT_EQ(File(), before);
}

TEST_F(BuildCacheTest, WhatWasNotUsedIsRemoved) {
  StoreTwo();
  {
    BuildCache cache(path_, kProgram);
    EXPECT_EQ(cache.Find(kFirst), "one");
    cache.Put(CacheKeyOf("text", "third"), "three");
    EXPECT_TRUE(cache.Save().ok());
  }
  BuildCache cache(path_, kProgram);
  EXPECT_EQ(cache.Find(kFirst), "one");
  EXPECT_EQ(cache.Find(CacheKeyOf("text", "third")), "three");
  EXPECT_EQ(cache.Find(kSecond), std::nullopt);
  EXPECT_LT(File().size(), 1000u);
}

TEST_F(BuildCacheTest, NoDamageGivesAWrongValue) {
  StoreTwo();
  const std::string whole = File();
  // Every byte of the header and the table, and some of the values.
  for (size_t at = 0; at < whole.size(); at += at < 400 ? 1 : 997) {
    std::string bytes = whole;
    bytes[at] = char(bytes[at] ^ 0x20);
    SetFile(bytes);
    BuildCache cache(path_, kProgram);
    auto first = cache.Find(kFirst), second = cache.Find(kSecond);
    EXPECT_TRUE(!first || *first == "one") << at;
    EXPECT_TRUE(!second || *second == std::string(100000, 'x')) << at;
    EXPECT_FALSE(first && second) << at;
  }
  for (size_t size = 0; size < whole.size(); size += size < 400 ? 1 : 9973) {
    SetFile(std::string_view(whole).substr(0, size));
    BuildCache cache(path_, kProgram);
    EXPECT_FALSE(cache.Find(kFirst) && cache.Find(kSecond)) << size;
  }
}

TEST_F(BuildCacheTest, ADamagedFileIsReplaced) {
  SetFile("");
  StoreTwo();
  std::string bytes = File();
  bytes.back() ^= 1;  // in one of the values
  SetFile(bytes);
  {
    BuildCache cache(path_, kProgram);
    bool first = cache.Find(kFirst).has_value(), second = cache.Find(kSecond).has_value();
    EXPECT_NE(first, second);
    if (!first) cache.Put(kFirst, "one");
    if (!second) cache.Put(kSecond, std::string(100000, 'x'));
    EXPECT_TRUE(cache.Save().ok());
  }
  BuildCache cache(path_, kProgram);
  EXPECT_EQ(cache.Find(kFirst), "one");
  EXPECT_EQ(cache.Find(kSecond), std::string(100000, 'x'));
}

TEST_F(BuildCacheTest, AFolderThatCannotBeWrittenIsAnErrorOfSaveOnly) {
  SetFile("");
  BuildCache cache(path_ + "/below-a-file", kProgram);
  cache.Put(kFirst, "one");
  EXPECT_EQ(cache.Find(kFirst), "one");
  EXPECT_FALSE(cache.Save().ok());
}

TEST(Bytes, AreReadAsTheyWereWritten) {
  ByteWriter out;
  for (uint64_t number : {uint64_t{0}, uint64_t{127}, uint64_t{128}, UINT64_MAX})
    out.Number(number);
  out.Text("text");
  out.Text("");
  std::string bytes = out.Take();
  ByteReader in(bytes);
  for (uint64_t number : {uint64_t{0}, uint64_t{127}, uint64_t{128}, UINT64_MAX})
    EXPECT_EQ(in.Number(), number);
  EXPECT_EQ(in.Text(), "text");
  EXPECT_FALSE(in.AtEnd());
  EXPECT_EQ(in.Text(), "");
  EXPECT_TRUE(in.AtEnd());
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader part(std::string_view(bytes).substr(0, size));
    for (int i = 0; i < 4; ++i) part.Number();
    part.Text();
    part.Text();
    EXPECT_FALSE(part.AtEnd()) << size;
  }
}

}  // namespace
}  // namespace kiln
