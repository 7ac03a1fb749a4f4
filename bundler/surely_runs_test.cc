// The expression is the first require of each text.
#include "bundler/surely_runs.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

bool Runs(std::string_view text) {
  TokenList tokens = Tokenize(text);
  for (size_t i = 0; i < tokens.tokens.size(); ++i)
    if (tokens.Is(i, "require")) return SurelyRuns(tokens, i);
  ADD_FAILURE() << text;
  return false;
}

TEST(SurelyRuns, StatementsOfTheModule) {
  for (const char* text :
       {"require('x')", "const a = b && c; const { d } = require('x')",
        "exports.default = require('x')", "a = b && c\nconst d = require('x')",
        "if (a) { b }\nmodule.exports = require('x')", "f(require('x'))",
        "f({ a: [1, require('x')] })", "export default require('x')", "if (a) b();\nrequire('x')",
        "(a || b)(require('x'))", "f()\nvar a = require('x')"})
    EXPECT_TRUE(Runs(text)) << text;
}

TEST(SurelyRuns, WhatNeedNotRun) {
  for (const char* text : {"if (a) require('x')",
                           "if (a) { require('x') }",
                           "if (a) b; else require('x')",
                           "if (a)\n  var b = require('x')",
                           "a || require('x')",
                           "a && f(require('x'))",
                           "a ? require('x') : b",
                           "a ? b : require('x')",
                           "a ?? require('x')",
                           "a?.b(require('x'))",
                           "a ||= require('x')",
                           "() => require('x')",
                           "function f() { require('x') }",
                           "function f(a = require('x')) {}",
                           "for (;;) require('x')",
                           "while (a) require('x')",
                           "switch (a) { case 1: require('x') }",
                           "class A { static b = require('x') }",
                           "const { a = require('x') } = b",
                           "try {} catch { require('x') }"})
    EXPECT_FALSE(Runs(text)) << text;
}

}  // namespace
}  // namespace kiln
