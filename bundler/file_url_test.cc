// The expected texts were printed by Node's url.pathToFileURL.
#include "bundler/file_url.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(FileUrl, EscapesWhatNodeEscapes) {
  EXPECT_EQ(FileUrl("/kiln/a-b_c.d@1/$&'()*+,:;=!.ts"), "file:///kiln/a-b_c.d@1/$&'()*+,:;=!.ts");
  EXPECT_EQ(FileUrl("/ \"#%<>?[\\]^`{|}~\x7F\x01\t\n"),
            "file:///%20%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D%7E%7F%01%09%0A");
  EXPECT_EQ(FileUrl("/\u00e9/\U0001f600"), "file:///%C3%A9/%F0%9F%98%80");
}

}  // namespace
}  // namespace kiln
