// What the inspector's port reads: HTTP requests and WebSocket frames, whole and in pieces, and what it
// refuses.
#include <gtest/gtest.h>

#include "runtime-stub/bindings/inspector/http_request.h"
#include "runtime-stub/bindings/inspector/websocket.h"

namespace kiln::runtime::inspector {
namespace {

using Event = FrameReader::Event;

// A frame of a client.
std::string Masked(uint8_t first, std::string_view payload) {
  std::string frame = MakeFrame(FrameKind::kText, payload);
  frame[0] = char(first);
  frame[1] = char(frame[1] | 0x80);
  size_t head = frame.size() - payload.size();
  std::string out = frame.substr(0, head) + "\x01\x02\x03\x04";
  for (size_t i = 0; i < payload.size(); i++) out += char(payload[i] ^ char(i % 4 + 1));
  return out;
}

// The events of bytes that come in pieces of that size.
std::vector<std::string> Events(std::string_view bytes, size_t piece) {
  FrameReader reader;
  std::vector<std::string> events;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    for (;;) {
      Event event = reader.Read(part);
      if (event == Event::kMore) break;
      events.push_back(event == Event::kText    ? reader.payload()
                       : event == Event::kClose ? "(close)"
                                                : "(error)");
      if (event != Event::kText) return events;
    }
  }
  return events;
}

TEST(WebSocket, MakesTheKeyOfTheStandard) {
  EXPECT_EQ(AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  // Two blocks of SHA-1.
  EXPECT_EQ(AcceptKey(std::string(100, 'a')).size(), 28u);
}

TEST(WebSocket, ReadsFramesInPieces) {
  const std::string bytes = Masked(0x81, "one") + Masked(0x81, "") +
                            Masked(0x81, std::string(300, 'x')) +
                            Masked(0x81, std::string(70000, 'y')) + Masked(0x88, "") + "rest";
  const std::vector<std::string> expected = {"one", "", std::string(300, 'x'),
                                             std::string(70000, 'y'), "(close)"};
  for (size_t piece : {size_t(1), size_t(7), bytes.size()})
    EXPECT_EQ(Events(bytes, piece), expected);
}

TEST(WebSocket, RefusesOtherFrames) {
  const std::vector<std::string> error = {"(error)"};
  EXPECT_EQ(Events(Masked(0x01, "not final"), 1), error);
  EXPECT_EQ(Events(Masked(0x82, "binary"), 1), error);
  EXPECT_EQ(Events(Masked(0x80, "continuation"), 1), error);
  EXPECT_EQ(Events(Masked(0x89, "ping"), 1), error);
  EXPECT_EQ(Events(Masked(0xC1, "compressed"), 1), error);
  EXPECT_EQ(Events(MakeFrame(FrameKind::kText, "no mask"), 1), error);
  EXPECT_EQ(Events(std::string("\x81\xFF\x00\x00\x00\x00\x10\x00\x00\x01", 10), 1), error);
  EXPECT_EQ(Events("\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 3), error);
}

std::vector<HttpRequest> Requests(std::string_view bytes, bool* valid) {
  HttpReader reader;
  std::vector<HttpRequest> requests;
  *valid = reader.Read(bytes, &requests);
  return requests;
}

TEST(HttpRequest, HasWhatTheServerNeeds) {
  bool valid;
  auto requests = Requests(
      "GET /x HTTP/1.1\r\nhost: a:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "SEC-WEBSOCKET-KEY: k\r\n\r\n",
      &valid);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_TRUE(valid && requests[0].is_get && requests[0].upgrade);
  EXPECT_EQ(requests[0].path + requests[0].host + requests[0].websocket_key, "/xa:1k");
}

TEST(HttpRequest, RefusesWhatIsNoHttp) {
  bool valid;
  for (const char* text :
       {"garbage\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"}) {
    EXPECT_TRUE(Requests(text, &valid).empty());
    EXPECT_FALSE(valid) << text;
  }
  (void)Requests("GET /" + std::string(100000, 'x'), &valid);
  EXPECT_FALSE(valid);
}

TEST(HttpRequest, AHostThatComesTwiceIsNotAllowed) {
  bool valid;
  auto requests = Requests("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", &valid);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_FALSE(IsAllowedHost(requests[0].host));
}

TEST(HttpRequest, AllowsAddressesAndLocalNames) {
  for (const char* host : {"", "localhost", "LocalHost:9229", "localhost6", "127.0.0.1:9229",
                           "10.1.2.3", "[::1]:9229", "[fe80::1]"})
    EXPECT_TRUE(IsAllowedHost(host)) << host;
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:9229",
                           "127.0.0.1x", "localhostx", "1.2.3", "::1x"})
    EXPECT_FALSE(IsAllowedHost(host)) << host;
}

}  // namespace
}  // namespace kiln::runtime::inspector
