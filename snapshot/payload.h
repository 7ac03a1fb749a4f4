// The payload: what an executable contains besides its code (format/FORMAT.md describes its bytes).
//
// A Payload is filled once from the bundle. Pack() compresses sections where that saves enough.
// AssembleImage() writes them without a snapshot, as the image that the snapshot builder reads;
// AssemblePayload() writes them with the snapshot, as the block that goes into the executable.
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

// The output of the snapshot builder.
struct Snapshot {
  std::string blob;
  uint64_t reference_hash = 0;
  std::string v8_version;
};

// A payload's sections in their stored form.
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

// Sorts the files. An error if an option contains a newline.
Result<PackedPayload> Pack(Payload payload);

std::string AssembleImage(const PackedPayload& packed);
std::string AssemblePayload(const PackedPayload& packed, const Snapshot& snapshot);

// The properties of a payload that `kiln inspect` prints.
struct PayloadInfo {
  format::Header header;
  std::vector<format::Section> sections;
  std::vector<std::pair<std::string, uint64_t>> files;  // path, raw size
  std::string options;
  bool intact = false;  // the content hash agrees
};

// Checks all bounds, so `bytes` may be untrusted.
Result<PayloadInfo> ReadPayload(std::string_view bytes);

// The payload in an executable, from its header, which is found by its magic number, to the end.
Result<std::string_view> FindPayload(std::string_view executable);

}  // namespace kiln
