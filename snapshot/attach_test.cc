// A payload becomes the last segment of a linked runtime, and the runtime's slot has its address.
#include "snapshot/attach.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "snapshot/format/payload_format.h"

namespace kiln {
namespace {

// A runtime as small as can be: headers, a slot, the names of sections.
struct Runtime {
  Elf64_Ehdr elf = {};
  Elf64_Phdr segments[2] = {};
  format::PayloadSlot slot = {};
  char names[32] = "\0kiln_payload\0.shstrtab";
  Elf64_Shdr sections[3] = {};

  Runtime() {
    std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
    elf.e_ident[EI_CLASS] = ELFCLASS64;
    elf.e_phoff = offsetof(Runtime, segments);
    elf.e_phnum = 2;
    elf.e_shoff = offsetof(Runtime, sections);
    elf.e_shnum = 3;
    elf.e_shstrndx = 2;
    segments[0] = {PT_LOAD, PF_R, 0, 0x200000, 0x200000, sizeof(Runtime), 0x12345, 4096};
    segments[1] = {PT_NOTE, PF_R, 0x270, 0x200270, 0x200270, 0x20, 0x20, 4};
    sections[1].sh_name = 1;
    sections[1].sh_offset = offsetof(Runtime, slot);
    sections[1].sh_size = sizeof slot;
    sections[2].sh_name = 14;
    sections[2].sh_offset = offsetof(Runtime, names);
    sections[2].sh_size = sizeof names;
  }
  std::span<char> bytes() { return {reinterpret_cast<char*>(this), sizeof *this}; }
};

std::string Executable(Runtime& runtime, std::string_view payload, const PayloadPlace& place) {
  std::string file(runtime.bytes().data(), runtime.bytes().size());
  file.append(place.padding, '\0').append(payload).append(place.end);
  return file;
}

TEST(Attach, GivesThePayloadASegmentASectionAndTheSlot) {
  Runtime runtime;
  std::string payload = "KILNPAY1 and so on";
  auto place = PlacePayload(runtime.bytes(), payload.size());
  ASSERT_TRUE(place.ok());
  std::string file = Executable(runtime, payload, *place);

  const Elf64_Phdr& segment = runtime.segments[1];
  EXPECT_EQ(segment.p_type, PT_LOAD);
  EXPECT_EQ(segment.p_flags, PF_R);
  EXPECT_EQ(segment.p_vaddr, 0x213000u);  // after the memory of the other, on a page
  EXPECT_EQ(segment.p_offset % 4096, 0u);
  EXPECT_EQ(file.substr(segment.p_offset, segment.p_filesz), payload);
  EXPECT_EQ(runtime.slot.address, segment.p_vaddr);
  EXPECT_EQ(runtime.slot.size, payload.size());

  ASSERT_EQ(runtime.elf.e_shnum, 4);
  ASSERT_EQ(runtime.elf.e_shoff + 4 * sizeof(Elf64_Shdr), file.size());
  Elf64_Shdr last;
  std::memcpy(&last, file.data() + file.size() - sizeof last, sizeof last);
  EXPECT_EQ(last.sh_addr, segment.p_vaddr);
  EXPECT_EQ(last.sh_offset, segment.p_offset);
  EXPECT_EQ(last.sh_size, payload.size());
}

TEST(Attach, KeepsTheAlignmentOfSegments) {
  Runtime runtime;
  runtime.segments[0].p_align = 0x10000;
  ASSERT_TRUE(PlacePayload(runtime.bytes(), 5).ok());
  EXPECT_EQ(runtime.segments[1].p_vaddr, 0x220000u);
  EXPECT_EQ(runtime.segments[1].p_offset, 0x10000u);
}

TEST(Attach, RefusesWhatHasAPayloadOrIsNoRuntime) {
  Runtime twice;
  ASSERT_TRUE(PlacePayload(twice.bytes(), 5).ok());
  EXPECT_FALSE(PlacePayload(twice.bytes(), 5).ok());
  Runtime no_slot;
  std::memcpy(no_slot.names, "\0another", 8);
  EXPECT_FALSE(PlacePayload(no_slot.bytes(), 5).ok());
  Runtime no_note;
  no_note.segments[1].p_type = PT_GNU_STACK;
  EXPECT_FALSE(PlacePayload(no_note.bytes(), 5).ok());
  Runtime cut;
  EXPECT_FALSE(PlacePayload(cut.bytes().first(sizeof cut - 1), 5).ok());
  char text[] = "not an executable";
  EXPECT_FALSE(PlacePayload(text, 5).ok());
}

}  // namespace
}  // namespace kiln
