// Import sections, whole and damaged.
#include "bundler/wasm_imports.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

constexpr std::string_view kHeader("\0asm\1\0\0\0", 8);

std::string Name(std::string_view text) { return char(text.size()) + std::string(text); }
std::string Section(int id, const std::string& bytes) {
  return std::string(1, char(id)) + char(bytes.size()) + bytes;
}

// One import of each kind.
std::string Example() {
  using namespace std::string_literals;
  return std::string(kHeader) + Section(1, "\1\x60\0\0"s) +
         Section(2, "\6" + Name("./a.mjs") + Name("f") + "\0\0"s +       // function
                        Name("./b.mjs") + Name("t") + "\1\x70\0\1"s +    // table of funcref
                        Name("env") + Name("m") + "\2\1\1\2"s +          // memory, 1 to 2 pages
                        Name("./c.mjs") + Name("g") + "\3\144\157\0"s +  // global (ref extern)
                        Name("./d.mjs") + Name("e") + "\4\0\0"s +        // tag
                        Name("./a.mjs") + Name("g") + "\3\x7f\0"s);      // global i32
}

TEST(WasmImports, AreNamedOnce) {
  EXPECT_EQ(WasmImports(Example()),
            (std::vector<std::string>{"./a.mjs", "./b.mjs", "env", "./c.mjs", "./d.mjs"}));
}

TEST(WasmImports, OfOtherFilesAreNone) {
  EXPECT_TRUE(WasmImports("").empty());
  EXPECT_TRUE(WasmImports("text").empty());
  EXPECT_TRUE(WasmImports(kHeader).empty());
}

TEST(WasmImports, DamageIsSurvived) {
  std::string example = Example();
  for (size_t i = 0; i < example.size(); ++i) {
    (void)WasmImports(example.substr(0, i));
    std::string broken = example;
    broken[i] = char(0xFF);
    (void)WasmImports(broken);
  }
}

}  // namespace
}  // namespace kiln
