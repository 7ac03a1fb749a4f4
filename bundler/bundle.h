// The first step of a build: from an entry file to everything the app needs at run time.
//
// BundleEntry follows imports from the entry and returns the modules that it reaches, JavaScript as
// it is written and the rest translated by esbuild, with what each import means, plus the files
// that the code reads relative to itself. With LinkForm::kScope esbuild links all ES modules into
// one script instead. All names are virtual paths (/kiln/...), so they do not depend on the folder
// of the build. README.md describes the steps.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "support/build_cache.h"
#include "support/bundled_module.h"
#include "support/diagnostics.h"
#include "support/embedded_file.h"
#include "support/result.h"

namespace kiln {

// What becomes of the app's modules (docs/link-forms.md).
enum class LinkForm {
  kModules,  // each ES module is one of V8's own, each CommonJS module a function of its own
  kScope,    // esbuild links ES modules into one function; always used with --minify
};

// The part of the command line that the bundler needs. An external is the name of a package, which
// includes its subpaths.
struct BundleOptions {
  std::string entry;      // as the user wrote it, relative to `directory`
  std::string directory;  // empty: the working directory
  std::string esbuild;    // path of the esbuild binary
  LinkForm link = LinkForm::kModules;
  bool minify = false;
  bool source_map = true;
  bool evaluate = false;  // the app runs while the snapshot is taken
  std::vector<std::pair<std::string, std::string>> defines;  // --define K=V
  std::vector<std::string> externals;                        // --external NAME, may contain one *
  std::vector<std::string> assets;      // --asset GLOB, relative to `directory`
  std::vector<std::string> conditions;  // --conditions, in addition to Node's
};

// All that the app needs at run time besides the runtime. Owns its strings; compiler/build.cc moves
// them into the payload.
struct Bundle {
  // The entry is the first. Empty in LinkForm::kScope.
  std::vector<BundledModule> modules;
  // Of LinkForm::kScope, in ASCII: the body of `function (__kiln) { ... }`, where __kiln is what
  // the runtime's module internal/kiln/bundle exports
  // (runtime-stub/library/js/internal/kiln/bundle.js).
  std::string script;
  // The body returns a promise that settles when the entry has been evaluated.
  bool has_top_level_await = false;
  std::string root;                   // the folder on disk that is /kiln, absolute
  std::string entry_path;             // process.argv[1], require.main.filename
  std::string source_map;             // of `script`: JSON (an index map); empty if not wanted
  std::vector<EmbeddedFile> files;    // sorted by path
  std::vector<std::string> builtins;  // that the modules name; without node:, sorted
  // Some names are left to Node's loader at run time, so any builtin may be loaded.
  bool names_at_run_time = false;
  std::vector<std::string> report;  // files embedded and why; names left to run time
  // Without excluded modules. Bytes are those on disk, before translation.
  size_t module_count = 0;
  size_t source_bytes = 0;  // of all bundled modules
};

// `cache` has what was found in the app's files by earlier builds, and gets what this one finds.
// Adds all problems in the app's files to `diagnostics`, and warnings; the returned Error only
// summarizes them. If `diagnostics` has no error, the Error is the whole message (no entry file,
// esbuild failed). An entry without an extension is also looked for with one (.js, .ts, …). Starts
// and ends an esbuild process and writes nothing to disk. Not thread-safe.
Result<Bundle> BundleEntry(const BundleOptions& options, BuildCache& cache,
                           Diagnostics& diagnostics);

}  // namespace kiln
