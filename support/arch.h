// The processor architectures of targets, with what files say of them. The compiler, the runtime
// and the format of payloads share this; an architecture of a new target is one row here.
#pragma once

#include <cstdint>
#include <string_view>

namespace kiln {

// The values are stored in the header of every payload (snapshot/format/payload_format.h), so a
// value keeps its meaning: new architectures get new numbers, and 0 stays unused.
enum class Arch : uint32_t { kX64 = 1, kArm64 = 2 };

// What the file formats and programs that Kiln deals with call one architecture.
struct ArchInfo {
  Arch arch;
  std::string_view name;  // as process.arch and the descriptions of targets have it
  uint16_t elf_machine;   // e_machine in an ELF header
};

// All architectures, in no particular order. The machine numbers are those of <elf.h>.
constexpr ArchInfo kArchs[] = {
    {Arch::kX64, "x64", 62},      // EM_X86_64
    {Arch::kArm64, "arm64", 183}  // EM_AARCH64
};

// The architecture with that `name` in kArchs, at compile time (for the generated table of
// targets). REQUIRES: there is one; a call with another name does not compile.
consteval Arch ArchNamed(std::string_view name) {
  for (const ArchInfo& info : kArchs)
    if (info.name == name) return info.arch;
  __builtin_unreachable();
}

// The row of `arch` in kArchs, which lives as long as the process. Null for other values: a header
// that was read from a damaged file may have any.
constexpr const ArchInfo* FindArch(Arch arch) {
  for (const ArchInfo& info : kArchs)
    if (info.arch == arch) return &info;
  return nullptr;
}

}  // namespace kiln
