// What an executable carries besides its code, and its bytes (see FORMAT.md).
//
// A Payload is filled once from the bundle. Pack() compresses what pays; Assemble() lays
// the sections out, first without a snapshot as the image that the snapshot builder reads,
// then with it as the block that goes into the executable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snapshot/format/payload_format.h"
#include "support/embedded_file.h"
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

struct Payload {
  Arch arch = HostTarget().arch;
  std::string v8_version;
  std::string script;
  std::string source_map;  // may be empty
  std::vector<EmbeddedFile> files;
  std::vector<std::pair<std::string, std::string>> options;  // in the order of the keys' use
};

// What the snapshot builder wrote.
struct Snapshot {
  std::string blob;
  uint64_t reference_hash = 0;
  std::string v8_version;
};

// A payload's sections as they will be stored.
struct PackedPayload {
  struct Section {
    format::SectionKind kind;
    uint32_t flags = 0;
    uint64_t raw_size = 0;
    std::string bytes;
  };
  Arch arch;
  std::string v8_version;
  std::vector<Section> sections;
};

// Sorts the files. An option must have no newline in it.
Result<PackedPayload> Pack(Payload payload);

std::string AssembleImage(const PackedPayload& packed);
std::string AssemblePayload(const PackedPayload& packed, const Snapshot& snapshot);

// What `kiln inspect` says about a payload.
struct PayloadInfo {
  format::Header header;
  std::vector<format::Section> sections;
  std::vector<std::pair<std::string, uint64_t>> files;  // path, raw size
  std::string options;
  bool intact = false;  // the content hash agrees
};

// Checks all bounds, so any bytes may be given.
Result<PayloadInfo> ReadPayload(std::string_view bytes);

// Where the payload begins in an executable: its header is found by its magic.
Result<std::string_view> FindPayload(std::string_view executable);

}  // namespace kiln
