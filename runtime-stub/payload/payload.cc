// Reads the payload's header, sections and options. Every offset is checked against the size, and an
// unknown option is an error, because an older runtime must not ignore what a newer tool wrote.
#include "runtime-stub/payload/payload.h"

#include <v8.h>
#include <zstd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime-stub/binding/registry.h"
#include "runtime-stub/payload/bundled_modules.h"
#include "runtime-stub/platform/target.h"

namespace kiln::runtime {

namespace {

// Volatile: it is changed after the compiler has seen it (snapshot/attach.h).
__attribute__((section("kiln_payload"))) const volatile format::PayloadSlot g_slot = {0, 0};

std::string_view Text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool ReadComponents(std::string_view names, OptionalComponents* out, std::string* error) {
  while (!names.empty()) {
    std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    std::optional<OptionalComponent> component = FindOptionalComponent(name);
    if (!component) {
      *error = "unknown component '" + std::string(name) + "' in the payload";
      return false;
    }
    out->Add(*component);
  }
  return true;
}

bool ReadOptions(std::string_view text, Payload* out, std::string* error) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    size_t equals = line.find('=');
    std::string_view key = line.substr(0, equals);
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : line.substr(equals + 1);
    if (key == "entry") {
      out->entry = value;
    } else if (key == "async") {
      out->is_async = value == "1";
    } else if (key == "evaluate") {
      out->evaluate = value == "1";
    } else if (key == "rehash") {
      out->rehash = value != "0";
    } else if (key == "heap") {
      out->verify_heap_images = value == "verified";
      out->heap_images = value == "image" || out->verify_heap_images;
    } else if (key == "packages") {
      out->packages_on_disk = value == "disk";
    } else if (key == "inspect") {
      out->inspect = value == "1";
    } else if (key == "external") {
      out->externals.emplace_back(value);
    } else if (key == "v8-flag") {
      out->v8_flags.emplace_back(value);
    } else if (key == "permission-flag") {
      out->permission_flags.emplace_back(value);
    } else if (key == "exec-argv-extension") {
      out->exec_argv_extension = value == "cli"    ? ExecArgvExtension::kCli
                                 : value == "env"  ? ExecArgvExtension::kEnv
                                 : value == "node" ? ExecArgvExtension::kNode
                                                   : ExecArgvExtension::kNone;
    } else if (key == "builtin") {
      out->builtins.emplace_back(value);
    } else if (key == "training") {
      out->training = value;
    } else if (key == "intl") {
      out->intl = value;
    } else if (key == "components") {
      if (!ReadComponents(value, &out->components, error)) return false;
    } else if (!key.empty()) {
      *error = "unknown option '" + std::string(key) + "' in the payload";
      return false;
    }
  }
  return true;
}

// A stored section, decompressed if need be. Decompressed bytes live as long as the process.
std::span<const uint8_t> Contents(std::span<const uint8_t> stored, const format::Section& s,
                                  std::string* error) {
  if (!(s.flags & format::kZstd)) return stored;
  auto* raw = static_cast<uint8_t*>(std::malloc(s.raw_size));
  size_t n = raw ? ZSTD_decompress(raw, s.raw_size, stored.data(), stored.size()) : 0;
  if (!raw || ZSTD_isError(n) || n != s.raw_size) {
    *error = "a compressed section of the payload is damaged";
    return {};
  }
  return {raw, n};
}

}  // namespace

std::optional<Payload> ReadPayload(std::span<const uint8_t> bytes, bool expect_snapshot,
                                   std::string* error) {
  format::Header header;
  if (bytes.size() < sizeof header) {
    *error = "the payload is shorter than its header";
    return std::nullopt;
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, format::kMagic, sizeof header.magic) != 0) {
    *error = "this is not a Kiln payload";
    return std::nullopt;
  }
  if (header.version != format::kVersion) {
    *error = "the payload has format " + std::to_string(header.version) + ", this runtime reads " +
             std::to_string(format::kVersion);
    return std::nullopt;
  }
  if (header.arch != kTargetArch) {
    *error = "the payload was made for another architecture";
    return std::nullopt;
  }
  if (header.size != bytes.size() ||
      (bytes.size() - sizeof header) / sizeof(format::Section) < header.section_count) {
    *error = "the payload is cut off";
    return std::nullopt;
  }
  if (expect_snapshot) {
    if (std::strncmp(header.v8_version, v8::V8::GetVersion(), sizeof header.v8_version) != 0) {
      *error = "the snapshot was made by V8 " + std::string(header.v8_version) +
               ", this runtime has " + v8::V8::GetVersion();
      return std::nullopt;
    }
  }
  Payload payload;
  payload.identity = header.content_hash;
  for (uint32_t i = 0; i < header.section_count; i++) {
    format::Section s;
    std::memcpy(&s, bytes.data() + sizeof header + i * sizeof s, sizeof s);
    if (s.offset > bytes.size() || s.size > bytes.size() - s.offset) {
      *error = "a section of the payload lies outside of it";
      return std::nullopt;
    }
    auto stored = bytes.subspan(s.offset, s.size);
    auto contents = Contents(stored, s, error);
    if (!error->empty()) return std::nullopt;
    switch (format::SectionKind(s.kind)) {
      case format::SectionKind::kSnapshot:
        payload.snapshot = contents;
        break;
      case format::SectionKind::kBakedSnapshot:
        payload.baked_snapshot = contents;
        break;
      case format::SectionKind::kGuards:
        payload.guards = Text(contents);
        break;
      case format::SectionKind::kScript:
        payload.script = Text(contents);
        break;
      case format::SectionKind::kSourceMap:
        payload.source_map = Text(contents);
        break;
      case format::SectionKind::kModules:
        payload.modules = contents;
        break;
      case format::SectionKind::kFiles:
        payload.files = contents;
        break;
      case format::SectionKind::kOptions:
        if (!ReadOptions(Text(contents), &payload, error)) return std::nullopt;
        break;
    }
  }
  SelectComponents(payload.components);
  SetBundledModules(payload.modules);  // sources of modules are external references
  payload.has_source_map = !payload.source_map.empty();
  for (uint32_t i = 0; i < bundled::Count() && !payload.has_source_map; i++)
    payload.has_source_map = !bundled::At(i).map.empty();
  if (expect_snapshot && header.reference_hash != ReferenceHash()) {
    *error = "the snapshot was made by a runtime with other native bindings";
    return std::nullopt;
  }
  return payload;
}

std::optional<Payload> LinkedPayload() {
  if (!g_slot.size) return std::nullopt;
  std::string error;
  auto payload =
      ReadPayload({reinterpret_cast<const uint8_t*>(g_slot.address), g_slot.size}, true, &error);
  if (payload) return payload;
  std::fprintf(stderr, "kiln: this executable cannot start: %s\n", error.c_str());
  std::exit(78);
}

}  // namespace kiln::runtime
