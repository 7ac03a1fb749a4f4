// Tables first, then texts that are short and often repeated (specifiers, names of builtins), which
// are stored once each, then sources and maps.
#include "snapshot/module_section.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>

#include "snapshot/bytes.h"
#include "snapshot/format/payload_format.h"
#include "snapshot/position_table.h"

namespace kiln {
namespace {

// Reads one character at `at` and advances. Invalid bytes give U+FFFD by the decoder of the
// Encoding Standard: a byte that cannot continue the character is not consumed.
uint32_t NextCodePoint(std::string_view text, size_t& at) {
  uint8_t lead = uint8_t(text[at++]);
  if (lead < 0x80) return lead;
  int more = lead >= 0xC2 && lead <= 0xDF   ? 1
             : lead >= 0xE0 && lead <= 0xEF ? 2
             : lead >= 0xF0 && lead <= 0xF4 ? 3
                                            : 0;
  if (more == 0) return 0xFFFD;
  uint32_t code = lead & (0x3Fu >> more);
  // The second byte excludes overlong forms, surrogates and numbers above 0x10FFFF.
  uint8_t lower = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  uint8_t upper = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (; more > 0; --more) {
    if (at >= text.size()) return 0xFFFD;
    uint8_t byte = uint8_t(text[at]);
    if (byte < lower || byte > upper) return 0xFFFD;
    lower = 0x80, upper = 0xBF;
    code = code << 6 | (byte & 0x3F);
    ++at;
  }
  return code;
}

// The bytes from `at` that are ASCII.
std::string_view AsciiRun(std::string_view text, size_t at) {
  size_t end = at;
  for (uint64_t eight; end + sizeof eight <= text.size(); end += sizeof eight) {
    std::memcpy(&eight, text.data() + end, sizeof eight);
    if (eight & 0x8080808080808080) break;
  }
  while (end < text.size() && uint8_t(text[end]) < 0x80) ++end;
  return text.substr(at, end - at);
}

format::ModuleKind KindOf(BundledModule::Kind kind) {
  switch (kind) {
    case BundledModule::Kind::kNone:
      return format::ModuleKind::kNone;
    case BundledModule::Kind::kCommonJs:
      return format::ModuleKind::kCommonJs;
    case BundledModule::Kind::kEsm:
      return format::ModuleKind::kEsm;
    case BundledModule::Kind::kJson:
      return format::ModuleKind::kJson;
    case BundledModule::Kind::kWasm:
      return format::ModuleKind::kWasm;
  }
  return format::ModuleKind::kNone;
}

format::EdgeTarget TargetOf(BundledEdge::To to) {
  switch (to) {
    case BundledEdge::To::kModule:
      return format::EdgeTarget::kModule;
    case BundledEdge::To::kBuiltin:
      return format::EdgeTarget::kBuiltin;
    case BundledEdge::To::kFails:
      return format::EdgeTarget::kFails;
  }
  return format::EdgeTarget::kFails;
}

class SectionWriter {
 public:
  SectionWriter(std::vector<BundledModule> modules, BuildCache* cache)
      : modules_(std::move(modules)), cache_(cache) {}

  std::string Run() {
    size_t edge_count = 0;
    for (const BundledModule& module : modules_) edge_count += module.edges.size();
    size_t count = modules_.size();
    size_t numbers = sizeof(format::ModulesHeader) + count * sizeof(format::ModuleEntry);
    size_t edges = numbers + count * sizeof(uint32_t);
    out_.resize(edges + edge_count * sizeof(format::EdgeEntry));
    Store(0, format::ModulesHeader{uint32_t(count), uint32_t(edge_count)});

    uint32_t first_edge = 0;
    std::vector<format::ModuleEntry> entries(count);
    for (size_t i = 0; i < count; ++i) {
      entries[i].first_edge = first_edge;
      entries[i].edge_count = uint32_t(modules_[i].edges.size());
      StorePath(modules_[i], entries[i]);
      std::ranges::sort(modules_[i].edges, [](const BundledEdge& a, const BundledEdge& b) {
        return a.import != b.import ? b.import : a.specifier < b.specifier;
      });
      for (const BundledEdge& edge : modules_[i].edges)
        Store(edges + first_edge++ * sizeof(format::EdgeEntry), EntryOf(edge));
    }
    for (size_t i = 0; i < count; ++i) StoreSource(modules_[i], entries[i]);
    for (size_t i = 0; i < count; ++i) {
      entries[i].map_offset = out_.size();
      if (!modules_[i].source_map.empty()) out_ += PositionTableOf(modules_[i]);
      entries[i].map_size = out_.size() - entries[i].map_offset;
      modules_[i].source_map = modules_[i].original = {};
      Store(sizeof(format::ModulesHeader) + i * sizeof(format::ModuleEntry), entries[i]);
    }
    std::vector<uint32_t> by_path(count);
    std::iota(by_path.begin(), by_path.end(), 0);
    std::ranges::sort(by_path, [&](uint32_t a, uint32_t b) {
      int order = modules_[a].path.compare(modules_[b].path);
      return order != 0 ? order < 0 : modules_[a].suffix < modules_[b].suffix;
    });
    for (size_t i = 0; i < count; ++i) Store(numbers + i * sizeof(uint32_t), by_path[i]);
    return std::move(out_);
  }

 private:
  template <class T>
  void Store(size_t offset, const T& value) {
    std::memcpy(out_.data() + offset, &value, sizeof value);
  }

