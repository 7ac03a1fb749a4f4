// How a regular expression is distinguished from a division, and what is known around a token.
#include "bundler/lexer.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

// Tokens separated by spaces, regular expressions in < >.
std::string Tokens(std::string_view text) {
  TokenList list = Tokenize(text);
  std::string out;
  for (size_t i = 0; list.tokens[i].kind != TokenKind::kEnd; ++i) {
    bool is_regexp = list.tokens[i].kind == TokenKind::kRegExp;
    out += is_regexp ? "<" + std::string(list.Text(i)) + "> " : std::string(list.Text(i)) + " ";
  }
  return out;
}

TEST(LexerTest, RegExpOrDivision) {
  EXPECT_EQ(Tokens("a / b / c"), "a / b / c ");
  EXPECT_EQ(Tokens("a = /b/g"), "a = </b/g> ");
  EXPECT_EQ(Tokens("return /[/]\\//.x"), "return </[/]\\//> . x ");
  EXPECT_EQ(Tokens("if (x) /re/.test(y)"), "if ( x ) </re/> . test ( y ) ");
  EXPECT_EQ(Tokens("(x) / 2 / y"), "( x ) / 2 / y ");
  EXPECT_EQ(Tokens("{} /re/"), "{ } </re/> ");
  EXPECT_EQ(Tokens("x = {} / 2 / y"), "x = { } / 2 / y ");
  EXPECT_EQ(Tokens("f(a ? {} / 2 / y : 1)"), "f ( a ? { } / 2 / y : 1 ) ");
  EXPECT_EQ(Tokens("x.return / 2 / y"), "x . return / 2 / y ");
  EXPECT_EQ(Tokens("a++ / 2"), "a ++ / 2 ");
}

TEST(LexerTest, Templates) {
  EXPECT_EQ(Tokens("`a${b + `c${d}e`}f` / 2"), "`a${ b + `c${ d }e` }f` / 2 ");
  EXPECT_EQ(Tokens("`${ {a: 1} }` + /x/"), "`${ { a : 1 } }` + </x/> ");
  EXPECT_TRUE(Tokenize("`a${`b`}`").balanced);
  EXPECT_FALSE(Tokenize("`a${").balanced);
}

TEST(LexerTest, MemberAfterNumber) {
  EXPECT_EQ(Tokens("1..a"), "1. . a ");
  EXPECT_EQ(Tokens("1.5.a"), "1.5 . a ");
  EXPECT_EQ(Tokens("017.a"), "017 . a ");
  EXPECT_EQ(Tokens("1.e-5.a"), "1.e-5 . a ");
  EXPECT_EQ(Tokens("0xe+1"), "0xe + 1 ");
  EXPECT_EQ(Tokens("10n.a"), "10n . a ");
}

TEST(LexerTest, UnicodeSpaceEndsName) {
  EXPECT_EQ(Tokens("a\u00a0b"), "a b ");
  EXPECT_EQ(Tokens("a\u3000=\u2003b"), "a = b ");
  EXPECT_EQ(Tokens("\u00e4\u00f6"), "\u00e4\u00f6 ");
}

TEST(LexerTest, UnicodeLineBreak) {
  EXPECT_TRUE(Tokenize("a\u2028b").tokens[1].new_line);
  EXPECT_TRUE(Tokenize("a/*\u2029*/b").tokens[1].new_line);
  EXPECT_EQ(Tokens("a // c\rb"), "a b ");
}

TEST(LexerTest, StringOverTwoLines) {
  EXPECT_EQ(Tokens("'a\\\r\nb' + c"), "'a\\\r\nb' + c ");
  EXPECT_EQ(StringValue("'a\\\r\nb'"), "ab");
}

TEST(LexerTest, CommentsAndLines) {
  EXPECT_EQ(Tokens("#!/usr/bin/env node\na // b\n/* c\n */ d"), "a d ");
  EXPECT_TRUE(Tokenize("a /*\n*/ b").tokens[1].new_line);
  EXPECT_FALSE(Tokenize("a /**/ b").tokens[1].new_line);
}

TEST(LexerTest, Surroundings) {
  TokenList list = Tokenize("try { a } catch (e) { b } function f() { c } if (x) { d } e => { g }");
  auto token = [&](std::string_view name) {
    for (size_t i = 0; i < list.tokens.size(); ++i)
      if (list.Is(i, name) && (i == 0 || !list.Is(i - 1, "("))) return list.tokens[i];
    return Token();
  };
  EXPECT_TRUE(token("a").in_try);
  EXPECT_FALSE(token("b").in_try);
  EXPECT_TRUE(token("c").in_function);
  EXPECT_FALSE(token("d").in_function);
  EXPECT_TRUE(token("g").in_function);
  EXPECT_TRUE(token("f").outermost);
  EXPECT_FALSE(token("c").outermost);
}

// Is the token HERE of the text in a function?
bool InFunction(std::string_view text) {
  TokenList list = Tokenize(text);
  for (size_t i = 0; i < list.tokens.size(); ++i)
    if (list.Is(i, "HERE")) return list.tokens[i].in_function;
  ADD_FAILURE() << "there is no HERE in " << text;
  return false;
}

TEST(LexerTest, MethodNamedLikeStatement) {
  EXPECT_TRUE(InFunction("class A { catch(e) { HERE } }"));
  EXPECT_TRUE(InFunction("class A { x() {} with(e) { HERE } }"));
  EXPECT_TRUE(InFunction("x = { a, if(e) { HERE } }"));
  EXPECT_TRUE(InFunction("x = { set with(e) { HERE } }"));
  EXPECT_FALSE(InFunction("{ if (e) { HERE } }"));
}

TEST(LexerTest, ClassBodyIsNoFunction) {
  EXPECT_FALSE(InFunction("class A extends f() { static x = HERE }"));
  EXPECT_FALSE(InFunction("class A extends f({}) { static { HERE } }"));
  EXPECT_TRUE(InFunction("class A extends f() { m() { HERE } }"));
  EXPECT_TRUE(InFunction("x = { class() { HERE } }"));
}

TEST(LexerTest, BlockAfterCallIsNoFunction) {
  EXPECT_FALSE(InFunction("f()\n{ HERE }"));
  EXPECT_TRUE(InFunction("function f() { HERE }"));
  EXPECT_TRUE(InFunction("function* f() { HERE }"));
  EXPECT_TRUE(InFunction("x = function* () { HERE }"));
  EXPECT_TRUE(InFunction("x = { [f()]() { HERE } }"));
}

TEST(LexerTest, NeverFails) {
  for (const char* text :
       {"", "'", "\"\\", "/", "`", "${", "}}}", "/[", "\\u{", "a.b.", "0x", "1e+"})
    EXPECT_EQ(Tokenize(text).tokens.back().kind, TokenKind::kEnd) << text;
}

TEST(LexerTest, StringValue) {
  EXPECT_EQ(StringValue("'a\\n\\x41\\u00e9\\u{1F600}\\\n'"), "a\nA\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(StringValue("`x${"), "x");
}

TEST(LexerTest, Positions) {
  EXPECT_EQ(PositionOf("ab\ncd", 4).line, 2);
  EXPECT_EQ(PositionOf("ab\ncd", 4).column, 2);
  EXPECT_EQ(LineTextAt("ab\ncd\nef", 4), "cd");
  EXPECT_EQ(OffsetOf("ab\ncd", {2, 2}), 4u);
  EXPECT_EQ(OffsetOf("\u00e4\U0001f600x", {1, 4}), 6u);
  EXPECT_EQ(OffsetOf("ab", {3, 1}), 2u);
}

}  // namespace
}  // namespace kiln
