// The layout is that of RFC 5246, 7.4.1.2, in one record. Every field is read through Reader, which
// fails if there are too few bytes.
#include "runtime-stub/bindings/tls_wrap/client_hello.h"

#include <cstddef>

namespace kiln::runtime {
namespace {

constexpr uint8_t kHandshakeRecord = 22;
constexpr uint8_t kFirstRecordType = 20, kLastRecordType = 23;
constexpr uint8_t kClientHelloMessage = 1;
constexpr size_t kRecordHeader = 5;
constexpr size_t kMaxRecord = 16 * 1024 + kRecordHeader;
constexpr uint16_t kServernameExtension = 0, kTicketExtension = 35;
constexpr uint8_t kHostName = 0;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }

  // A big-endian number of `size` bytes; 0 if there are too few.
  size_t Number(size_t size) {
    size_t value = 0;
    for (char c : Take(size)) value = value << 8 | uint8_t(c);
    return value;
  }
  std::string_view Take(size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // Bytes preceded by their length, a number of `size` bytes.
  std::string_view Vector(size_t size) { return Take(Number(size)); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// The last host name of the extension; another type of name ends the search.
void ReadServername(std::string_view extension, ClientHello* out) {
  Reader reader(extension);
  Reader names(reader.Vector(2));
  while (names.ok() && !names.empty()) {
    if (names.Number(1) != kHostName) return;
    std::string_view name = names.Vector(2);
    if (names.ok()) out->servername = name;
  }
}

bool ReadMessage(std::string_view message, ClientHello* out) {
  Reader reader(message);
  if (reader.Number(1) != kClientHelloMessage) return false;
  reader.Take(3);  // the message's length; the record's is used instead
  size_t version = reader.Number(2);
  if (version < 0x0301 || version > 0x0303) return false;  // TLS 1.3 has 1.2 here
  reader.Take(32);                                         // random
  out->session_id = reader.Vector(1);
  reader.Vector(2);  // cipher suites
  reader.Vector(1);  // compressions
  if (!reader.ok() || out->session_id.size() > 32) return false;
  if (reader.empty()) return true;
  Reader extensions(reader.Vector(2));
  while (extensions.ok() && !extensions.empty()) {
    size_t type = extensions.Number(2);
    std::string_view extension = extensions.Vector(2);
    if (!extensions.ok()) break;
    if (type == kServernameExtension) ReadServername(extension, out);
    if (type == kTicketExtension) out->has_ticket = !extension.empty();
  }
  return reader.ok() && extensions.ok();
}

}  // namespace

HelloResult ParseClientHello(std::string_view bytes, ClientHello* out) {
  if (bytes.size() < kRecordHeader) return HelloResult::kIncomplete;
  uint8_t type = uint8_t(bytes[0]);
  if (type < kFirstRecordType || type > kLastRecordType) return HelloResult::kOther;
  size_t size = size_t(uint8_t(bytes[3])) << 8 | uint8_t(bytes[4]);
  if (type != kHandshakeRecord || size >= kMaxRecord) return HelloResult::kOther;
  if (bytes.size() < kRecordHeader + size) return HelloResult::kIncomplete;
  return ReadMessage(bytes.substr(kRecordHeader, size), out) ? HelloResult::kFound
                                                             : HelloResult::kOther;
}

}  // namespace kiln::runtime
