// Encodes source maps (version 3, JSON) as position tables, which the runtime searches in place
// (format/payload_format.h; runtime-stub/payload/position_table.h reads them).
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// The table of a map, with or without sections. Lookups give what Node's SourceMap gives for the same
// map, also where the map is malformed; all that the map contains can be restored from the table.
// An empty string if `source_map` is not a JSON object with "mappings" or "sections". REQUIRES: the
// table is smaller than 4 GB.
std::string EncodePositionTable(std::string_view source_map);

}  // namespace kiln
