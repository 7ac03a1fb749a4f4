// Reading and writing of esbuild's service packets, one recursive function each way.
#include "bundler/wire.h"

namespace kiln {
namespace {

constexpr int kMaxDepth = 64;  // esbuild's own packets are a handful of levels deep

void AppendNumber(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += char(value >> shift & 0xFF);
}

void AppendText(std::string& out, std::string_view text) {
  AppendNumber(out, uint32_t(text.size()));
  out += text;
}

void Append(std::string& out, const Wire& value) {
  out += char(value.kind);
  switch (value.kind) {
    case Wire::Kind::kNull:
      break;
    case Wire::Kind::kBool:
      out += char(value.number != 0);
      break;
    case Wire::Kind::kNumber:
      AppendNumber(out, value.number);
      break;
    case Wire::Kind::kString:
    case Wire::Kind::kBytes:
      AppendText(out, value.text);
      break;
    case Wire::Kind::kArray:
      AppendNumber(out, uint32_t(value.items.size()));
      for (const Wire& item : value.items) Append(out, item);
      break;
    case Wire::Kind::kMap:
      AppendNumber(out, uint32_t(value.members.size()));
      for (const auto& [key, member] : value.members) {
        AppendText(out, key);
        Append(out, member);
      }
      break;
  }
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  bool ReadNumber(uint32_t& out) {
    if (bytes_.size() < 4) return false;
    out = 0;
    for (int i = 0; i < 4; ++i) out |= uint32_t(uint8_t(bytes_[i])) << (8 * i);
    bytes_.remove_prefix(4);
    return true;
  }

  bool Read(Wire& out, int depth = 0) {
    if (bytes_.empty() || depth > kMaxDepth) return false;
    uint8_t kind = uint8_t(bytes_[0]);
    bytes_.remove_prefix(1);
    if (kind > uint8_t(Wire::Kind::kMap)) return false;
    out.kind = Wire::Kind(kind);
    uint32_t count = 0;
    switch (out.kind) {
      case Wire::Kind::kNull:
        return true;
      case Wire::Kind::kBool:
        if (bytes_.empty()) return false;
        out.number = bytes_[0] != 0;
        bytes_.remove_prefix(1);
        return true;
      case Wire::Kind::kNumber:
        return ReadNumber(out.number);
      case Wire::Kind::kString:
      case Wire::Kind::kBytes:
        return ReadText(out.text);
      case Wire::Kind::kArray:
        if (!ReadNumber(count) || count > bytes_.size()) return false;
        out.items.resize(count);
        for (Wire& item : out.items)
          if (!Read(item, depth + 1)) return false;
        return true;
      case Wire::Kind::kMap:
        if (!ReadNumber(count) || count > bytes_.size()) return false;
        for (uint32_t i = 0; i < count; ++i) {
          auto& [key, member] = out.members.emplace_back(std::string(), Wire());
          if (!ReadText(key) || !Read(member, depth + 1)) return false;
        }
        return true;
    }
    return false;
  }

  bool done() const { return bytes_.empty(); }

 private:
  bool ReadText(std::string& out) {
    uint32_t size;
    if (!ReadNumber(size) || size > bytes_.size()) return false;
    out.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return true;
  }

  std::string_view bytes_;
};

}  // namespace

Wire Wire::Bool(bool value) { return {.kind = Kind::kBool, .number = value}; }
Wire Wire::Number(uint32_t value) { return {.kind = Kind::kNumber, .number = value}; }
Wire Wire::String(std::string value) { return {.kind = Kind::kString, .text = std::move(value)}; }
Wire Wire::Bytes(std::string value) { return {.kind = Kind::kBytes, .text = std::move(value)}; }
Wire Wire::Array(std::vector<Wire> items) {
  return {.kind = Kind::kArray, .items = std::move(items)};
}
Wire Wire::Strings(const std::vector<std::string>& values) {
  Wire array = Array();
  for (const std::string& value : values) array.items.push_back(String(value));
  return array;
}
Wire Wire::Map(std::vector<Member> members) {
  return {.kind = Kind::kMap, .members = std::move(members)};
}

const Wire& Wire::operator[](std::string_view key) const {
  static const Wire kNothing;
  for (const auto& [name, member] : members)
    if (name == key) return member;
  return kNothing;
}

Wire* Wire::Find(std::string_view key) {
  for (auto& [name, member] : members)
    if (name == key) return &member;
  return nullptr;
}

std::string EncodePacket(const WirePacket& packet) {
  std::string out;
  AppendNumber(out, 0);
  AppendNumber(out, packet.id << 1 | uint32_t(!packet.is_request));
  Append(out, packet.value);
  std::string length;
  AppendNumber(length, uint32_t(out.size() - 4));
  out.replace(0, 4, length);
  return out;
}

std::optional<WirePacket> DecodePacket(std::string_view bytes) {
  Decoder decoder(bytes);
  WirePacket packet;
  uint32_t head;
  if (!decoder.ReadNumber(head)) return {};
  packet.id = head >> 1;
  packet.is_request = (head & 1) == 0;
  if (!decoder.Read(packet.value) || !decoder.done()) return {};
  return packet;
}

}  // namespace kiln
