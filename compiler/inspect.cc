// Reads the payload's tables and prints them, as text or as one JSON object.
#include "compiler/inspect.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "compiler/progress.h"
#include "snapshot/payload.h"
#include "support/file.h"
#include "support/json.h"

namespace kiln {
namespace {

std::string NameOfSection(uint32_t kind) {
  switch (format::SectionKind(kind)) {
    case format::SectionKind::kSnapshot:
      return "snapshot";
    case format::SectionKind::kScript:
      return "script";
    case format::SectionKind::kSourceMap:
      return "source map";
    case format::SectionKind::kFiles:
      return "files";
    case format::SectionKind::kOptions:
      return "options";
    case format::SectionKind::kModules:
      return "modules";
    case format::SectionKind::kBakedSnapshot:
      return "baked snapshot";
    case format::SectionKind::kGuards:
      return "guards";
  }
  return "section " + std::to_string(kind);
}

std::string_view NameOfArch(Arch arch) {
  const ArchInfo* info = FindArch(arch);
  return info ? info->name : "unknown";
}

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// What snapshot/format/payload_format.h says about kGuards.
struct Guards {
  std::vector<std::string> of_all, local;
  std::vector<std::string> modules;  // that the local guards are about; paths
};

Guards GuardsOf(const PayloadInfo& info) {
  constexpr std::string_view kLocal = "local ", kModule = "module ";
  Guards guards;
  for (const std::string& line : Lines(info.guards)) {
    if (line.starts_with(kLocal)) {
      guards.local.push_back(line.substr(kLocal.size()));
    } else if (line.starts_with(kModule)) {
      size_t number = size_t(std::atoi(line.c_str() + kModule.size()));
      guards.modules.push_back(number < info.modules.size() ? info.modules[number].first : line);
    } else {
      guards.of_all.push_back(line);
    }
  }
  return guards;
}

Json ArrayOf(const std::vector<std::string>& texts) {
  Json array = Json::Array();
  for (const std::string& text : texts) array.Push(text);
  return array;
}

// The size of the snapshot with baked modules; 0 if there is none.
uint64_t BakedBytes(const PayloadInfo& info) {
  for (const format::Section& section : info.sections)
    if (section.kind == uint32_t(format::SectionKind::kBakedSnapshot)) return section.raw_size;
  return 0;
}

Json AsJson(const PayloadInfo& info, std::string_view v8, const InspectOptions& options) {
  Json out = Json::Object();
  out.Set("format", info.header.version).Set("arch", NameOfArch(info.header.arch)).Set("v8", v8);
  out.Set("bytes", info.header.size).Set("contentHash", Hex(info.header.content_hash));
  out.Set("referenceHash", Hex(info.header.reference_hash)).Set("intact", info.intact);
  Json sections = Json::Array();
  for (const format::Section& section : info.sections) {
    Json row = Json::Object();
    row.Set("name", NameOfSection(section.kind)).Set("bytes", section.size);
    row.Set("rawBytes", section.raw_size);
    sections.Push(std::move(row));
  }
  Json files = Json::Array();
  for (const auto& [path, size] : info.files)
    files.Push(Json::Object().Set("path", path).Set("bytes", size));
  Json links = Json::Array();
  for (const auto& [path, target] : info.links)
    links.Push(Json::Object().Set("path", path).Set("target", target));
  Json modules = Json::Array();
  for (const auto& [path, size] : info.modules)
    modules.Push(Json::Object().Set("path", path).Set("bytes", size));
  if (uint64_t baked = BakedBytes(info)) {
    Guards guards = GuardsOf(info);
    Json known = Json::Object().Set("bytes", baked).Set("guards", ArrayOf(guards.of_all));
    known.Set("localGuards", ArrayOf(guards.local)).Set("localModules", ArrayOf(guards.modules));
    out.Set("baked", std::move(known));
  } else {
    out.Set("baked", Json());
  }
  out.Set("options", info.options).Set("modules", std::move(modules));
  out.Set("sections", std::move(sections)).Set("files", std::move(files));
  out.Set("links", std::move(links));
  return out;
}

}  // namespace

Result<std::string> Inspect(const std::string& file, const InspectOptions& options) {
  TRY(std::string bytes, ReadFile(file));
  auto found = FindPayload(bytes);
  if (!found.ok()) return Error{file + ": " + found.error().text};
  auto read = ReadPayload(*found);
  if (!read.ok()) return Error{file + ": " + read.error().text};
  const PayloadInfo& info = *read;
  if (options.verify && !info.intact)
    return Error{file + ": the payload is damaged"}.Note(
        "Its bytes do not give the hash in its header. Build it again.");
  std::string v8(info.header.v8_version, strnlen(info.header.v8_version, 32));
  if (options.json) return AsJson(info, v8, options).Write() + "\n";

  std::string out = "V8 " + v8 + ", " + std::string(NameOfArch(info.header.arch)) + ", format " +
                    std::to_string(info.header.version) + "\n";
  for (const format::Section& section : info.sections) {
    char line[128];
    std::string packed =
        section.flags & format::kZstd ? ", " + FormatSize(section.raw_size) + " unpacked" : "";
    std::snprintf(line, sizeof line, "  %-14s %10s%s\n", NameOfSection(section.kind).c_str(),
                  FormatSize(section.size).c_str(), packed.c_str());
    out += line;
  }
  out += "options:\n";
  for (const std::string& line : Lines(info.options)) out += "  " + line + "\n";
  if (uint64_t baked = BakedBytes(info)) {
    out += "baked modules: " + FormatSize(baked) + ", used at a start where these guards hold:\n";
    Guards guards = GuardsOf(info);
    for (const std::string& guard : guards.of_all) out += "  " + guard + "\n";
    if (guards.of_all.empty()) out += "  (none)\n";
    if (!guards.modules.empty()) out += "and these of them only where these hold, too:\n";
    for (const std::string& guard : guards.local) out += "  " + guard + "\n";
    for (const std::string& path : guards.modules) out += "  " + path + "\n";
  } else {
    out += "no baked modules\n";
  }
  if (!info.modules.empty()) out += std::to_string(info.modules.size()) + " modules:\n";
  for (const auto& [path, size] : info.modules) out += "  " + path + "  " + FormatSize(size) + "\n";
  if (!info.files.empty()) out += "files:\n";
  for (const auto& [path, size] : info.files) out += "  " + path + "  " + FormatSize(size) + "\n";
  if (!info.links.empty()) out += "symbolic links:\n";
  for (const auto& [path, target] : info.links) out += "  " + path + " -> " + target + "\n";
  out += info.intact ? "intact\n" : "DAMAGED: the content hash differs\n";
  return out;
}

}  // namespace kiln
