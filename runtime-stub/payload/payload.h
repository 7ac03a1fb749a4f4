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
enum class ExecArgvExtension { kNone, kEnv, kCli };

struct Payload {
  std::span<const uint8_t> snapshot;  // empty in the image that the builder reads
  std::string_view script;            // ASCII
  std::string_view source_map;
  std::span<const uint8_t> files;

  std::string entry;
  bool is_async = false;
  bool evaluate = false;
  bool rehash = true;
  ExecArgvExtension exec_argv_extension = ExecArgvExtension::kNone;
  std::vector<std::string> v8_flags;
  std::vector<std::string> builtins;  // public modules that the module graph names
  OptionalComponents components;      // what the executable is linked with
  std::string intl;                   // its ICU data: full, en or none
};

// The payload linked into this executable, or nothing for a bare stub. A payload that
// this stub cannot run (other format, V8, architecture or bindings) ends the process with
// one line that says what does not fit.
std::optional<Payload> LinkedPayload();

// Reads a payload from memory, which must outlive the result, and restricts this runtime's
// bindings to its components (registry.h). `error` says what is wrong.
std::optional<Payload> ReadPayload(std::span<const uint8_t> bytes, bool expect_snapshot,
                                   std::string* error);

}  // namespace kiln::runtime
