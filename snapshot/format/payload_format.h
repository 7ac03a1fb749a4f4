// The payload: everything that an executable contains besides its code.
//
// It is one read-only block, a segment of the executable whose address is in its PayloadSlot. The
// compiler writes it (snapshot/payload.cc), the runtime reads it in place
// (runtime-stub/payload/payload.cc).
// FORMAT.md describes the format as a grammar. All numbers are little-endian; every section begins
// at a multiple of 16; gaps are zero, so equal input gives equal bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "support/arch.h"

namespace kiln::format {

// The first bytes of every payload. Readers refuse another version; there is no conversion, since
// an executable contains both the payload and its reader.
constexpr char kMagic[8] = {'K', 'I', 'L', 'N', 'P', 'A', 'Y', '1'};
constexpr uint32_t kVersion = 4;
constexpr size_t kAlignment = 16;

// A payload has at most one section of a kind.
enum class SectionKind : uint32_t {
  kSnapshot = 1,       // V8 startup blob; absent in the image given to the builder
  kScript = 2,         // body of the bundle's function, in ASCII
  kSourceMap = 3,      // of the script, see PositionTableHeader
  kFiles = 4,          // embedded files, see FilesHeader
  kOptions = 5,        // lines "key=value\n", see options below
  kModules = 6,        // the app's modules, see ModulesHeader; an app has either these or a script
  kBakedSnapshot = 7,  // V8 startup blob with modules that are evaluated; with kGuards
  kGuards = 8,         // lines, see guards below
};

// flags of a Section
constexpr uint32_t kZstd = 1;  // stored compressed; raw_size is the size after

// A row of the table of sections, which follows the header.
struct Section {
  uint32_t kind;
  uint32_t flags;
  uint64_t offset;  // from the start of the payload
  uint64_t size;    // stored bytes
  uint64_t raw_size;
};

// At the start of the payload. `content_hash` is DamageHash (support/hash.h), which finds damage, not
// tampering. In an image for the snapshot builder `reference_hash` is 0.
struct Header {
  char magic[8];
  uint32_t version;
  Arch arch;
  uint32_t section_count;   // rows in the table
  uint32_t zero;            // always 0, as all fields of this name
  uint64_t size;            // of the whole payload
  uint64_t reference_hash;  // of the external-reference table (names and order)
  uint64_t content_hash;    // of all bytes after the header
  char v8_version[32];      // zero-terminated
  // Section sections[section_count] follow
};
static_assert(sizeof(Section) == 32 && sizeof(Header) == 80);

// The beginning of the file that the runtime writes when it takes a snapshot
// (--kiln-take-snapshot); V8's blob follows.
struct SnapshotPrefix {
  uint64_t reference_hash;  // as in Header
  char v8_version[32];      // zero-terminated
};
static_assert(sizeof(SnapshotPrefix) == 40);

// At the end of a blob that the snapshot builder has added code to: V8's code caches of modules that a start
// does not load, CodeEntry[count] sorted by module at `entries`, and this. Offsets are from the
// start of the blob; V8 does not read behind its last section.
constexpr char kCodeMagic[8] = {'K', 'I', 'L', 'N', 'C', 'O', 'D', 'E'};
struct CodeEntry {
  uint32_t module;
  uint32_t size;
  uint64_t offset;  // a multiple of 16
};
struct CodeTrailer {
  char magic[8];
  uint32_t count;
  uint32_t zero;
  uint64_t entries;
};
static_assert(sizeof(CodeEntry) == 16 && sizeof(CodeTrailer) == 24);

// kFiles: FilesHeader, FileEntry[count] sorted by path (bytewise), then the bytes.
struct FilesHeader {
  uint32_t count;
  uint32_t link_count;  // entries that are links; if it is 0, readers do not look for any
};
// The path is a virtual one, "/kiln/…". The contents begin at a multiple of 16 and are stored as
// they are or, with kZstd, as one zstd frame of raw_size bytes. The contents of a link are its
// target, never compressed.
struct FileEntry {
  uint64_t path_offset;  // from the start of the section; not zero-terminated
  uint64_t data_offset;  // from the start of the section
  uint32_t path_size;
  uint32_t mode;   // 0644 or 0755; 0120777 (S_IFLNK) for a symbolic link; paths imply directories
  uint32_t flags;  // kZstd
  uint32_t zero;
  uint64_t data_size;  // stored
  uint64_t raw_size;
};
static_assert(sizeof(FileEntry) == 48);

// kModules: ModulesHeader, ModuleEntry[count] (an index is the module's number, 0 the entry),
// uint32_t by_path[count] (numbers sorted by path, then suffix, bytewise), EdgeEntry[edge_count],
// then the bytes. Offsets are from the start of the section.
struct ModulesHeader {
  uint32_t count;
  uint32_t edge_count;
};
enum class ModuleKind : uint32_t { kNone, kCommonJs, kEsm, kJson, kWasm };
// flags of a ModuleEntry
constexpr uint32_t kTwoByte = 1;      // the source is UTF-16, otherwise Latin-1
constexpr uint32_t kAtStart = 2;      // loaded at each start
constexpr uint32_t kSpeculative = 4;  // only a computed name may mean it
constexpr uint32_t kOwn = 8;          // not of an installed package
constexpr uint32_t kUsed = 16;        // used and partial: support/bundled_module.h
constexpr uint32_t kPartial = 32;
constexpr uint32_t kExecutable = 64;  // the file has the mode 0755, otherwise 0644

// A source begins at a multiple of 16. The path is a virtual one; path and suffix are adjacent, so
// that they can be read as one text. The edges are sorted by `import`, then by specifier, bytewise.
struct ModuleEntry {
  uint64_t path_offset;
  uint64_t source_offset;
  uint64_t source_size;  // in bytes
  uint64_t map_offset;   // see PositionTableHeader; map_size is 0 without a map
  uint64_t map_size;
  uint32_t path_size;
  uint32_t suffix_size;  // "?query#fragment", in UTF-8
  ModuleKind kind;
  uint32_t flags;
  uint32_t first_edge;
  uint32_t edge_count;
};
static_assert(sizeof(ModuleEntry) == 64);

enum class EdgeTarget : uint16_t { kModule, kBuiltin, kFails };
// What a specifier means in a module. `text` is a builtin's name without node:, or the message of
// the error that loading throws. `names` are lines, "*" for a namespace (bundler/bundle.h).
struct EdgeEntry {
  uint64_t specifier_offset;
  uint64_t text_offset;
  uint64_t names_offset;
  uint32_t specifier_size;
  uint32_t text_size;
  uint32_t names_size;
  uint32_t module;  // of kModule
  uint16_t import;  // 1 for imports, 0 for require() and its relatives
  EdgeTarget target;
  uint32_t zero;
};
static_assert(sizeof(EdgeEntry) == 48);

// A position table is a source map that is searched in place: PositionTableHeader,
// PositionBlock[block_count], PositionSource[source_count], uint32_t name_offsets[name_count + 1],
// PositionSection[section_count], then the entries and the texts. Offsets are from the start of the
// table, which may be at any address. Lines and columns count from 0, columns in UTF-16 units.
struct PositionTableHeader {
  uint32_t entry_count;
  uint32_t block_count;    // entry_count / kBlockEntries, rounded up
  uint32_t source_count;   // of all sections
  uint32_t name_count;     // of all sections; a name ends where the next begins
  uint32_t section_count;  // 1 for a map without sections
  uint32_t frame_offset;   // see kFrameSection
  uint32_t frame_size;
};
static_assert(sizeof(PositionTableHeader) == 28);

// The generated position of the first entry of a block, by which blocks are sorted, and where the
// entries of the block are. A lookup decodes one block.
constexpr uint32_t kBlockEntries = 64;
struct PositionBlock {
  uint32_t line;
  uint32_t column;
  uint32_t offset;
};
static_assert(sizeof(PositionBlock) == 12);

// An entry is a byte of these flags and then numbers, which are LEB128; those that are marked
// "zigzag" may be negative: 0, -1, 1, -2, … become 0, 1, 2, 3, ….
//   kNewLine:   the distance to the line of the entry before, then the column (zigzag);
//               otherwise the distance to the column of the entry before, unless the three highest
//               bits of the flags contain it (1 to 7)
//   kHasSource: the entry has an original position, which follows as differences (zigzag) to that of
//               the last entry that has one: with kNewSource the index of the source, with
//               kNewOriginalLine the line, always the column
//   kHasName:   the difference (zigzag) to the index of the last name
// At the start of a block the line and column are those of the block and all else is 0.
constexpr uint8_t kNewLine = 1;
constexpr uint8_t kHasSource = 2;
constexpr uint8_t kNewSource = 4;
constexpr uint8_t kNewOriginalLine = 8;
constexpr uint8_t kHasName = 16;
constexpr int kColumnShift = 5;
// The index of a source or name that the map does not contain.
constexpr uint32_t kNoIndex = 0xFFFFFFFF;

// Path and text in UTF-8. A size of kNoText means that the map has null there.
constexpr uint32_t kNoText = 0xFFFFFFFF;
struct PositionSource {
  uint32_t path_offset;
  uint32_t path_size;
  uint32_t content_offset;
  uint32_t content_size;
};
static_assert(sizeof(PositionSource) == 16);

// A section of an index map: where it begins, and its sources and names. An entry belongs to the
// last section that begins at or before it.
struct PositionSection {
  uint32_t line;
  uint32_t column;
  uint32_t first_source;
  uint32_t source_count;
  uint32_t first_name;
  uint32_t name_count;
  uint32_t line_count;   // lines of its mappings
  uint32_t last_fields;  // how many numbers its last entry has in JSON: 1, 4 or 5; Node adds some
};
static_assert(sizeof(PositionSection) == 32);

// The frame is the map's JSON text in which these bytes replace what the table contains: the start
// of a section, and the values of the section's "sources", "sourcesContent", "names" and "mappings".
constexpr char kFrameSection = 1;
constexpr char kFrameSources = 2;
constexpr char kFrameContents = 3;
constexpr char kFrameNames = 4;
constexpr char kFrameMappings = 5;

// kOptions, one per line; unknown keys are an error:
//   entry=/kiln/src/cli.js        virtual path of the entry
//   async=1                       the script is the body of an async function
//   evaluate=1                    the script runs while the snapshot is built
//   exec-argv-extension=none|env|cli|node   where Node options are accepted (docs/options.md)
//   inspect=1                     takes options of the inspector (docs/inspector.md)
//   packages=disk                 packages are looked for on disk as Node does
//   external=sharp                repeated: packages that are looked for beside the executable
//   v8-flag=--max-old-space-size=4096  repeated
//   permission-flag=--allow-fs-read=/srv  repeated; one is --permission
//   rehash=0                      keep the snapshot's hash seed
//   heap=image|verified           V8's snapshot has images of the heap (docs/snapshots.md), which the
//                                 builder has compared with V8's
//   builtin=fs                    repeated: builtin modules that the module graph reaches
//   components=crypto,http2         what the executable is linked with (optional_components.h)
//   training=/tmp/folder          only in executables for training runs: where each process writes
//                                 which functions it has compiled (thread/training.h)
//   intl=full|en|none             which of ICU's data it has

// How long one process of a training run lives at most.
constexpr unsigned kTrainingSeconds = 120;

// kGuards, one per line: what must hold at a start for kBakedSnapshot to be used instead of kSnapshot.
// The modules in it were evaluated under these assumptions.
//   env NAME         the environment has no variable of that name
//   env NAME=VALUE   it has one with this value
//   env-not NAME=VALUE   it has none of that name, or with another value
//   env-prefix TEXT  it has none whose name begins with TEXT in small or capital letters (of ASCII)
//   argv TEXT        no argument of the app is TEXT
//   tty N            the descriptor N (0 to 2) is no terminal
//   local GUARD      one of these: if it does not hold, kBakedSnapshot is used nevertheless, but the
//                    modules of these lines are evaluated at start:
//   module NUMBER

// Where the payload is in the memory of the executable, page-aligned. Both are 0 in a runtime
// without one, and written by PlacePayload (snapshot/attach.h).
struct PayloadSlot {
  uint64_t address;
  uint64_t size;  // in bytes, the same as in the payload's header
};
// The slot is all of this section of the runtime. The payload's own section has the same name.
constexpr char kSlotSection[] = "kiln_payload";

}  // namespace kiln::format
