// The fuzz target of payloads: an executable with damaged bytes must report that, or start with less.
// An input is a payload behind 24 bytes that are not used (those are decisions in the other targets).
// It is read by the tool (`kiln inspect`) and, if that finds its sections, by the runtime's readers
// of modules, position tables and embedded files. Nothing of V8 runs here. payload.js writes the seeds.
#include "snapshot/payload.h"

#include <cstdint>

#include "tests/fuzz/read_modules.h"
#include "tests/fuzz/read_position_table.h"

using namespace kiln::runtime;
namespace format = kiln::format;

namespace {

constexpr size_t kChoices = 24;
constexpr int kDepth = 6;  // of folders

std::string_view Section(const kiln::PayloadInfo& info, std::string_view payload,
                         format::SectionKind kind) {
  for (const format::Section& section : info.sections)
    if (section.kind == uint32_t(kind) && !(section.flags & format::kZstd))
      return payload.substr(section.offset, section.size);
  return {};
}

// The runtime checks the sections by itself, so it also gets those that the tool refuses.
void ReadAsRuntime(std::string_view modules, std::string_view files) {
  ExactCopy module_section(modules), file_section(files);
  ReadModules(module_section.span());
  for (uint32_t i = 0; i < bundled::Count(); i++) ReadPositionTable(bundled::At(i).map);
  SetEmbeddedFiles(file_section.span());
  ReadFiles(std::string(embedded::kRoot), kDepth);
  SetBundledModules({});
  SetEmbeddedFiles({});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kChoices) return 0;
  ExactCopy copy({reinterpret_cast<const char*>(data) + kChoices, size - kChoices});
  (void)kiln::FindPayload(copy.text());
  auto info = kiln::ReadPayload(copy.text());
  if (info.ok())
    ReadAsRuntime(Section(*info, copy.text(), format::SectionKind::kModules),
                  Section(*info, copy.text(), format::SectionKind::kFiles));
  // The input as a section: the fuzzer gets further in it than through the tables of a payload.
  ReadAsRuntime(copy.text(), {});
  ReadAsRuntime({}, copy.text());
  ReadPositionTable(copy.text());
  return 0;
}
