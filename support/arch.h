// The processor architectures of targets, with what files say of them. The compiler, the runtime
// and the format of payloads share this; an architecture of a new target is one row here.
#pragma once

#include <cstdint>
#include <string_view>

namespace kiln {

// The values are those of a payload's header (snapshot/format/payload_format.h).
enum class Arch : uint32_t { kX64 = 1, kArm64 = 2 };

struct ArchInfo {
  Arch arch;
  std::string_view name;  // as process.arch and the descriptions of targets have it
  uint16_t elf_machine;   // e_machine in an ELF header
};

constexpr ArchInfo kArchs[] = {
    {Arch::kX64, "x64", 62},      // EM_X86_64
    {Arch::kArm64, "arm64", 183}  // EM_AARCH64
};

// An unknown name is an error of the compiler.
consteval Arch ArchNamed(std::string_view name) {
  for (const ArchInfo& info : kArchs)
    if (info.name == name) return info.arch;
  __builtin_unreachable();
}

// Null for a value that a damaged file may have.
constexpr const ArchInfo* FindArch(Arch arch) {
  for (const ArchInfo& info : kArchs)
    if (info.arch == arch) return &info;
  return nullptr;
}

}  // namespace kiln
