// The fixture of tests that crawl a small app: files in a scratch folder, and the real esbuild, whose
// path is the compile definition KILN_ESBUILD.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bundler/esbuild.h"
#include "bundler/graph.h"
#include "support/diagnostics.h"
#include "support/file.h"

namespace kiln {

class CrawlTest : public testing::Test {
 protected:
  CrawlTest() : folder_(*TempDir::Make()), root_(*RealPath(folder_.path())) {
    auto started = Esbuild::Start(KILN_ESBUILD);
    KILN_CHECK(started.ok());
    esbuild_ = std::move(*started);
    options_.directory = root_;
  }

  // Writes a file of the app; `name` is relative to root_, and its folders are created.
  void File(const std::string& name, const std::string& text) {
    ASSERT_TRUE(MakeDirectories(DirectoryOf(root_ + "/" + name)).ok());
    ASSERT_TRUE(WriteFileAtomically(root_ + "/" + name, text).ok());
  }

  TempDir folder_;
  std::string root_;  // the app's folder, absolute and real
  BundleOptions options_;
  Diagnostics diagnostics_;
  std::unique_ptr<Esbuild> esbuild_;
};

}  // namespace kiln
