// The systems Kiln can build for.
//
// A Target says what the command has to know of a target, out of its description
// (targets/NAME.json); CMake writes these as descriptions.h. What Kiln needs in order to build
// for it (the prebuilt runtime and the libraries) is a folder of the installation,
// lib/kiln/targets/<name>, which may be absent. docs/adding-a-target.md says how to add one.
#pragma once

#include <span>
#include <string_view>

#include "support/arch.h"

namespace kiln {

// One system and architecture that executables can be made for, installed or not
// (compiler/installation.h).
struct Target {
  std::string_view name;  // "linux-x64", as users write it
  Arch arch;
  std::string_view os;           // "linux", as process.platform has it
  std::string_view description;  // for `kiln targets`
  std::string_view emulator;     // program that runs its executables on another machine
};

// All of them, the host's first. Targets are compared by address: all functions here return
// references into this table, which lives as long as the process.
std::span<const Target> AllTargets();

// Null if there is none of that name.
const Target* FindTarget(std::string_view name);

// The one that this program runs on.
const Target& HostTarget();

// The command that runs the target's executables here: nothing where the system and the
// architecture are the host's, else the emulator.
std::string_view RunnerFor(const Target& target);

}  // namespace kiln
