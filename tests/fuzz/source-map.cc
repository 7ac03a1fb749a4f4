// The fuzz target of source maps: the tool reads the maps that esbuild makes, changes them and encodes them
// as position tables, which the runtime reads. An input is a map (JSON) behind 24 bytes that are not used
// (those are decisions in the other targets). source-map.js writes the seeds.
#include "bundler/source_map.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "snapshot/position_table.h"
#include "tests/fuzz/read_position_table.h"

namespace {

constexpr size_t kChoices = 24;

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kChoices) return 0;
  std::string map(reinterpret_cast<const char*>(data) + kChoices, size - kChoices);
  for (int line : {1, 2, 50}) (void)kiln::OriginalPosition(map, {line, 7});
  // Entries that are not changed keep their meaning, so that the second time nothing is left to change.
  auto keep = [](size_t, std::vector<kiln::Mappings::Entry>&) {};
  std::string once = kiln::ChangeMap(map, keep);
  Require(kiln::ChangeMap(once, keep) == once);
  std::string table = kiln::EncodePositionTable(map);
  kiln::runtime::ReadPositionTable(table);
  // What a table gives is a map again. It is the same map unless sections overlap.
  if (!table.empty() && table.size() < 100000) {
    kiln::runtime::PositionTable reader(table);
    if (reader.LineCount() < 100000) Require(!kiln::EncodePositionTable(reader.Json()).empty());
  }
  return 0;
}
