// JSON in and out, and what is refused.
#include "support/json.h"

#include <gtest/gtest.h>

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

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "[1,]", "{a:1}", "01", "1.", "\"\n\"", "nul", "1 2", "'a'"})
    EXPECT_FALSE(Json::Parse(text).ok()) << text;
  EXPECT_FALSE(Json::Parse(std::string(100000, '[')).ok());
  EXPECT_EQ(Json::Parse("{\n  \"a\": x}").error().text,
            "Invalid JSON at line 2, column 8: unexpected character");
}

}  // namespace
}  // namespace kiln
