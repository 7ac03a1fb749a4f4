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
#include "support/build_cache.h"
#include "support/bundled_module.h"
#include "support/embedded_file.h"
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

// The contents, uncompressed. Filled by the compiler (compiler/build.cc) and consumed by Pack.
struct Payload {
  Arch arch = HostTarget().arch;
  std::string v8_version;
  // The app is either modules, the entry first, or a script.
  std::vector<BundledModule> modules;
  std::string script;
  std::string source_map;  // of `script`: JSON, stored as a position table; may be empty
  std::vector<EmbeddedFile> files;
  // [key, value] in the order in which they are written; payload_format.h lists the keys.
  std::vector<std::pair<std::string, std::string>> options;
};

// The output of the snapshot builder (snapshot/take.h). `blob` is what v8::SnapshotCreator
// made; it fits only a runtime of that V8 version whose table of external references has
// that hash, and the runtime checks both.
struct Snapshot {
  std::string blob;
  uint64_t reference_hash = 0;
  std::string v8_version;
  std::string messages;  // of the builder that has taken it, if they have not been reported
};

// A payload's sections in their stored form, in the order in which they are written. It does not
// depend on the snapshot, so it is made once for the image and for the final payload.
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

// Sorts the files by path and compresses those (zstd) for which that saves at least a sixteenth.
// The other sections stay as they are, since the runtime reads them in place. Empty files and
// source maps get no section; with modules the script gets none. `cache`, which may be null, keeps
// compressed files and tables of positions. The only Error is a newline in the value of an option.
Result<PackedPayload> Pack(Payload payload, BuildCache* cache = nullptr);

// The bytes of a whole payload, header first; without a snapshot and with reference_hash 0, or with
// one, whose V8 version is then written to the header. Versions are cut to 31 bytes.
std::string AssembleImage(const PackedPayload& packed);
std::string AssemblePayload(const PackedPayload& packed, const Snapshot& snapshot);
// With a second snapshot, of the same runtime, from which the executable starts if all `guards` hold
// (lines, see payload_format.h).
std::string AssemblePayload(const PackedPayload& packed, const Snapshot& snapshot,
                            const Snapshot& baked, std::string_view guards);

// The properties of a payload that `kiln inspect` prints.
// Made by ReadPayload; owns its data, so that the bytes may be released. `files` are in the order
// of the payload, sorted by path.
struct PayloadInfo {
  format::Header header;
  std::vector<format::Section> sections;
  std::vector<std::pair<std::string, uint64_t>> modules;   // path with suffix, size of the source
  std::vector<std::pair<std::string, uint64_t>> files;     // path, raw size; without links
  std::vector<std::pair<std::string, std::string>> links;  // path, target
  std::string options;  // the section as it is: lines "key=value\n"
  std::string guards;   // of the baked snapshot, lines; payload_format.h lists them
  bool intact = false;  // the content hash agrees
};

// Checks all bounds, so `bytes` may be untrusted. Bytes after the payload's own size are ignored.
// An Error if it is cut short, has another format version or a section outside of it; a wrong
// content hash is not an Error, but `intact` is then false.
Result<PayloadInfo> ReadPayload(std::string_view bytes);

// The payload in an executable, from its header, which is found by its magic number, to the end
// that the header gives. Borrowed from `executable`. An Error if there is none. Only the header's
// size and version are checked; ReadPayload checks the rest.
Result<std::string_view> FindPayload(std::string_view executable);

}  // namespace kiln
