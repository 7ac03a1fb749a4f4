// The runtime's embedded files with symbolic links: what each function does with one, that none leads
// out of /kiln, and that damaged links are errors.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "runtime-stub/payload/copied_links.h"
#include "runtime-stub/payload/embedded_files.h"
#include "snapshot/format/payload_format.h"
#include "tests/fuzz/read_modules.h"

namespace kiln::runtime {
namespace {

constexpr uint32_t kLink = 0120777;

struct Item {
  std::string path;
  std::string data;
  uint32_t mode = 0644;
  uint32_t flags = 0;
};

// Sorted by path.
std::string Section(const std::vector<Item>& items, uint32_t links = 1) {
  format::FilesHeader header = {uint32_t(items.size()), links};
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  std::string bytes;
  uint64_t at = sizeof header + items.size() * sizeof(format::FileEntry);
  for (const Item& item : items) {
    format::FileEntry entry = {};
    entry.path_offset = at + bytes.size();
    entry.path_size = uint32_t(item.path.size());
    bytes += item.path;
    entry.data_offset = at + bytes.size();
    entry.data_size = entry.raw_size = item.data.size();
    bytes += item.data;
    entry.mode = item.mode;
    entry.flags = item.flags;
    out.append(reinterpret_cast<const char*>(&entry), sizeof entry);
  }
  return out + bytes;
}

std::vector<Item> Example() {
  return {{"/kiln/a/b/f.txt", "text"},
          {"/kiln/a/up", "..", kLink},
          {"/kiln/absolute", "/kiln/a/b", kLink},
          {"/kiln/dangling", "none", kLink},
          {"/kiln/folder", "a/b", kLink},
          {"/kiln/loop", "loop", kLink},
          {"/kiln/only/link", "../folder/f.txt", kLink},
          {"/kiln/out", "../etc/passwd", kLink},
          {"/kiln/out-absolute", "/etc/passwd", kLink},
          {"/kiln/zip", "folder", kLink, format::kZstd}};
}

class EmbeddedLinks : public testing::Test {
 protected:
  void Use(const std::vector<Item>& items, uint32_t links = 1) {
    section_ = Section(items, links);
    SetEmbeddedFiles({reinterpret_cast<const uint8_t*>(section_.data()), section_.size()});
  }
  ~EmbeddedLinks() override { SetEmbeddedFiles({}); }
  static std::string Real(std::string_view path) {
    std::string out;
    int rc = embedded::RealPath(path, &out);
    return rc < 0 ? uv_err_name(rc) : out;
  }
  static std::string Target(std::string_view path) {
    std::string out;
    int rc = embedded::ReadLink(path, &out);
    return rc < 0 ? uv_err_name(rc) : out;
  }
  static int Type(int rc, const uv_stat_t& stat) {
    return rc < 0 ? rc : int(stat.st_mode & S_IFMT);
  }
  static int Stat(std::string_view path) {
    uv_stat_t stat;
    int rc = embedded::Stat(path, &stat);
    return Type(rc, stat);
  }
  static int LStat(std::string_view path) {
    uv_stat_t stat;
    int rc = embedded::LStat(path, &stat);
    return Type(rc, stat);
  }

