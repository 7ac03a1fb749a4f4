// Paths through symbolic links: FollowLinks() over an example of a tree, compared with the kernel's
// resolution of the same tree in a temporary folder, and the embedded files of a payload with links.
#include "runtime-stub/payload/follow_links.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <map>

#include "support/file.h"
#include "support/result.h"

namespace kiln::runtime::embedded {
namespace {

// Path to target, "" for a file and "/" for a folder.
using Tree = std::map<std::string, std::string, std::less<>>;
Tree g_tree;
int g_lookups = 0;

PathKind FindInTree(std::string_view path, std::string_view* target) {
  g_lookups++;
  auto found = g_tree.find(path);
  if (found == g_tree.end()) return PathKind::kMissing;
  if (found->second.empty()) return PathKind::kFile;
  if (found->second == "/") return PathKind::kDirectory;
  *target = found->second;
  return PathKind::kLink;
}

Followed Follow(std::string_view path, bool follow_last = true) {
  return FollowLinks(path, "/kiln", follow_last, FindInTree);
}

const Tree kExample = {{"/kiln/a", "/"},
                       {"/kiln/a/b", "/"},
                       {"/kiln/a/b/f", ""},
                       {"/kiln/f", ""},
                       {"/kiln/to-file", "a/b/f"},
                       {"/kiln/to-folder", "a/b"},
                       {"/kiln/to-folder-slash", "a//b/"},
                       {"/kiln/to-file-slash", "f/"},
                       {"/kiln/chain", "./to-folder"},
                       {"/kiln/chain2", "chain/../b/f"},
                       {"/kiln/a/up", ".."},
                       {"/kiln/a/here", "."},
                       {"/kiln/a/self", "self"},
                       {"/kiln/a/one", "two"},
                       {"/kiln/a/two", "one"},
                       {"/kiln/dangling", "none"},
                       {"/kiln/below-file", "f/x"},
                       {"/kiln/through-file", "f/../f"},
                       {"/kiln/through-none", "none/../f"},
                       {"/kiln/absolute", "/kiln/a/b"},
                       {"/kiln/out", "../outside"},
                       {"/kiln/out-and-in", "../kiln/f"},
                       {"/kiln/a/long", "self-none/../../a/up/a/up/f"}};

TEST(FollowLinks, ReplacesLinks) {
  g_tree = kExample;
  EXPECT_EQ(Follow("/kiln/to-file").path, "/kiln/a/b/f");
  EXPECT_EQ(Follow("/kiln/to-file", false).path, "/kiln/to-file");
  EXPECT_EQ(Follow("/kiln/to-folder/", false).path, "/kiln/a/b");
  EXPECT_EQ(Follow("/kiln/chain/f", false).path, "/kiln/a/b/f");
  EXPECT_EQ(Follow("/kiln/chain/..").path, "/kiln/a");
  EXPECT_EQ(Follow("/kiln/absolute/f").path, "/kiln/a/b/f");
  EXPECT_EQ(Follow("/kiln/a/up/a/up/a/here/b").path, "/kiln/a/b");
  EXPECT_EQ(Follow("/kiln/dangling").path, "/kiln/none");
  EXPECT_EQ(Follow("/kiln/out").path, "/outside");
  EXPECT_EQ(Follow("/kiln/out-and-in").path, "/kiln/f");
  EXPECT_EQ(Follow("/kiln/to-folder/../../../x/./y").path, "/x/y");
  EXPECT_EQ(Follow("/").path, "");
  EXPECT_TRUE(Follow("/kiln/to-folder-slash").folder_only);
  EXPECT_TRUE(Follow("/kiln/a/.").folder_only);
  EXPECT_FALSE(Follow("/kiln/a").folder_only);
}

TEST(FollowLinks, Fails) {
  g_tree = kExample;
  EXPECT_EQ(Follow("/kiln/a/self").rc, UV_ELOOP);
  EXPECT_EQ(Follow("/kiln/a/self", false).rc, 0);
  EXPECT_EQ(Follow("/kiln/a/one/x", false).rc, UV_ELOOP);
  EXPECT_EQ(Follow("/kiln/f/..").rc, UV_ENOTDIR);
  EXPECT_EQ(Follow("/kiln/none/..").rc, UV_ENOENT);
  EXPECT_EQ(Follow("/kiln/dangling/..").rc, UV_ENOENT);
  g_tree["/kiln/big"] = std::string(PATH_MAX, 'x');
  EXPECT_EQ(Follow("/kiln/big").rc, UV_ENAMETOOLONG);
}

TEST(FollowLinks, FollowsFortyAtMost) {
  for (int i = 1; i <= 41; i++) g_tree["/kiln/" + std::to_string(i)] = std::to_string(i - 1);
  g_tree["/kiln/0"] = "";
  EXPECT_EQ(Follow("/kiln/40").path, "/kiln/0");
  EXPECT_EQ(Follow("/kiln/41").rc, UV_ELOOP);
}

// The work for a target that repeats itself is bounded.
TEST(FollowLinks, EndsForTargetsThatGrow) {
  std::string target;
  while (target.size() < PATH_MAX - 8) target += "a/../";
  g_tree = {{"/kiln/a", "/"}, {"/kiln/grows", target + "grows"}};
  g_lookups = 0;
  EXPECT_EQ(Follow("/kiln/grows").rc, UV_ELOOP);
  EXPECT_LT(g_lookups, 41 * PATH_MAX);
}

// Every path of up to three parts from the example, and its end, as the kernel resolves it.
TEST(FollowLinks, AgreesWithTheKernel) {
  auto folder = TempDir::Make("links");
  ASSERT_TRUE(folder.ok());
  const std::string root = *RealPath(folder->path()) + "/kiln";
  ASSERT_EQ(mkdir(root.c_str(), 0755), 0);
  ASSERT_EQ(mkdir((root + "/../outside").c_str(), 0755), 0);
  g_tree.clear();
  for (const auto& [path, target] : kExample) {
    const std::string at = root + path.substr(5);
    g_tree[at] = target.starts_with("/kiln") ? root + target.substr(5) : target;
    if (target == "/") {
      ASSERT_EQ(mkdir(at.c_str(), 0755), 0) << at;
    } else if (target.empty()) {
      close(open(at.c_str(), O_CREAT | O_WRONLY, 0644));
    } else {
      ASSERT_EQ(symlink(g_tree[at].c_str(), at.c_str()), 0) << at;
    }
  }
  std::vector<std::string> parts = {"", ".", ".."};
  for (const auto& [path, target] : kExample) parts.push_back(BaseNameOf(path));
  int compared = 0, found = 0;
  for (const std::string& a : parts) {
    // Outside, where FollowLinks() does not look what there is.
    if (a == ".." || a == "out") continue;
    for (const std::string& b : parts)
      for (const std::string& c : parts) {
        const std::string path = root + "/" + a + "/" + b + "/" + c;
        Followed followed = FollowLinks(path, root, true, FindInTree);
        // What the caller does with the result, where links are not any more.
        int rc = followed.rc;
        if (rc == 0) {
          struct stat info;
          std::string end = followed.path + (followed.folder_only ? "/" : "");
          rc = stat(end.empty() ? "/" : end.c_str(), &info) == 0 ? 0 : -errno;
        }
        char real[PATH_MAX];
        struct stat info;
        int expected = stat(path.c_str(), &info) == 0 ? 0 : -errno;
        ASSERT_EQ(rc, expected) << path << " -> " << followed.path;
        compared++;
        if (rc != 0) continue;
        found++;
        ASSERT_TRUE(realpath(path.c_str(), real));
        ASSERT_EQ(followed.path.empty() ? "/" : followed.path, real) << path;
      }
  }
  EXPECT_EQ(compared, int((parts.size() - 2) * parts.size() * parts.size()));
  EXPECT_GT(found, 200);
}

}  // namespace
}  // namespace kiln::runtime::embedded
