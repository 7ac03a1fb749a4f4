// The list of targets and how to find one in it.
#include "targets/target.h"

namespace kiln {
namespace {

#include "targets/descriptions.h"

}  // namespace

std::span<const Target> AllTargets() { return kTargets; }

const Target* FindTarget(std::string_view name) {
  for (const Target& target : kTargets)
    if (target.name == name) return &target;
  return nullptr;
}

const Target& HostTarget() { return kTargets[0]; }

std::string_view RunnerFor(const Target& target) {
  bool native = target.os == HostTarget().os && target.arch == HostTarget().arch;
  return native ? std::string_view() : target.emulator;
}

}  // namespace kiln