  std::string PositionTableOf(const BundledModule& module) {
    if (!cache_ || !cache_->has_file()) return EncodePositionTable(SourceMapOf(module));
    Digest key = CacheKeyOf("position table", module.path, module.own ? "own" : "",
                            module.source_map, module.original);
    if (std::optional<std::string> known = cache_->Find(key)) return std::move(*known);
    std::string table = EncodePositionTable(SourceMapOf(module));
    cache_->Put(key, table);
    return table;
  }

  void StorePath(const BundledModule& module, format::ModuleEntry& entry) {
    entry.path_offset = out_.size();
    entry.path_size = uint32_t(module.path.size());
    entry.suffix_size = uint32_t(module.suffix.size());
    entry.kind = KindOf(module.kind);
    entry.flags =
        (module.at_start ? format::kAtStart : 0) | (module.speculative ? format::kSpeculative : 0) |
        (module.own ? format::kOwn : 0) | (module.used ? format::kUsed : 0) |
        (module.partial ? format::kPartial : 0) | (module.executable ? format::kExecutable : 0);
    out_ += module.path;
    out_ += module.suffix;
  }

  // Instances of one file (with other suffixes) share its source.
  void StoreSource(BundledModule& module, format::ModuleEntry& entry) {
    auto [found, is_new] = sources_.try_emplace(module.path, &entry);
    if (!is_new && found->second->kind == entry.kind) {
      entry.source_offset = found->second->source_offset;
      entry.source_size = found->second->source_size;
      entry.flags |= found->second->flags & format::kTwoByte;
      return;
    }
    out_.append((format::kAlignment - out_.size() % format::kAlignment) % format::kAlignment, 0);
    entry.source_offset = out_.size();
    if (!AppendLatin1(module.source, out_)) {
      out_.resize(entry.source_offset);
      AppendUtf16(module.source, out_);
      entry.flags |= format::kTwoByte;
    }
    entry.source_size = out_.size() - entry.source_offset;
    module.source = {};  // it may have many megabytes
  }

  format::EdgeEntry EntryOf(const BundledEdge& edge) {
    format::EdgeEntry entry = {};
    std::string names;
    for (const std::string& name : edge.names) names += name + "\n";
    entry.specifier_offset = OffsetOf(edge.specifier);
    entry.specifier_size = uint32_t(edge.specifier.size());
    entry.text_offset = OffsetOf(edge.text);
    entry.text_size = uint32_t(edge.text.size());
    entry.names_offset = OffsetOf(names);
    entry.names_size = uint32_t(names.size());
    entry.module = uint32_t(edge.module);
    entry.import = edge.import;
    entry.target = TargetOf(edge.to);
    return entry;
  }

  uint64_t OffsetOf(const std::string& text) {
    auto [found, is_new] = texts_.try_emplace(text, out_.size());
    if (is_new) out_ += text;
    return found->second;
  }

  std::vector<BundledModule> modules_;
  BuildCache* cache_;  // may be null
  std::string out_;
  std::unordered_map<std::string, uint64_t> texts_;
  std::unordered_map<std::string, const format::ModuleEntry*> sources_;  // by path
};

}  // namespace

bool AppendLatin1(std::string_view text, std::string& out) {
  for (size_t at = 0; at < text.size();) {
    std::string_view ascii = AsciiRun(text, at);
    out += ascii;
    at += ascii.size();
    if (at >= text.size()) break;
    uint32_t code = NextCodePoint(text, at);
    if (code > 0xFF) return false;
    out += char(code);
  }
  return true;
}

void AppendUtf16(std::string_view text, std::string& out) {
  auto unit = [&](uint32_t value) {
    out += char(value & 0xFF);
    out += char(value >> 8);
  };
  out.reserve(out.size() + 2 * text.size());
  for (size_t at = 0; at < text.size();) {
    std::string_view ascii = AsciiRun(text, at);
    size_t end = out.size();
    out.resize(end + 2 * ascii.size());
    for (char c : ascii) out[end] = c, end += 2;
    at += ascii.size();
    if (at >= text.size()) break;
    uint32_t code = NextCodePoint(text, at);
    if (code < 0x10000) {
      unit(code);
    } else {
      code -= 0x10000;
      unit(0xD800 | code >> 10);
      unit(0xDC00 | (code & 0x3FF));
    }
  }
}

std::string PackModules(std::vector<BundledModule> modules, BuildCache* cache) {
  return SectionWriter(std::move(modules), cache).Run();
}

Result<std::vector<std::pair<std::string, uint64_t>>> ListModules(std::string_view section) {
  if (section.size() < sizeof(format::ModulesHeader)) return Error{"The module table is cut short"};
  auto header = Load<format::ModulesHeader>(section, 0);
  uint64_t tables = header.count * uint64_t(sizeof(format::ModuleEntry) + sizeof(uint32_t)) +
                    header.edge_count * uint64_t(sizeof(format::EdgeEntry));
  if (!Within(sizeof header, tables, section.size())) return Error{"The module table is cut short"};
  std::vector<std::pair<std::string, uint64_t>> modules;
  for (uint32_t i = 0; i < header.count; ++i) {
    auto entry =
        Load<format::ModuleEntry>(section, sizeof header + i * sizeof(format::ModuleEntry));
    uint64_t name_size = uint64_t(entry.path_size) + entry.suffix_size;
    if (!Within(entry.path_offset, name_size, section.size()) ||
        !Within(entry.source_offset, entry.source_size, section.size()) ||
        !Within(entry.map_offset, entry.map_size, section.size()) ||
        !Within(entry.first_edge, entry.edge_count, header.edge_count))
      return Error{"A module lies outside of the payload"};
    modules.emplace_back(section.substr(entry.path_offset, name_size), entry.source_size);
  }
  return modules;
}

}  // namespace kiln
