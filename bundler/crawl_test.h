// The fixture of tests that crawl a small app: files in a scratch folder, and the real esbuild,
// whose path is the compile definition KILN_ESBUILD.
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
    // Graph starts transforms only with LinkForm::kScope, for which the caller starts esbuild.
    KILN_CHECK(esbuild_.Get().ok());
    options_.directory = root_;
    options_.esbuild = KILN_ESBUILD;
    options_.link = LinkForm::kScope;
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
  LazyEsbuild esbuild_{KILN_ESBUILD};
};

}  // namespace kiln
