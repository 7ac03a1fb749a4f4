// The layout of what esbuild makes from small files.
#include "bundler/original_positions.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bundler/erase_types.h"
#include "bundler/esbuild.h"
#include "bundler/source_map.h"
#include "support/result.h"

namespace kiln {
namespace {

class OriginalPositionsTest : public testing::Test {
 protected:
  OriginalPositionsTest() {
    auto started = Esbuild::Start(KILN_ESBUILD);
    KILN_CHECK(started.ok());
    esbuild_ = std::move(*started);
  }

  RestoredPositions Restore(const std::string& code, const std::string& loader = "ts") {
    auto output = esbuild_->FinishTransform(esbuild_->StartTransform(
        code, {"--loader=" + loader, "--charset=utf8", "--target=esnext", "--sourcemap=external",
               "--legal-comments=none", "--log-level=silent"}));
    KILN_CHECK(output.ok());
    EXPECT_TRUE(output->errors.empty());
    RestoredPositions restored = RestorePositions(output->code, output->map, code);
    EXPECT_TRUE(SameTokens(restored.code, output->code)) << restored.code;
    EXPECT_EQ(restored.exact, restored.map.empty());
    return restored;
  }

  std::unique_ptr<Esbuild> esbuild_;
};

TEST_F(OriginalPositionsTest, TokensAreWhereTheyWere) {
  RestoredPositions restored = Restore(
      "interface A {\n  b: string;\n}\n\nexport const f = (a: A): void => {\n"
      "    throw new   Error(a.b);\n};\n");
  EXPECT_EQ(restored.code,
            "\n\n\n\nexport const f = (a) =>          {\n    throw new   Error(a.b);\n};\n");
  EXPECT_TRUE(restored.exact);
}

TEST_F(OriginalPositionsTest, ColumnsAreUtf16Units) {
  RestoredPositions restored =
      Restore("let a: '\xF0\x9D\x92\xB3' = '\xF0\x9D\x92\xB3',   b = c();\n");
  EXPECT_EQ(restored.code, "let a =       \"\xF0\x9D\x92\xB3\",   b = c();\n");
  EXPECT_TRUE(restored.exact);
}

TEST_F(OriginalPositionsTest, WithoutRoomTheMapIsNeeded) {
  RestoredPositions restored = Restore("enum A { B }\nf(A.B);\n");
  EXPECT_FALSE(restored.exact);
  EXPECT_NE(restored.code.find("\nf("), std::string::npos) << restored.code;
  // The map is that of the new text.
  size_t at = restored.code.find("f(");
  auto place = OriginalPosition(restored.map, PositionOf(restored.code, at));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->line, 2);
  EXPECT_EQ(place->column, 1);
}

TEST_F(OriginalPositionsTest, NoLineBreakAfterReturn) {
  RestoredPositions restored = Restore("function f() {\n  return (\n    g()\n  );\n}\n");
  EXPECT_EQ(restored.code, "function f() {\n  return g(\n      );\n\n}\n");
  EXPECT_FALSE(restored.exact);
}

TEST_F(OriginalPositionsTest, OperatorsStayApart) {
  RestoredPositions restored = Restore("a=b+ +c- -d+ ++e;i=1 .f;j=k/ /l/.m;n= o in p;\n");
  EXPECT_EQ(restored.code, "a=b+ +c- -d+ ++e;i=1 .f;j=k/ /l/.m;n= o in p;\n");
}

TEST_F(OriginalPositionsTest, Jsx) {
  RestoredPositions restored = Restore("const a = <A\n  b={c()}\n>\n  {d()}\n</A>;\ne();\n", "jsx");
  EXPECT_EQ(restored.code.substr(restored.code.find("c()")).substr(0, 3), "c()");
  EXPECT_EQ(PositionOf(restored.code, restored.code.find("c()")).line, 2);
  EXPECT_EQ(PositionOf(restored.code, restored.code.find("d()")).line, 4);
  EXPECT_EQ(PositionOf(restored.code, restored.code.find("e()")).line, 6);
}

TEST_F(OriginalPositionsTest, HashbangAndTemplates) {
  RestoredPositions restored = Restore("#!/usr/bin/env node\nlet a: A = `b\nc${  d}`;\n\nf();\n");
  EXPECT_EQ(restored.code, "#!/usr/bin/env node\nlet a =    `b\nc${  d}`;\n\nf();\n");
  EXPECT_TRUE(restored.exact);
}

TEST(RestorePositionsTest, WithoutAMapTheTextStays) {
  RestoredPositions restored = RestorePositions("a  ;", "not JSON", "a;");
  EXPECT_EQ(restored.code, "a  ;");
  EXPECT_EQ(restored.map, "not JSON");
  EXPECT_FALSE(restored.exact);
}

}  // namespace
}  // namespace kiln