 private:
  std::string section_;
};

TEST_F(EmbeddedLinks, AreFollowed) {
  Use(Example());
  EXPECT_EQ(LStat("/kiln/folder"), S_IFLNK);
  EXPECT_EQ(LStat("/kiln/folder/"), S_IFDIR);
  EXPECT_EQ(Stat("/kiln/folder"), S_IFDIR);
  EXPECT_EQ(Target("/kiln/folder"), "a/b");
  EXPECT_EQ(Target("/kiln/folder/f.txt"), "EINVAL");
  EXPECT_EQ(Real("/kiln/folder/../up/a/up/absolute/f.txt"), "/kiln/a/b/f.txt");
  EXPECT_EQ(Real("/kiln/only/link"), "/kiln/a/b/f.txt");
  EXPECT_EQ(Stat("/kiln/only"), S_IFDIR);
  EXPECT_EQ(LStat("/kiln/dangling"), S_IFLNK);
  EXPECT_EQ(Stat("/kiln/dangling"), UV_ENOENT);
  EXPECT_EQ(Stat("/kiln/loop"), UV_ELOOP);
  EXPECT_EQ(Stat("/kiln/loop/x"), UV_ELOOP);
  EXPECT_EQ(embedded::Access("/kiln/loop", 0), UV_ELOOP);
  std::string text;
  EXPECT_TRUE(embedded::ReadFile("/kiln/only/link", &text));
  EXPECT_EQ(text, "text");
  std::vector<embedded::Item> items;
  ASSERT_EQ(embedded::List("/kiln", &items), 0);
  std::string listed;
  for (const embedded::Item& item : items)
    listed += item.name + (item.type == UV_DIRENT_LINK ? "@ " : "/ ");
  EXPECT_EQ(listed, "a/ absolute@ dangling@ folder@ loop@ only/ out@ out-absolute@ zip@ ");
}

TEST_F(EmbeddedLinks, AreOpened) {
  Use(Example());
  EXPECT_EQ(embedded::Open("/kiln/only/link", O_RDONLY | O_NOFOLLOW), UV_ELOOP);
  EXPECT_EQ(embedded::Open("/kiln/dangling", O_RDONLY), UV_ENOENT);
  EXPECT_EQ(embedded::Open("/kiln/dangling", O_WRONLY | O_CREAT), UV_EROFS);
  EXPECT_EQ(embedded::Open("/kiln/dangling", O_WRONLY | O_CREAT | O_EXCL), UV_EEXIST);
  int fd = embedded::Open("/kiln/only/link", O_RDONLY);
  char text[8] = {};
  ASSERT_GE(fd, 0);
  EXPECT_EQ(read(fd, text, sizeof text), 4);
  close(fd);
}

TEST_F(EmbeddedLinks, DoNotLeadOutOfTheRoot) {
  Use(Example());
  std::string text;
  for (const char* path : {"/kiln/out", "/kiln/out-absolute", "/kiln/a/up/out"}) {
    EXPECT_TRUE(embedded::Owns(path));
    EXPECT_EQ(Stat(path), UV_ENOENT) << path;
    EXPECT_EQ(embedded::Open(path, O_RDONLY), UV_ENOENT) << path;
    EXPECT_FALSE(embedded::ReadFile(path, &text)) << path;
  }
  EXPECT_EQ(Target("/kiln/out"), "../etc/passwd");
  // What the text of a path says is not what it means behind a link.
  EXPECT_TRUE(embedded::Owns("/kiln/folder/../../x"));
  EXPECT_TRUE(embedded::Owns("/kiln/folder/../../../kiln/x"));
  EXPECT_EQ(Real("/kiln/absolute/../../a/b/f.txt"), "/kiln/a/b/f.txt");
  EXPECT_FALSE(embedded::Owns("/kiln/a/../../etc/passwd"));
}

TEST_F(EmbeddedLinks, AreFilesIfTheHeaderCountsNone) {
  Use(Example(), 0);
  EXPECT_EQ(LStat("/kiln/folder"), S_IFREG);
  EXPECT_EQ(Target("/kiln/folder"), "EINVAL");
}

TEST_F(EmbeddedLinks, DamagedOnesAreErrors) {
  Use(Example());
  EXPECT_EQ(Target("/kiln/zip"), "EIO");
  EXPECT_EQ(Stat("/kiln/zip"), UV_EIO);
  Use({{"/kiln/a", "", kLink}, {"/kiln/long", std::string(PATH_MAX, 'a'), kLink}});
  EXPECT_EQ(Stat("/kiln/a"), UV_ENOENT);
  EXPECT_EQ(Stat("/kiln/long"), UV_ENAMETOOLONG);
  // A link and files below it, which no build writes.
  Use({{"/kiln/a", "b", kLink}, {"/kiln/a/f", "1"}, {"/kiln/b/f", "2"}});
  EXPECT_EQ(Real("/kiln/a/f"), "/kiln/b/f");
}

TEST_F(EmbeddedLinks, AreCopied) {
  Use(Example());
  std::string target;
  EXPECT_TRUE(embedded::StaysLink("/kiln/only/link", "/kiln", &target));
  EXPECT_EQ(target, "../a/b/f.txt");
  EXPECT_TRUE(embedded::StaysLink("/kiln/absolute", "/kiln/folder/../..", &target));
  EXPECT_EQ(target, "a/b");
  EXPECT_FALSE(embedded::StaysLink("/kiln/only/link", "/kiln/only", &target));
  EXPECT_FALSE(embedded::StaysLink("/kiln/folder", "/kiln/folder", &target));
  EXPECT_TRUE(embedded::StaysLink("/kiln/a/up", "/kiln/a", &target));
  EXPECT_EQ(target, "..");
  EXPECT_TRUE(embedded::StaysLink("/kiln/loop", "/kiln", &target));
  EXPECT_EQ(target, "loop");
}

TEST_F(EmbeddedLinks, DamagedSectionsAreRead) {
  const std::string section = Section(Example());
  for (size_t at = 0; at < section.size(); ++at)
    for (int value : {0, 1, 2, 0x2e, 0x2f, 0x7f, 0xff}) {
      std::string broken = section;
      broken[at] = char(value);
      ExactCopy copy(broken);
      SetEmbeddedFiles(copy.span());
      ReadFiles("/kiln", 5);
      SetEmbeddedFiles({});
    }
}

// Many links that lead to each other: the work for one path is bounded.
TEST_F(EmbeddedLinks, ManyLinksEnd) {
  std::string target;
  while (target.size() < PATH_MAX - 16) target += "a/../";
  std::vector<Item> items = {{"/kiln/a/f", "text"}};
  for (int i = 10; i < 60; i++)
    items.push_back(
        {"/kiln/l" + std::to_string(i), target + "l" + std::to_string((i + 1) % 60), kLink});
  Use(items);
  EXPECT_EQ(Stat("/kiln/l10"), UV_ELOOP);
}

}  // namespace
}  // namespace kiln::runtime
