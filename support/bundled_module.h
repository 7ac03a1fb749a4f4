// The modules of an app and what their imports mean: what the bundler finds and the payload stores.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kiln {

// What one specifier means in one module. Specifiers that have no edge are left to Node's loader.
struct BundledEdge {
  enum class To {
    kModule,
    kBuiltin,  // one of Node's modules
    kFails,    // loading it throws: a native addon
  };
  bool import = false;  // of an import; otherwise of require() or require.resolve()
  std::string specifier;
  To to = To::kModule;
  size_t module = 0;   // of kModule: its index in Bundle::modules
  bool later = false;  // functions that are called after the module's evaluation may load it
  // The module's evaluation loads it. Edges are in the order in which the text first has them.
  bool certain = false;
  std::string text;  // of kBuiltin: its name without node:; of kFails: the message
  // Of statements that import from a builtin, or from a module that is not used: the names that they
  // import, sorted; "*" for a namespace or `export *`.
  std::vector<std::string> names;
};

// One module of the bundle, if the app is bundled as modules. An ES module that is imported with a query or
// fragment is a separate module of the same path.
struct BundledModule {
  enum class Kind { kNone, kCommonJs, kEsm, kJson, kWasm };  // kNone: left out, has no text
  std::string path;                                          // virtual
  std::string suffix;                                        // "?query#fragment", usually empty
  Kind kind = Kind::kNone;
  // Reached from the entry by import statements and by requires outside of functions, so it is
  // loaded at each start.
  bool at_start = false;
  bool speculative = false;  // only a computed name may mean it: nothing in it is an error
  bool own = false;          // not of an installed package
  // A name that is computed, or a path that is passed on, may mean it.
  bool named_at_run_time = false;
  // Of ES modules (bundler/unused_modules.h): whether something uses it. In a module that is used,
  // statements that name an ES module that is not used are linked to an empty module.
  bool used = true;
  // It re-exports such modules: who can see all of its exports gets another instance of it.
  bool partial = false;
  bool executable = false;  // the file may be executed
  std::string source;       // UTF-8 without byte order mark; empty for JSON, which is a file
  // JSON, as the translator made it; empty if positions in `source` are those of the user's file,
  // which is so for JavaScript. SourceMapOf completes it.
  std::string source_map;
  std::string original;  // with a source map: the text of the user's own file; else empty
  std::vector<BundledEdge> edges;
};

// The module's source map with its virtual path, and with the text of the user's own file, which
// Node prints with an uncaught error. Empty if it has none that can be read.
std::string SourceMapOf(const BundledModule& module);

}  // namespace kiln
