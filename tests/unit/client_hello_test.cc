// The parser of a TLS client's first message, whose input is untrusted: it parses a valid message,
// and does not read out of bounds for truncated or damaged ones.
#include "runtime-stub/bindings/tls_wrap/client_hello.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace kiln::runtime {
namespace {

std::string Number(size_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; i--) out += char(value >> (8 * i));
  return out;
}
std::string Vector(const std::string& content, int bytes) {
  return Number(content.size(), bytes) + content;
}
std::string Extension(int type, const std::string& content) {
  return Number(size_t(type), 2) + Vector(content, 2);
}

std::string Hello(const std::string& extensions) {
  std::string body = Number(0x0303, 2) + std::string(32, 'r') + Vector("session", 1) +
                     Vector(Number(0x1301, 2), 2) + Vector(Number(0, 1), 1) + Vector(extensions, 2);
  return Number(22, 1) + Number(0x0301, 2) + Vector(Number(1, 1) + Vector(body, 3), 2);
}

const std::string kServername = Extension(0, Vector(Number(0, 1) + Vector("example.org", 2), 2));

TEST(ClientHello, IsUnderstood) {
  ClientHello hello;
  // The parsed fields are views of `bytes`.
  std::string bytes =
      Hello(kServername + Extension(35, "ticket") + Extension(43, "x")) + "the next record";
  ASSERT_EQ(ParseClientHello(bytes, &hello), HelloResult::kFound);
  EXPECT_EQ(hello.session_id, "session");
  EXPECT_EQ(hello.servername, "example.org");
  EXPECT_TRUE(hello.has_ticket);
}

TEST(ClientHello, EmptyTicketIsNone) {
  ClientHello hello;
  std::string bytes = Hello(Extension(35, ""));
  ASSERT_EQ(ParseClientHello(bytes, &hello), HelloResult::kFound);
  EXPECT_FALSE(hello.has_ticket);
  EXPECT_EQ(hello.servername, "");
}

TEST(ClientHello, WaitsForTheWholeRecord) {
  std::string bytes = Hello(kServername);
  for (size_t size = 0; size < bytes.size(); size++) {
    std::vector<char> exact(
        bytes.begin(), bytes.begin() + long(size));  // so that sanitizers detect reads past the end
    ClientHello hello;
    EXPECT_EQ(ParseClientHello({exact.data(), size}, &hello), HelloResult::kIncomplete);
  }
}

TEST(ClientHello, OtherProtocolsAreLeftToOpenSsl) {
  ClientHello hello;
  EXPECT_EQ(ParseClientHello("GET / HTTP/1.1\r\n", &hello), HelloResult::kOther);
  EXPECT_EQ(ParseClientHello(std::string(5, '\xff'), &hello), HelloResult::kOther);
}

TEST(ClientHello, DamageIsHarmless) {
  std::mt19937 random(1);
  std::string good = Hello(kServername + Extension(35, "ticket"));
  for (int i = 0; i < 20000; i++) {
    std::vector<char> bytes(good.begin(), good.end());
    for (int flips = 1 + int(random() % 3); flips > 0; flips--)
      bytes[random() % bytes.size()] ^= char(1 << random() % 8);
    ClientHello hello;
    ParseClientHello({bytes.data(), bytes.size()}, &hello);
    EXPECT_LE(hello.session_id.size(), 255u);
    EXPECT_LE(hello.servername.size(), bytes.size());
  }
}

}  // namespace
}  // namespace kiln::runtime
