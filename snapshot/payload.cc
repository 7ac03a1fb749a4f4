// Compresses and writes payloads, and reads them for `kiln inspect`. Everything is written in a
// fixed order with zeroed gaps, so equal input gives equal bytes.
#include "snapshot/payload.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "snapshot/bytes.h"
#include "snapshot/module_section.h"
#include "snapshot/position_table.h"
#include "support/hash.h"

namespace kiln {
namespace {

// Level 9 packs 60 MB/s and is within 4 % of level 19 on JavaScript and its maps.
constexpr int kLevel = 9;
constexpr size_t kWorthTrying = 512;

// Compresses if that saves at least a sixteenth; less is not worth the time of decompressing.
std::string CompressIfItPays(std::string bytes, uint32_t& flags) {
  if (bytes.size() < kWorthTrying) return bytes;
  std::string packed(ZSTD_compressBound(bytes.size()), 0);
  size_t n = ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(n) || n > bytes.size() - bytes.size() / 16) return bytes;
  packed.resize(n);
  flags |= format::kZstd;
  return packed;
}

template <class T>
void Append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Align(std::string& out) {
  out.append((format::kAlignment - out.size() % format::kAlignment) % format::kAlignment, 0);
}

// The same, with a cache: its value is empty if compressing does not pay.
std::string CompressWithCache(std::string bytes, uint32_t& flags, BuildCache* cache) {
  if (!cache || !cache->has_file() || bytes.size() < kWorthTrying)
    return CompressIfItPays(std::move(bytes), flags);
  Digest key = CacheKeyOf("zstd", std::to_string(kLevel), bytes);
  if (std::optional<std::string> known = cache->Find(key)) {
    if (known->empty()) return bytes;
    flags |= format::kZstd;
    return std::move(*known);
  }
  std::string packed = CompressIfItPays(std::move(bytes), flags);
  cache->Put(key, flags & format::kZstd ? packed : std::string());
  return packed;
}

std::string PackFiles(std::vector<EmbeddedFile> files, BuildCache* cache) {
  std::sort(files.begin(), files.end(),
            [](const EmbeddedFile& a, const EmbeddedFile& b) { return a.path < b.path; });
  std::string out;
  auto links = std::ranges::count_if(files, &EmbeddedFile::is_link);
  Append(out, format::FilesHeader{uint32_t(files.size()), uint32_t(links)});
  std::vector<format::FileEntry> entries(files.size());
  uint64_t at = out.size() + files.size() * sizeof(format::FileEntry);
  for (size_t i = 0; i < files.size(); ++i) {
    format::FileEntry& entry = entries[i];
    entry.path_offset = at;
    entry.path_size = uint32_t(files[i].path.size());
    at += entry.path_size;
  }
  for (size_t i = 0; i < files.size(); ++i) {
    format::FileEntry& entry = entries[i];
    at = (at + format::kAlignment - 1) / format::kAlignment * format::kAlignment;
    entry.mode = files[i].mode;
    entry.raw_size = files[i].contents.size();
    if (!files[i].is_link())
      files[i].contents = CompressWithCache(std::move(files[i].contents), entry.flags, cache);
    entry.data_offset = at;
    entry.data_size = files[i].contents.size();
    at += entry.data_size;
  }
  for (const format::FileEntry& entry : entries) Append(out, entry);
  for (const EmbeddedFile& file : files) out += file.path;
  for (const EmbeddedFile& file : files) {
    Align(out);
    out += file.contents;
  }
  return out;
}

std::string Assemble(const PackedPayload& packed, const Snapshot* snapshot,
                     const Snapshot* baked = nullptr, std::string_view guards = {}) {
  size_t count = packed.sections.size() + (snapshot ? 1 : 0) + (baked ? 2 : 0);
  format::Header header = {};
  std::memcpy(header.magic, format::kMagic, sizeof header.magic);
  header.version = format::kVersion;
  header.arch = packed.arch;
  header.section_count = uint32_t(count);
  const std::string& version = snapshot ? snapshot->v8_version : packed.v8_version;
  std::memcpy(header.v8_version, version.data(),
              std::min(version.size(), sizeof header.v8_version - 1));
  if (snapshot) header.reference_hash = snapshot->reference_hash;

  std::string out(sizeof header + count * sizeof(format::Section), 0);
  size_t total = out.size() + (snapshot ? snapshot->blob.size() : 0) +
                 (baked ? baked->blob.size() + guards.size() : 0);
  for (const PackedPayload::Section& section : packed.sections) total += section.bytes.size();
  out.reserve(total + format::kAlignment * (count + 1));
  size_t row = sizeof header;
  auto add = [&](format::SectionKind kind, uint32_t flags, uint64_t raw, std::string_view bytes) {
    Align(out);
    format::Section section = {uint32_t(kind), flags, out.size(), bytes.size(), raw};
    std::memcpy(out.data() + row, &section, sizeof section);
    row += sizeof section;
    out += bytes;
  };
  if (snapshot) add(format::SectionKind::kSnapshot, 0, snapshot->blob.size(), snapshot->blob);
  if (baked) {
    add(format::SectionKind::kBakedSnapshot, 0, baked->blob.size(), baked->blob);
    add(format::SectionKind::kGuards, 0, guards.size(), guards);
  }
  for (const PackedPayload::Section& section : packed.sections)
    add(section.kind, section.flags, section.raw_size, section.bytes);
  Align(out);

  header.size = out.size();
  header.content_hash = DamageHash(std::string_view(out).substr(sizeof header));
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

}  // namespace

Result<PackedPayload> Pack(Payload payload, BuildCache* cache) {
  PackedPayload packed = {payload.arch, std::move(payload.v8_version), {}};
  auto add = [&](format::SectionKind kind, std::string bytes) {
    uint64_t size = bytes.size();
    packed.sections.push_back({kind, 0, size, std::move(bytes)});
  };
  std::string options;
  for (const auto& [key, value] : payload.options) {
    if (value.find('\n') != std::string::npos)
      return Error{"The value of " + key + " must be one line: " + value};
    options += key + "=" + value + "\n";
  }
  // Options first: they are read before anything else, and on the same pages as the header.
  add(format::SectionKind::kOptions, std::move(options));
  // Modules and script stay as they are: V8 uses them in place.
  if (payload.modules.empty())
    add(format::SectionKind::kScript, std::move(payload.script));
  else
    add(format::SectionKind::kModules, PackModules(std::move(payload.modules), cache));
  if (!payload.files.empty())
    add(format::SectionKind::kFiles, PackFiles(std::move(payload.files), cache));
  // Uncompressed too: it is searched in place when a stack is printed.
  if (!payload.source_map.empty())
    add(format::SectionKind::kSourceMap, EncodePositionTable(payload.source_map));
  return packed;
}

std::string AssembleImage(const PackedPayload& packed) { return Assemble(packed, nullptr); }

std::string AssemblePayload(const PackedPayload& packed, const Snapshot& snapshot) {
  return Assemble(packed, &snapshot);
}

std::string AssemblePayload(const PackedPayload& packed, const Snapshot& snapshot,
                            const Snapshot& baked, std::string_view guards) {
  return Assemble(packed, &snapshot, &baked, guards);
}

Result<PayloadInfo> ReadPayload(std::string_view bytes) {
  PayloadInfo info;
  if (bytes.size() < sizeof(format::Header)) return Error{"The payload is cut short"};
  info.header = Load<format::Header>(bytes, 0);
  const format::Header& header = info.header;
  if (std::memcmp(header.magic, format::kMagic, sizeof header.magic) != 0)
    return Error{"There is no payload"};
  if (header.version != format::kVersion)
    return Error{"The payload has format " + std::to_string(header.version) +
                 ", this Kiln reads format " + std::to_string(format::kVersion)};
  if (header.size > bytes.size() || header.section_count > 64 ||
      header.size < sizeof header + header.section_count * sizeof(format::Section))
    return Error{"The payload is cut short"};
  bytes = bytes.substr(0, header.size);
  info.intact = DamageHash(bytes.substr(sizeof header)) == header.content_hash;
  for (uint32_t i = 0; i < header.section_count; ++i) {
    auto section = Load<format::Section>(bytes, sizeof header + i * sizeof(format::Section));
    if (!Within(section.offset, section.size, bytes.size()))
      return Error{"A section lies outside of the payload"};
    std::string_view data = bytes.substr(section.offset, section.size);
    if (section.kind == uint32_t(format::SectionKind::kOptions)) info.options = data;
    if (section.kind == uint32_t(format::SectionKind::kGuards)) info.guards = data;
    if (section.kind == uint32_t(format::SectionKind::kModules)) {
      TRY(info.modules, ListModules(data));
    }
    if (section.kind == uint32_t(format::SectionKind::kFiles)) {
      if (data.size() < sizeof(format::FilesHeader)) return Error{"The file table is cut short"};
      auto files = Load<format::FilesHeader>(data, 0);
      if (!Within(sizeof files, uint64_t(files.count) * sizeof(format::FileEntry), data.size()))
        return Error{"The file table is cut short"};
      for (uint32_t f = 0; f < files.count; ++f) {
        auto entry = Load<format::FileEntry>(data, sizeof files + f * sizeof(format::FileEntry));
        if (!Within(entry.path_offset, entry.path_size, data.size()) ||
            !Within(entry.data_offset, entry.data_size, data.size()))
          return Error{"A file lies outside of the payload"};
        std::string_view path = data.substr(entry.path_offset, entry.path_size);
        if (files.link_count > 0 && entry.mode == EmbeddedFile::kLinkMode)
          info.links.emplace_back(path, data.substr(entry.data_offset, entry.data_size));
        else
          info.files.emplace_back(path, entry.raw_size);
      }
    }
    info.sections.push_back(section);
  }
  return info;
}

Result<std::string_view> FindPayload(std::string_view executable) {
  std::string_view magic(format::kMagic, sizeof format::kMagic);
  // The runtime's code contains the magic too, but without a valid header after it.
  for (size_t at = 0; (at = executable.find(magic, at)) != std::string_view::npos; ++at) {
    std::string_view rest = executable.substr(at);
    if (rest.size() < sizeof(format::Header)) break;
    auto header = Load<format::Header>(rest, 0);
    if (header.version > 0 && header.version < 1000 && header.zero == 0 &&
        header.size >= sizeof header && header.size <= rest.size())
      return rest.substr(0, header.size);
  }
  return Error{"There is no payload in it; was it made by kiln build?"};
}

}  // namespace kiln
