// The section kModules of a payload (format/payload_format.h): writes it, and lists what it
// contains.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/build_cache.h"
#include "support/bundled_module.h"
#include "support/result.h"

namespace kiln {

// The bytes of the section. Sources whose characters are all at most U+00FF are stored as Latin-1,
// others as UTF-16; bytes that are not valid UTF-8 become U+FFFD, as when Node reads a file. Sorts
// the edges of each module by `import`, then by specifier. REQUIRES: edges name modules of the
// list. `cache` may be null; it keeps the tables of positions.
std::string PackModules(std::vector<BundledModule> modules, BuildCache* cache = nullptr);

// Path with suffix, and the size of the source in bytes, of each module, in their order. Checks all
// bounds. An Error if the section is cut short.
Result<std::vector<std::pair<std::string, uint64_t>>> ListModules(std::string_view section);

// `text`, UTF-8, as one-byte characters; false, and `out` is unspecified, if one is above U+00FF.
// Appends to `out`. Invalid bytes are U+FFFD.
bool AppendLatin1(std::string_view text, std::string& out);
// `text`, UTF-8, as UTF-16 in little-endian bytes. Invalid bytes become U+FFFD, one for each
// maximal part of a character, as the Encoding Standard says.
void AppendUtf16(std::string_view text, std::string& out);

}  // namespace kiln
