#include "runtime-stub/payload/module_code.h"

#include <algorithm>
#include <cstring>

#include "snapshot/format/payload_format.h"

namespace kiln::runtime {

namespace {

std::span<const uint8_t> g_blob;
std::span<const format::CodeEntry> g_entries;

}  // namespace

void SetModuleCode(std::span<const uint8_t> blob) {
  g_blob = blob;
  g_entries = {};
  format::CodeTrailer trailer;
  if (blob.size() < sizeof trailer) return;
  std::memcpy(&trailer, blob.data() + blob.size() - sizeof trailer, sizeof trailer);
  const size_t room = blob.size() - sizeof trailer;
  if (std::memcmp(trailer.magic, format::kCodeMagic, sizeof trailer.magic) != 0 ||
      trailer.entries > room || trailer.entries % alignof(format::CodeEntry) != 0 ||
      trailer.count > (room - trailer.entries) / sizeof(format::CodeEntry))
    return;
  g_entries = {reinterpret_cast<const format::CodeEntry*>(blob.data() + trailer.entries),
               trailer.count};
}

std::span<const uint8_t> ModuleCode(uint32_t module) {
  auto found = std::ranges::lower_bound(g_entries, module, {}, &format::CodeEntry::module);
  if (found == g_entries.end() || found->module != module || found->offset > g_blob.size() ||
      found->size > g_blob.size() - found->offset)
    return {};
  return g_blob.subspan(found->offset, found->size);
}

}  // namespace kiln::runtime
