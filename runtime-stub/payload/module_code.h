// The code of the app's modules that a start does not load: V8's code caches, which the snapshot
// builder has put behind V8's blob (snapshot/format/payload_format.h, CodeTrailer). Read in place.
#pragma once

#include <cstdint>
#include <span>

namespace kiln::runtime {

// The blob that the process starts from, which must live as long as the process. Call it before a
// second thread runs.
void SetModuleCode(std::span<const uint8_t> blob);

// Empty if there is none. Any thread.
std::span<const uint8_t> ModuleCode(uint32_t module);

}  // namespace kiln::runtime
