// Packets are unchanged after encoding and decoding; invalid ones are refused.
#include "bundler/wire.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(WireTest, RoundTrip) {
  Wire value = Wire::Map({{"text", Wire::String("ü")},
                          {"list", Wire::Array({Wire::Number(7), Wire::Bool(true), Wire()})},
                          {"bytes", Wire::Bytes(std::string("\0\xFF", 2))}});
  std::string bytes = EncodePacket({21, true, value});
  auto packet = DecodePacket(std::string_view(bytes).substr(4));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->id, 21u);
  EXPECT_TRUE(packet->is_request);
  EXPECT_EQ(packet->value["text"].text, "ü");
  EXPECT_EQ(packet->value["list"].items[0].number, 7u);
  EXPECT_EQ(packet->value["bytes"].text.size(), 2u);
  EXPECT_EQ(packet->value["absent"].kind, Wire::Kind::kNull);
}

TEST(WireTest, Broken) {
  std::string bytes = EncodePacket({1, false, Wire::Map({{"a", Wire::String("b")}})}).substr(4);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(DecodePacket(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(DecodePacket(bytes + "x"));
}

}  // namespace
}  // namespace kiln
