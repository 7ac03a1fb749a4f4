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

struct Wire {
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kBytes, kArray, kMap };
  using Member = std::pair<std::string, Wire>;

  Kind kind = Kind::kNull;
  uint32_t number = 0;  // of kNumber, and 0 or 1 of kBool
  std::string text;     // of kString and kBytes
  std::vector<Wire> items;
  std::vector<Member> members;

  static Wire Bool(bool value);
  static Wire Number(uint32_t value);
  static Wire String(std::string value);
  static Wire Bytes(std::string value);
  static Wire Array(std::vector<Wire> items = {});
  static Wire Strings(const std::vector<std::string>& values);
  static Wire Map(std::vector<Member> members = {});

  // A null value if there is no such member.
  const Wire& operator[](std::string_view key) const;
  Wire* Find(std::string_view key);
};

struct WirePacket {
  uint32_t id = 0;
  bool is_request = false;
  Wire value;
};

// The bytes of a packet, preceded by their length.
std::string EncodePacket(const WirePacket& packet);
// `bytes` without the length; nothing if they are not exactly one valid packet.
std::optional<WirePacket> DecodePacket(std::string_view bytes);

}  // namespace kiln
