#include "bundler/constant_variable.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

// The literal that is the value of `n`; "" if it is not constant.
std::string ValueOf(std::string_view text) {
  TokenList tokens = Tokenize(text);
  size_t value = ConstantVariable(tokens, "n");
  return value == 0 ? "" : std::string(tokens.Text(value));
}

TEST(ConstantVariable, OneDeclaration) {
  for (const char* text :
       {"const n = 'a'; require(n)", "var n = 'a'\nrequire(n)", "let n = 'a'",
        "const m = 1, n = 'a';", "function f() { const n = 'a'; require(n + '.js'); }",
        "const n = 'a'; x.n = 1; y({ n: 2 })", "const n = 'a'; if (n === 'b') f(1, n); g(`${n}`)"})
    EXPECT_EQ(ValueOf(text), "'a'") << text;
}

TEST(ConstantVariable, MayHaveAnotherValue) {
  for (const char* text : {"const n = 'a' + b;",
                           "const n = 'a'\n+ b",
                           "let n = 'a'; n = 'b'",
                           "let n = 'a'; n += 'b'",
                           "const n = 'a'; { const n = 'b' }",
                           "const n = 'a'; function f(n) {}",
                           "const n = 'a'; n => n",
                           "const n = 'a'; (m, n) => n",
                           "const n = 'a'; class A { f(m, n) {} }",
                           "const n = 'a'; { const { n } = x }",
                           "const n = 'a'; { const [n] = x }",
                           "const n = 'a'; for (const n of x) {}",
                           "var n = 'a'; for (n in x) {}",
                           "f(n = 'a')",
                           "const n = 'a'; try {} catch (n) {}",
                           "const n = 'a'; { const { m: n } = x }",
                           "const n = 'a'; f((...n) => n)",
                           "let n = 'a'; [n] = b",
                           "const { n = 'a' } = b;",
                           "const m = f(1, n = 'a')",
                           "const n = 'a'; { let m, n; }",
                           "const n = 'a'; { let n; }"})
    EXPECT_EQ(ValueOf(text), "") << text;
}

}  // namespace
}  // namespace kiln
