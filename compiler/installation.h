// Where Kiln's own files are: beside the program, wherever that has been put.
//
//   bin/kiln
//   lib/kiln/esbuild
//   lib/kiln/targets/<name>/      see targets/README.md
//
// The build tree has the same shape, so there is one way to find things.
#pragma once

#include <string>

#include "compiler/options.h"
#include "support/result.h"
#include "snapshot/format/optional_components.h"
#include "targets/target.h"

namespace kiln {

struct Installation {
  std::string library;  // the folder lib/kiln
  std::string esbuild;

  std::string TargetFolder(const Target& target) const;
  bool HasTarget(const Target& target) const;
};

// An error if the program has been taken out of its installation.
Result<Installation> FindInstallation();

// Which of a target's runtimes an executable is made of.
struct Runtime {
  Intl intl = Intl::kFull;
  OptionalComponents components = OptionalComponents::All();
  bool symbols = false;  // with the names of native functions
};

// What is installed for a target.
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
