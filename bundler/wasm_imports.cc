// Reads as much of the binary format (WebAssembly specification, section 5.5) as imports need.
#include "bundler/wasm_imports.h"

#include <algorithm>
#include <cstdint>

namespace kiln {
namespace {

constexpr uint8_t kImportSection = 2;
// Kinds of imports.
constexpr uint8_t kFunction = 0, kTable = 1, kMemory = 2, kGlobal = 3, kTag = 4;
// References with a heap type after them, in the types of tables and globals.
constexpr uint8_t kRefNull = 0x63, kRef = 0x64;

// Reads from the front. After an error `ok` is false and all values are 0 or "".
struct WasmReader {
  std::string_view rest;
  bool ok = true;

  uint8_t Byte() {
    if (rest.empty()) return Fail();
    uint8_t byte = uint8_t(rest[0]);
    rest.remove_prefix(1);
    return byte;
  }
  // LEB128; signed numbers are skipped by it as well.
  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t byte = Byte();
      value |= uint64_t(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }
  std::string_view Bytes(uint64_t size) {
    if (size > rest.size()) {
      Fail();
      return {};
    }
    std::string_view bytes = rest.substr(0, size);
    rest.remove_prefix(size);
    return bytes;
  }
  void SkipLimits() {
    uint64_t flags = Number();
    Number();
    if (flags & 1) Number();
  }
  void SkipType() {
    uint8_t type = Byte();
    if (type == kRefNull || type == kRef) Number();
  }

 private:
  uint8_t Fail() {
    ok = false;
    rest = {};
    return 0;
  }
};

}  // namespace

std::vector<std::string> WasmImports(std::string_view wasm) {
  std::vector<std::string> names;
  constexpr std::string_view kHeader("\0asm\1\0\0\0", 8);
  if (!wasm.starts_with(kHeader)) return names;
  WasmReader file{wasm.substr(kHeader.size())};
  while (!file.rest.empty()) {
    uint8_t section = file.Byte();
    WasmReader reader{file.Bytes(file.Number())};
    if (section != kImportSection) continue;
    for (uint64_t count = reader.Number(); count > 0 && reader.ok; --count) {
      std::string module(reader.Bytes(reader.Number()));
      reader.Bytes(reader.Number());  // the name in the module
      switch (reader.Byte()) {
        case kFunction:
          reader.Number();
          break;
        case kTable:
          reader.SkipType();
          reader.SkipLimits();
          break;
        case kMemory:
          reader.SkipLimits();
          break;
        case kGlobal:
          reader.SkipType();
          reader.Byte();
          break;
        case kTag:
          reader.Byte();
          reader.Number();
          break;
        default:
          reader.ok = false;
      }
      if (reader.ok && std::ranges::find(names, module) == names.end())
        names.push_back(std::move(module));
    }
    break;
  }
  return names;
}

}  // namespace kiln
