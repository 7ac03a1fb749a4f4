// The list of targets and how to find one in it.
#include "targets/target.h"

namespace kiln {
namespace {

constexpr const Target* kAll[] = {&kLinuxX64, &kLinuxArm64};

#if defined(__aarch64__)
constexpr Arch kHostArch = Arch::kArm64;
#else
constexpr Arch kHostArch = Arch::kX64;
#endif

}  // namespace

std::span<const Target* const> AllTargets() { return kAll; }

const Target* FindTarget(std::string_view name) {
  for (const Target* target : kAll)
    if (target->name == name) return target;
  return nullptr;
}

const Target& HostTarget() {
  for (const Target* target : kAll)
    if (target->arch == kHostArch) return *target;
  __builtin_unreachable();  // Kiln is built for these architectures only
}

std::string_view RunnerFor(const Target& target) {
  return target.arch == kHostArch ? std::string_view() : target.emulator;
}

}  // namespace kiln
