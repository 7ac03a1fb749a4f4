// Finds Kiln's own files, relative to the program:
//
//   bin/kiln
//   lib/kiln/esbuild
//   lib/kiln/targets/<name>/      see targets/README.md
//
// The build tree has the same structure, so it needs no other rule.
#pragma once

#include <string>

#include "compiler/options.h"
#include "snapshot/format/optional_components.h"
#include "support/hash.h"
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

// Where Kiln's own files are. FindInstallation returns it; nothing on disk is changed.
struct Installation {
  std::string library;  // the folder lib/kiln, absolute
  std::string esbuild;  // the program, absolute

  // The folder of the target's files; whether it exists is what HasTarget returns. A target is
  // installed if its folder has a stub.rsp.
  std::string TargetFolder(const Target& target) const;
  bool HasTarget(const Target& target) const;
};

// Starts from the running program, with symbolic links resolved. An Error if lib/kiln is not beside
// the program's folder (esbuild is looked for there).
Result<Installation> FindInstallation();

// What identifies this kiln with its esbuild: another build of it, or another installed file,
// differs. For keys of caches.
Digest IdentityOfKiln(const Installation& installation);

// The choice of runtime parts for an executable; ChooseRuntime makes it
// (compiler/runtime_choice.h).
struct Runtime {
  Intl intl = Intl::kFull;
  OptionalComponents components = OptionalComponents::All();
  bool symbols = false;  // with the names of native functions
};

// The installed files of a target, lib/kiln/targets/<name> (targets/README.md). The functions
// return paths without checking that the files exist; the link reports a missing one.
struct TargetFiles {
  std::string folder;
  std::string v8_version;  // of its runtime, as V8 writes it: "13.6.233.17"

  // The object file with ICU's data, and the archive of a component's bindings and libraries.
  std::string IcuObject(Intl intl) const;
  std::string ComponentArchive(OptionalComponent component) const;
  // The runtime without an app, which takes the snapshots of all executables.
  std::string Stub() const;
};

// An Error if the target is not installed, or its target.txt does not name V8's version.
Result<TargetFiles> FindTargetFiles(const Installation& installation, const Target& target);

}  // namespace kiln
