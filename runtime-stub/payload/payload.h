// What this executable carries besides its code (snapshot/format/payload_format.h), read in place.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/format/optional_components.h"
#include "snapshot/format/payload_format.h"

namespace kiln::runtime {

// How the command line and NODE_OPTIONS configure the runtime of an app, as in Node's
// single executables (execArgvExtension).
// kNode: the executable takes the command line of `node` and never runs the app's entry.
enum class ExecArgvExtension { kNone, kEnv, kCli, kNode };

// Spans and views point into the payload itself, which lives as long as the process.
struct Payload {
  std::span<const uint8_t> snapshot;  // V8's blob; empty in the image that the builder reads
  // Another blob, with modules that are evaluated, and what must hold for it to be used: lines, see
  // payload_format.h.
  std::span<const uint8_t> baked_snapshot;
  std::string_view guards;
  bool local_guards_hold = true;     // set at start (process/start.cc) if the second one is used
  std::string_view script;           // ASCII; the body of the bundle's function; or empty,
  std::span<const uint8_t> modules;  // for SetBundledModules(); an app has one of these
  std::string_view source_map;       // of `script`, for PositionTable; may be empty
  bool has_source_map = false;       // for `script` or any module
  std::span<const uint8_t> files;    // for SetEmbeddedFiles; may be empty

  uint64_t identity = 0;  // other payloads have another one
  std::string entry;      // virtual path of the entry, process.argv[1]
  bool is_async = false;  // the script is the body of an async function
  bool evaluate = false;  // the script ran, or runs, while the snapshot was taken
  bool rehash = true;     // the process has a hash seed of its own (docs/snapshots.md)
  bool heap_images = false;
  bool verify_heap_images = false;  // the builder compares them with what V8's reader makes
  bool inspect = false;             // --inspect: it takes options of the inspector, and SIGUSR1
  ExecArgvExtension exec_argv_extension = ExecArgvExtension::kNone;
  bool packages_on_disk = false;       // --packages=disk
  std::vector<std::string> externals;  // --external; each may contain one *
  std::vector<std::string> v8_flags;
  std::vector<std::string> permission_flags;  // --permission and what it allows; empty: none
  std::vector<std::string> builtins;          // public modules that the module graph names
  OptionalComponents components;              // what the executable is linked with
  std::string training;                       // folder for the record of a training run, or empty
  std::string intl;                           // its ICU data: full, en or none

  // Whether only the build decides which code the app finds by name: then packages on disk are not
  // searched, and NODE_COMPILE_CACHE is ignored (docs/outside-code.md).
  bool IsConfined() const {
    return !packages_on_disk && exec_argv_extension != ExecArgvExtension::kNode;
  }
};

// The payload linked into this executable, or nothing for a bare stub. If this runtime cannot run
// it (another format, V8, architecture or list of bindings), prints one line that says what does not
// match and ends the process with exit code 78.
std::optional<Payload> LinkedPayload();

// Reads a payload from `bytes`, which must outlive the result, and restricts this runtime's bindings
// to its optional components (SelectComponents, binding/registry.h). With `expect_snapshot` V8's
// version and the table of external references must be this runtime's. Returns nothing, with the
// reason in `error`, for bytes that are no valid payload: all offsets are checked.
std::optional<Payload> ReadPayload(std::span<const uint8_t> bytes, bool expect_snapshot,
                                   std::string* error);

}  // namespace kiln::runtime
