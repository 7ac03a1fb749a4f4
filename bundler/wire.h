// Values of esbuild's service protocol: JSON's kinds plus byte strings, in a simple
// length-prefixed binary form (little-endian, see esbuild's cmd/esbuild/stdio_protocol.go).
// A packet is length:u32, id << 1 | is_response:u32, value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

// One value, owning all that it contains. Only the members that belong to its kind are meaningful.
struct Wire {
  // The numbers are those of the protocol.
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kBytes, kArray, kMap };
  using Member = std::pair<std::string, Wire>;

  Kind kind = Kind::kNull;
  uint32_t number = 0;  // of kNumber, and 0 or 1 of kBool
  std::string text;     // of kString and kBytes
  std::vector<Wire> items;
  std::vector<Member> members;

  // Make a value of that kind. Strings is an array of strings. A string is UTF-8; bytes are any.
  static Wire Bool(bool value);
  static Wire Number(uint32_t value);
  static Wire String(std::string value);
  static Wire Bytes(std::string value);
  static Wire Array(std::vector<Wire> items = {});
  static Wire Strings(const std::vector<std::string>& values);
  static Wire Map(std::vector<Member> members = {});

  // A null value if there is no such member, also for other kinds. The reference lives as long as
  // this value.
  const Wire& operator[](std::string_view key) const;
  // Null if there is no such member.
  Wire* Find(std::string_view key);
};

// A request, or the response to the request with that `id`. Each side numbers its own requests.
struct WirePacket {
  uint32_t id = 0;
  bool is_request = false;
  Wire value;
};

// The bytes of a packet, preceded by their length.
std::string EncodePacket(const WirePacket& packet);
// `bytes` without the length; nothing if they are not exactly one valid packet. Untrusted bytes are
// safe: all counts are checked, and nesting is limited to 64 levels.
std::optional<WirePacket> DecodePacket(std::string_view bytes);

}  // namespace kiln
