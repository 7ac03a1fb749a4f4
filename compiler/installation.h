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
#include "support/result.h"
#include "targets/target.h"

namespace kiln {

struct Installation {
  std::string library;  // the folder lib/kiln
  std::string esbuild;

  std::string TargetFolder(const Target& target) const;
  bool HasTarget(const Target& target) const;
};

// An error if lib/kiln is not beside the program's folder.
Result<Installation> FindInstallation();

// The choice of runtime parts for an executable.
struct Runtime {
  Intl intl = Intl::kFull;
  OptionalComponents components = OptionalComponents::All();
  bool symbols = false;  // with the names of native functions
};

// The installed files of a target, lib/kiln/targets/<name> (targets/README.md).
struct TargetFiles {
  std::string folder;
  std::string v8_version;

  std::string IcuObject(Intl intl) const;
  std::string ComponentArchive(OptionalComponent component) const;
  // The runtime without an app, which takes the snapshots of all executables.
  std::string Stub() const;
};

Result<TargetFiles> FindTargetFiles(const Installation& installation, const Target& target);

}  // namespace kiln
