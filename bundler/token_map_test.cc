// Places in texts with various line breaks and characters, and the origins of tokens.
#include "bundler/token_map.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(LineIndexTest, LinesEndWhereJavaScriptEndsThem) {
  LineIndex lines(
      "a\nb\r\nc\rd\xE2\x80\xA8"
      "e\xE2\x80\xA9"
      "f");
  EXPECT_EQ(lines.line_count(), 6u);
  EXPECT_EQ(lines.Offset(1, 0), 2u);
  EXPECT_EQ(lines.Offset(2, 0), 5u);
  EXPECT_EQ(lines.Offset(3, 0), 7u);
  EXPECT_EQ(lines.Offset(4, 0), 11u);
  EXPECT_EQ(lines.Offset(5, 0), 15u);
}

TEST(LineIndexTest, ColumnsAreUtf16Units) {
  LineIndex lines("\xC3\xA9\xF0\x9D\x92\xB3x\ny");
  EXPECT_EQ(lines.Offset(0, 1), 2u);
  EXPECT_EQ(lines.Offset(0, 3), 6u);
  EXPECT_EQ(lines.Offset(0, 9), 7u);  // the end of the line
  EXPECT_EQ(lines.Offset(9, 0), 9u);  // the end of the text
  EXPECT_EQ(Utf16Length("\xC3\xA9\xF0\x9D\x92\xB3x"), 4u);
}

// 0:0 is from 2:1, 0:3 (a space) from 2:7, 1:0 from 6:1.
TEST(OriginsOfTest, ASegmentBeforeBlanksIsThatOfTheNextToken) {
  TokenList tokens = Tokenize("var x = 1;\ny();");
  std::vector<TokenOrigin> origins = OriginsOf(tokens, "AAEC,GAAMA;AAIN");
  ASSERT_EQ(origins.size(), tokens.tokens.size());
  EXPECT_EQ(origins[0].line, 2);
  EXPECT_EQ(origins[0].column, 1);
  EXPECT_EQ(origins[1].line, 2);
  EXPECT_EQ(origins[1].column, 7);
  EXPECT_EQ(origins[1].name, 0);
  EXPECT_EQ(origins[2].line, -1);
  EXPECT_EQ(origins[5].line, 6);
  EXPECT_EQ(origins[5].column, 1);
}

}  // namespace
}  // namespace kiln
