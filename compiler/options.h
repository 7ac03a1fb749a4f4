// The options of a build, one field per flag, and their parser. docs/options.md describes them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snapshot/format/optional_components.h"
#include "support/result.h"
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
  bool evaluate = false;  // run the app during the build, start from the heap that it leaves
  bool rehash = true;     // a new hash seed at each start
  bool symbols = false;   // keep the names of native functions
  bool json = false;
  Intl intl = Intl::kFull;
  OptionalComponents components;  // linked in even if the app seems not to need them
  SourceMapMode source_map = SourceMapMode::kInline;
  std::string exec_argv_extension = "none";
  std::vector<std::pair<std::string, std::string>> defines;
  std::vector<std::string> externals;
  std::vector<std::string> assets;
  std::vector<std::string> conditions;
  std::vector<std::string> v8_flags;

  std::vector<std::string> arguments;  // for `kiln run`: the arguments after the entry
};

// Parses the arguments after the subcommand. With `stop_at_entry` (kiln run) everything after the
// entry belongs to the app. Errors name the flag and its possible values.
Result<Options> ParseOptions(const std::vector<std::string>& arguments, bool stop_at_entry);

}  // namespace kiln
