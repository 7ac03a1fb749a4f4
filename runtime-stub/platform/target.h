// The system that this runtime is compiled for, from the target's description (targets/NAME.json),
// which runtime.cmake passes on as definitions. The names are Node's (process.platform, process.arch).
#pragma once

#include "support/arch.h"

namespace kiln::runtime {

constexpr const char* kTargetOs = KILN_TARGET_OS;          // process.platform
constexpr const char* kTargetArchName = KILN_TARGET_ARCH;  // process.arch
constexpr Arch kTargetArch = ArchNamed(KILN_TARGET_ARCH);

}  // namespace kiln::runtime
