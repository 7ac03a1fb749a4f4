// Linux on AArch64. Its snapshot is written under qemu where the host is x86-64.
#include "targets/target.h"

namespace kiln {

const Target kLinuxArm64 = {
    .name = "linux-arm64",
    .arch = Arch::kArm64,
    .os = "linux",
    .triple = "aarch64-linux-gnu",
    .emulation = "aarch64linux",
    .description = "Linux on AArch64, static glibc",
    .emulator = "qemu-aarch64-static",
};

}  // namespace kiln
