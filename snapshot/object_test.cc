// The object file has the two symbols, in the form that the linker needs.
#include "snapshot/object.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

namespace kiln {
namespace {

TEST(Object, HasAnAlignedPayloadAndItsSize) {
  for (const Target& target : AllTargets()) {
    std::string payload = "KILNPAY1 and so on";
    Object object = WriteObject(payload, target);
    auto* header = reinterpret_cast<const Elf64_Ehdr*>(object.bytes.data());
    EXPECT_EQ(header->e_machine, target.arch == Arch::kX64 ? EM_X86_64 : EM_AARCH64);
    auto* sections = reinterpret_cast<const Elf64_Shdr*>(object.bytes.data() + header->e_shoff);
    const char* names = object.bytes.data() + sections[header->e_shstrndx].sh_offset;
    bool found = false;
    for (int i = 1; i < header->e_shnum; ++i) {
      EXPECT_LE(sections[i].sh_offset + sections[i].sh_size, header->e_shoff);
      std::string name = names + sections[i].sh_name;
      if (name == ".rodata.kiln_payload") {
        found = true;
        EXPECT_EQ(sections[i].sh_offset % 4096, 0u);
        EXPECT_EQ(object.bytes.substr(sections[i].sh_offset, sections[i].sh_size), payload);
      }
      if (name == ".rodata.kiln_payload_size") {
        uint64_t size = 0;
        std::memcpy(&size, object.bytes.data() + sections[i].sh_offset, 8);
        EXPECT_EQ(size, payload.size());
      }
    }
    EXPECT_TRUE(found);
  }
}

}  // namespace
}  // namespace kiln
