// JSON in and out, and what is refused.
#include "support/json.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/result.h"

namespace kiln {
namespace {

TEST(Json, ReadsWhatItWrites) {
  const char* text =
      R"({"b":[1,-2.5,1e+30,true,false,null],"a":{"s":"\"\\\n\u0001é"},"empty":{},"none":[]})";
  auto json = Json::Parse(text);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->Write(), text);
}

TEST(Json, KeepsOrderAndLetsTheLastKeyWin) {
  auto json = Json::Parse(R"({"z":1,"a":2,"z":3})");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["z"].AsNumber(), 3);
  EXPECT_EQ(json->members()[0].first, "z");
}

TEST(Json, MissingThingsAreNull) {
  Json json = Json::Object();
  EXPECT_TRUE(json["a"]["b"][7]["c"].is_null());
  EXPECT_EQ(json["a"].AsString(), "");
}

TEST(Json, JoinsSurrogatesAndReplacesLoneOnes) {
  EXPECT_EQ(Json::Parse(R"("\ud83d\ude00")")->AsString(), "😀");
  EXPECT_EQ(Json::Parse(R"("\ud83dx")")->AsString(), "\xEF\xBF\xBDx");
}

TEST(Json, ReplacesLoneSurrogatesInKeys) {
  EXPECT_EQ(Json::Parse(R"({"\udc00":1})")->members()[0].first, "\xEF\xBF\xBD");
  EXPECT_EQ(Json::Parse(R"("\ud83d\u0041\ud83d\ud83d\ude00")")->AsString(),
            "\xEF\xBF\xBD"
            "A"
            "\xEF\xBF\xBD"
            "😀");
}

TEST(Json, ReplacesInvalidUtf8) {
  // Latin-1, an overlong zero, a surrogate, and a character that the end cuts off.
  EXPECT_EQ(Json::Parse("[\"caf\xE9!\"]")->items()[0].AsString(), "caf\xEF\xBF\xBD!");
  EXPECT_EQ(Json::Parse("\"\xC0\x80é\"")->AsString(), "\xEF\xBF\xBD\xEF\xBF\xBDé");
  EXPECT_EQ(Json::Parse("\"\xED\xA0\x80\"")->AsString(), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_FALSE(Json::Parse("\"a\xE2").ok());
}

TEST(Json, SkipsAByteOrderMark) {
  EXPECT_EQ(Json::Parse("\xEF\xBB\xBF{\"a\":1}")->members()[0].first, "a");
  EXPECT_FALSE(Json::Parse("\xEF\xBB\xBF").ok());
}

TEST(Json, ReadsNumbersAsDoubles) {
  EXPECT_EQ(Json::Parse("123456789012345678901234567890")->AsNumber(),
            123456789012345678901234567890.0);
  EXPECT_EQ(Json::Parse("[18446744073709551616]")->items()[0].AsNumber(), 18446744073709551616.0);
  EXPECT_EQ(Json::Parse("-0.1e1")->AsNumber(), -1);
  EXPECT_EQ(Json::Parse("[1e999, -1e999 ]")->items()[0].AsNumber(), HUGE_VAL);
  EXPECT_EQ(Json::Parse("[1e999, -1e999 ]")->items()[1].AsNumber(), -HUGE_VAL);
  EXPECT_EQ(Json::Parse("1e-999")->AsNumber(), 0);
}

TEST(Json, LimitsNesting) {
  auto nested = [](size_t depth) {
    return Json::Parse(std::string(depth, '[') + std::string(depth, ']'));
  };
  EXPECT_TRUE(nested(512).ok());
  EXPECT_FALSE(nested(514).ok());
  std::string objects;
  for (int i = 0; i < 600; ++i) objects += "{\"a\":";
  EXPECT_FALSE(Json::Parse(objects + "1" + std::string(600, '}')).ok());
}

TEST(Json, NamesThePlaceOfAnError) {
  auto error = [](std::string_view text) { return Json::Parse(text).error().text; };
  EXPECT_TRUE(error("[1,\n 2 3]").starts_with("Invalid JSON at line 2, column 4: "));
  EXPECT_TRUE(error("{\"a\" 1}").starts_with("Invalid JSON at line 1, column 6: "));
  EXPECT_EQ(error("[]\n[]"), "Invalid JSON at line 2, column 1: unexpected text after the value");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text :
       {"",     "{",        "[1,]",      "{a:1}",     "01",         "1.",      "\"\n\"",     "nul",
        "1 2",  "'a'",      "[1}",       "{\"a\":1]", "[1 2]",      "{\"a\"}", "{\"a\":1,}", "[,1]",
        "[]]",  "\"\\q\"",  "\"\\u12\"", "\"a",       "truex",      "[nulll]", "-",          "[.5]",
        "[1e]", "[01e999]", "[1.e999]",  "[1/**/]",   "{\"a\"::1}", "{1:2}"})
    EXPECT_FALSE(Json::Parse(text).ok()) << text;
  EXPECT_FALSE(Json::Parse(std::string(100000, '[')).ok());
  EXPECT_EQ(Json::Parse("{\n  \"a\": x}").error().text,
            "Invalid JSON at line 2, column 8: unexpected character");
}

}  // namespace
}  // namespace kiln
