// The systems Kiln can build for.
//
// A Target says what a target is; what Kiln needs in order to build for it (the prebuilt
// runtime and the libraries) is a folder of the installation, lib/kiln/targets/<name>,
// which may be absent. Adding a target is one file here plus its line in target.cc; see
// README.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kiln {

enum class Arch { kX64, kArm64 };

struct Target {
  std::string_view name;  // "linux-x64", as users write it
  Arch arch;
  std::string_view os;           // "linux"
  std::string_view triple;       // for clang and lld
  std::string_view emulation;    // lld's -m
  std::string_view description;  // for `kiln targets`
  std::string_view emulator;     // program that runs its executables on another machine
};

// All of them, the host's kind first.
std::span<const Target* const> AllTargets();

// Null if there is none of that name.
const Target* FindTarget(std::string_view name);

// The one this very program runs on.
const Target& HostTarget();

// The command that runs the target's executables here: nothing on the host itself, an
// emulator elsewhere.
std::string_view RunnerFor(const Target& target);

// Definitions, one file each.
extern const Target kLinuxX64;
extern const Target kLinuxArm64;

}  // namespace kiln
