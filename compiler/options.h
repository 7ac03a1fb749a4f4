// The options of a build, one field per flag, and their parser. docs/options.md describes them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bundler/bundle.h"
#include "snapshot/format/optional_components.h"
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

// ICU's data in the executable: all languages, English only, or none (no Intl object).
enum class Intl { kFull, kEn, kNone };
// Where the source map goes: nowhere, into the payload, or into the file OUTPUT.map.
enum class SourceMapMode { kNone, kInline, kExternal };
// Which modules are evaluated during the build: none; those for which nobody can tell (baking/); or
// the whole app runs then, and the executable starts from the heap that it leaves.
enum class Evaluate { kNone, kAuto, kAll };
// Where the executable looks for packages that it does not contain: nowhere (except for externals),
// or in all places where Node does.
enum class PackageSearch { kBundled, kDisk };

// "full", "en" or "none": the values of --intl, of the payload's option intl and in file names.
std::string_view NameOf(Intl intl);

// Made by ParseOptions from the command line and not changed afterwards. Paths are as the user
// wrote them, relative to the working directory.
struct Options {
  std::string entry;
  // The executable's path. ParseOptions sets it if -o is absent: to the entry's base name without
  // its extension, or to "NAME.out" for an entry without one.
  std::string output;
  const Target* target = &HostTarget();
  LinkForm link = LinkForm::kModules;  // what --link says; --minify overrides it
  bool minify = false;
  Evaluate evaluate = Evaluate::kAuto;  // of kiln run by default kNone: its app starts only once
  bool explain = false;                 // print which modules are baked, and why others are not
  // Modules that are never baked: names of packages, or globs of paths relative to the working
  // directory.
  std::vector<std::string> deferred;
  // Modules whose reads are harmless, so that they do not prevent baking; named in the same way. No
  // pattern is in both lists.
  std::vector<std::string> trusted;
  // What baking may assume of the environment, "NAME=VALUE" or "NAME" for an absent variable; both
  // without a newline.
  std::vector<std::string> assumed_environment;
  // Training runs: their arguments, and programs that start the executable.
  std::vector<std::vector<std::string>> trainings;
  std::vector<std::string> training_scripts;
  bool trains() const { return !trainings.empty() || !training_scripts.empty(); }
  std::vector<std::string> recipes;  // files in the format of baking/recipes.txt
  bool strict = false;               // a secret in the executable is an error
  // Secrets that are meant to be in the executable: names of variables, or kinds (secrets/).
  std::vector<std::string> allowed_secrets;
  bool rehash = true;  // a new hash seed at each start
  // The snapshot contains images of the heap instead of V8's bytecodes (docs/snapshots.md).
  bool heap_images = true;
  bool verify_heap_images = false;  // and the build compares them with what V8's reader makes
  bool symbols = false;             // keep the names of native functions
  bool json = false;
  bool cache = true;  // use results of earlier builds, and keep those of this one
  Intl intl = Intl::kFull;
  PackageSearch packages = PackageSearch::kBundled;
  OptionalComponents components;  // linked in even if the app seems not to need them
  SourceMapMode source_map = SourceMapMode::kInline;
  // Which Node options the executable accepts: "none", "env" or "cli".
  std::string exec_argv_extension = "none";
  bool inspect = false;  // it can be debugged; `components` then has the inspector
  // In the order of the command line. [name, value]; an external is one line and may contain one *;
  // assets are globs (support/glob.h); each V8 flag begins with -- and is one line.
  std::vector<std::pair<std::string, std::string>> defines;
  std::vector<std::string> externals;
  std::vector<std::string> assets;
  std::vector<std::string> conditions;
  std::vector<std::string> v8_flags;
  // --permission and the --allow options that belong to it, each one line; empty: no permission model.
  std::vector<std::string> permission_flags;

  std::vector<std::string> arguments;  // for `kiln run`: the arguments after the entry
};

// Parses the arguments after the subcommand. With `stop_at_entry` (kiln run) everything after the
// entry belongs to the app. Otherwise flags may also follow the entry. `--` ends the flags; a value
// is given as `--flag=value` or as the next argument. Of repeated flags the last counts, or their
// values are appended where the field is a list. Errors name the flag and its possible values; it
// is also an error if there is no entry. Does not look at the disk.
Result<Options> ParseOptions(const std::vector<std::string>& arguments, bool stop_at_entry);

}  // namespace kiln
