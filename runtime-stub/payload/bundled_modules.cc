// Every offset is compared with the section's size when it is used.
#include "runtime-stub/payload/bundled_modules.h"

#include <algorithm>
#include <cstring>

#include "runtime-stub/platform/simdutf.h"

namespace kiln::runtime {
namespace bundled {

namespace {

std::span<const uint8_t> g_section;
format::ModulesHeader g_header;

// Offsets of the tables behind the header.
constexpr size_t kEntries = sizeof(format::ModulesHeader);
size_t ByPathTable() { return kEntries + size_t(g_header.count) * sizeof(format::ModuleEntry); }
size_t EdgeTable() { return ByPathTable() + size_t(g_header.count) * sizeof(uint32_t); }

template <class T>
T Load(size_t offset) {
  T value;
  std::memcpy(&value, g_section.data() + offset, sizeof value);
  return value;
}

std::string_view Bytes(uint64_t offset, uint64_t size) {
  if (offset > g_section.size() || size > g_section.size() - offset) return {};
  return {reinterpret_cast<const char*>(g_section.data()) + offset, size_t(size)};
}

format::ModuleEntry Entry(uint32_t number) {
  return Load<format::ModuleEntry>(kEntries + size_t(number) * sizeof(format::ModuleEntry));
}

// The path and the suffix behind it.
std::string_view Name(const format::ModuleEntry& entry) {
  return Bytes(entry.path_offset, uint64_t(entry.path_size) + entry.suffix_size);
}

// The source, if it is where V8 can use it in place.
std::string_view Source(const format::ModuleEntry& entry) {
  if ((entry.flags & format::kTwoByte) && (entry.source_offset | entry.source_size) % 2) return {};
  return Bytes(entry.source_offset, entry.source_size);
}

// The number of edges that are in the table.
uint32_t EdgeCount(const format::ModuleEntry& entry) {
  uint32_t left = g_header.edge_count - std::min(entry.first_edge, g_header.edge_count);
  return std::min(entry.edge_count, left);
}

}  // namespace

uint32_t Count() { return g_header.count; }

Module At(uint32_t number) {
  format::ModuleEntry entry = Entry(number);
  std::string_view name = Name(entry);
  size_t path_size = std::min<size_t>(entry.path_size, name.size());
  return {entry.kind,
          entry.flags,
          name.substr(0, path_size),
          name.substr(path_size),
          Source(entry),
          Bytes(entry.map_offset, entry.map_size),
          EdgeCount(entry)};
}

Edge EdgeAt(uint32_t number, uint32_t index) {
  uint64_t at = uint64_t(Entry(number).first_edge) + index;
  if (at >= g_header.edge_count) return {EdgeTarget::kFails, 0, false, {}, {}, {}};
  auto edge = Load<format::EdgeEntry>(EdgeTable() + at * sizeof(format::EdgeEntry));
  if (edge.module >= g_header.count) edge.module = 0;
  return {edge.target,
          edge.module,
          edge.import != 0,
          Bytes(edge.specifier_offset, edge.specifier_size),
          Bytes(edge.text_offset, edge.text_size),
          Bytes(edge.names_offset, edge.names_size)};
}

std::optional<Edge> Resolve(uint32_t number, bool import, std::string_view specifier) {
  uint32_t low = 0, high = EdgeCount(Entry(number));
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    Edge edge = EdgeAt(number, middle);
    int order = int(edge.import) - int(import);
    if (order == 0) order = edge.specifier.compare(specifier);
    if (order == 0) return edge;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return std::nullopt;
}

uint32_t ByPath(uint32_t index) {
  auto number = Load<uint32_t>(ByPathTable() + size_t(index) * sizeof(uint32_t));
  return number < g_header.count ? number : 0;
}

uint32_t LowerBound(std::string_view path) {
  uint32_t low = 0, high = g_header.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (At(ByPath(middle)).path < path)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

std::optional<uint32_t> Find(std::string_view path, std::string_view suffix) {
  for (uint32_t i = LowerBound(path); i < g_header.count; i++) {
    uint32_t number = ByPath(i);
    Module module = At(number);
    if (module.path != path) break;
    if (module.suffix == suffix) return number;
  }
  return std::nullopt;
}

size_t SourceSize(const Module& module) {
  std::string_view source = module.source;
  if (!module.Has(format::kTwoByte))
    return simdutf::utf8_length_from_latin1(source.data(), source.size());
  return simdutf::utf8_length_from_utf16le(reinterpret_cast<const char16_t*>(source.data()),
                                           source.size() / 2);
}

bool WriteSource(const Module& module, char* to) {
  std::string_view source = module.source;
  const size_t size = SourceSize(module);
  if (module.Has(format::kTwoByte))
    return simdutf::convert_utf16le_to_utf8(reinterpret_cast<const char16_t*>(source.data()),
                                            source.size() / 2, to) == size;
  return simdutf::convert_latin1_to_utf8(source.data(), source.size(), to) == size;
}

std::string SourceText(const Module& module) {
  std::string text(SourceSize(module), '\0');
  if (!WriteSource(module, text.data())) text.clear();
  return text;
}

}  // namespace bundled

void SetBundledModules(std::span<const uint8_t> section) {
  using namespace bundled;
  g_section = section;
  g_header = {};
  if (section.size() < sizeof g_header) return;
  std::memcpy(&g_header, section.data(), sizeof g_header);
  uint64_t tables = EdgeTable() + uint64_t(g_header.edge_count) * sizeof(format::EdgeEntry);
  if (tables > section.size()) g_header = {};
}

}  // namespace kiln::runtime
