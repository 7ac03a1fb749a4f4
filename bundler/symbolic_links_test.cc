// Which links of a tree on disk are taken over, where files are placed, and what the targets become.
#include "bundler/symbolic_links.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "support/file.h"
#include "support/result.h"

namespace kiln {
namespace {

class SymbolicLinks : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = TempDir::Make("links");
    ASSERT_TRUE(folder.ok());
    folder_.emplace(std::move(*folder));
    base_ = *RealPath(folder_->path());
    root_ = base_ + "/app";
    for (const char* name : {"/app", "/app/data", "/app/lib", "/out"})
      ASSERT_EQ(mkdir((base_ + name).c_str(), 0755), 0);
    for (const char* name : {"/app/data/a.txt", "/app/lib/m.js", "/out/x.txt"})
      ASSERT_TRUE(WriteFileAtomically(base_ + name, name).ok());
  }
  void Link(const std::string& path, const std::string& target) {
    ASSERT_EQ(symlink(target.c_str(), (root_ + path).c_str()), 0) << path;
  }
  // With paths below the root, for the expectations.
  PlacedFiles Place(std::vector<std::string> files, std::set<std::string> links = {}) {
    std::set<std::string> full_links;
    for (std::string& file : files) file = root_ + file;
    for (const std::string& link : links) full_links.insert(root_ + link);
    return PlaceFiles(files, full_links, {root_ + "/lib/m.js"}, root_);
  }
  using Map = std::map<std::string, std::string>;

  std::optional<TempDir> folder_;
  std::string base_, root_;
};

TEST_F(SymbolicLinks, OnTheWayToAFile) {
  Link("/current", "data");
  Link("/chain", "./current/");
  PlacedFiles placed = Place({"/chain/a.txt", "/current/a.txt"});
  EXPECT_EQ(placed.files, (Map{{root_ + "/data/a.txt", root_ + "/chain/a.txt"}}));
  EXPECT_EQ(placed.links, (Map{{root_ + "/current", "data"}, {root_ + "/chain", "./current/"}}));
}

TEST_F(SymbolicLinks, AreTakenOverIfTheTargetIsEmbedded) {
  Link("/to-module", "lib/m.js");
  Link("/to-folder", "lib");
  Link("/to-link", "to-folder");
  Link("/to-data", "data");
  PlacedFiles placed = Place({}, {"/to-module", "/to-link", "/to-data", "/none"});
  EXPECT_EQ(placed.links, (Map{{root_ + "/to-module", "lib/m.js"},
                               {root_ + "/to-folder", "lib"},
                               {root_ + "/to-link", "to-folder"}}));
  EXPECT_EQ(placed.left_out, std::vector<std::string>{root_ + "/to-data"});
}

TEST_F(SymbolicLinks, ThatLeadToNothing) {
  Link("/dangling", "none");
  Link("/loop", "loop");
  Link("/absolute", root_ + "/none");
  Link("/elsewhere", "/none/at/all");
  PlacedFiles placed =
      Place({"/dangling/x"}, {"/dangling", "/loop", "/absolute", "/elsewhere/below"});
  EXPECT_TRUE(placed.files.empty());
  EXPECT_EQ(placed.links, (Map{{root_ + "/dangling", "none"},
                               {root_ + "/loop", "loop"},
                               {root_ + "/absolute", "/kiln/none"},
                               {root_ + "/elsewhere", "/none/at/all"}}));
}

TEST_F(SymbolicLinks, OutOfTheRootAreCopies) {
  Link("/out", "../out");
  Link("/file", base_ + "/out/x.txt");
  Link("/through", "out/x.txt");
  Link("/unused", "/");
  PlacedFiles placed = Place({"/out/x.txt", "/file", "/through"}, {"/out", "/unused"});
  EXPECT_EQ(placed.files, (Map{{root_ + "/out/x.txt", root_ + "/out/x.txt"},
                               {root_ + "/file", root_ + "/file"}}));
  EXPECT_EQ(placed.links, (Map{{root_ + "/through", "out/x.txt"}}));
  EXPECT_EQ(placed.left_out, std::vector<std::string>{root_ + "/unused"});
}

TEST_F(SymbolicLinks, TargetsNameNoFolderOfTheBuild) {
  Link("/absolute", root_ + "/data/a.txt");
  Link("/to-root", root_ + "/");
  Link("/detour", "../app/data");
  Link("/absolute-detour", base_ + "/out/../app/data/");
  PlacedFiles placed =
      Place({"/absolute", "/detour/a.txt", "/absolute-detour/a.txt"}, {"/to-root"});
  EXPECT_EQ(placed.files.size(), 1u);
  EXPECT_EQ(placed.links, (Map{{root_ + "/absolute", "/kiln/data/a.txt"},
                               {root_ + "/to-root", "/kiln/"},
                               {root_ + "/detour", "data"},
                               {root_ + "/absolute-detour", "/kiln/data"}}));
}

}  // namespace
}  // namespace kiln
