// What can be asked of a build: a field per flag, and the parser.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/result.h"
#include "snapshot/format/optional_components.h"
#include "targets/target.h"

namespace kiln {

enum class Intl { kFull, kEn, kNone };
enum class SourceMapMode { kNone, kInline, kExternal };

std::string_view NameOf(Intl intl);

struct Options {
  std::string entry;
  std::string output;  // empty: the entry's name without its extension
  const Target* target = &HostTarget();
  bool minify = false;
  bool evaluate = false;  // run the app while building, keep the heap it leaves
  bool rehash = true;     // a fresh hash seed at each start
  bool symbols = false;   // keep the names of native functions
  bool json = false;
  Intl intl = Intl::kFull;
  OptionalComponents components;  // to be linked in, whether the app seems to need them or not
  SourceMapMode source_map = SourceMapMode::kInline;
  std::string exec_argv_extension = "none";
  std::vector<std::pair<std::string, std::string>> defines;
  std::vector<std::string> externals;
  std::vector<std::string> assets;
  std::vector<std::string> conditions;
  std::vector<std::string> v8_flags;

  std::vector<std::string> arguments;  // for `kiln run`: what follows the entry
};

// Parses what follows the subcommand. With `stop_at_entry` (kiln run) everything behind
// the entry belongs to the app. Errors name the flag and what it may be.
Result<Options> ParseOptions(const std::vector<std::string>& arguments, bool stop_at_entry);

}  // namespace kiln
