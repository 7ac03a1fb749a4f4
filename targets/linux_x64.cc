// Linux on x86-64, any distribution: the executable is static and needs kernel 4.18.
#include "targets/target.h"

namespace kiln {

const Target kLinuxX64 = {
    .name = "linux-x64",
    .arch = Arch::kX64,
    .os = "linux",
    .triple = "x86_64-linux-gnu",
    .emulation = "elf_x86_64",
    .description = "Linux on x86-64, static glibc",
    .emulator = "qemu-x86_64-static",
};

}  // namespace kiln
