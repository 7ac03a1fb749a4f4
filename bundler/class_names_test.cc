#include "bundler/class_names.h"

#include <gtest/gtest.h>

#include "bundler/source_map.h"

namespace kiln {
namespace {

std::string Restored(const std::string& code, std::string_view original = "") {
  TransformOutput output;
  output.code = code;
  RestoreClassNames(output, original);
  return output.code;
}

TEST(ClassNames, NameAndReferencesInTheClass) {
  EXPECT_EQ(Restored("const _A = class _A extends f(_A, {}) { static x = [_A, b._A]; };\n"
                     "d(_A.prototype); export let A = _A;"),
            "const _A = class A extends f(_A, {}) { static x = [A, b._A]; };\n"
            "d(_A.prototype); export let A = _A;");
  EXPECT_EQ(Restored("const _A2 = class _A2 {}; let A = _A2;"),
            "const _A2 = class A {}; let A = _A2;");
}

TEST(ClassNames, OthersStay) {
  for (const char* code :
       {"const _A = class _A {}; let B = _A;", "const _A = class _A {};",
        "const _A = class _B {}; let A = _A;", "let _A = class _A {}; let A = _A;"})
    EXPECT_EQ(Restored(code), code);
  std::string code = "const _A = class _A { _A = 1 }; let A = _A;";
  EXPECT_EQ(Restored(code, "class A { _A = 1 }"), code);
}

TEST(ClassNames, MapFollows) {
  TransformOutput output;
  output.code = "const _A = class _A {}; let A = _A;";
  // Columns 17 (the name) and 24 (let).
  output.map = R"({"version":3,"sources":["a"],"mappings":"iBAAA,OAAO","names":[]})";
  RestoreClassNames(output, "class A {}");
  EXPECT_EQ(OriginalPosition(output.map, {1, 18})->column, 1);
  EXPECT_EQ(OriginalPosition(output.map, {1, 23})->column, 1);
  EXPECT_EQ(OriginalPosition(output.map, {1, 24})->column, 8);
}

}  // namespace
}  // namespace kiln
