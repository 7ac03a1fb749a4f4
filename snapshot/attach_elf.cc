// PlacePayload for ELF64. The number of program headers cannot grow, since sections follow them
// directly. The row of PT_NOTE is free for use: it only describes .note.ABI-tag, which the kernel
// does not read and a static program has no loader for. lld writes it after all PT_LOAD rows, which
// have to be in ascending order.
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "snapshot/attach.h"
#include "snapshot/format/payload_format.h"

namespace kiln {
namespace {

template <class T>
std::string_view AsBytes(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

uint64_t RoundUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// The rows of a table in the file, or nothing if it is not all in the file.
template <class Row>
std::optional<std::span<Row>> Rows(std::span<char> file, uint64_t offset, size_t count) {
  if (offset % alignof(Row) || offset > file.size() || count > (file.size() - offset) / sizeof(Row))
    return std::nullopt;
  return std::span(reinterpret_cast<Row*>(file.data() + offset), count);
}

Error Refusal(const char* what) {
  return Error{std::string("The linked runtime cannot be given an app: ") + what};
}

// The section that holds the PayloadSlot, or null.
Elf64_Shdr* FindSlot(std::span<char> file, std::span<Elf64_Shdr> sections, size_t names) {
  if (names >= sections.size()) return nullptr;
  auto strings = Rows<char>(file, sections[names].sh_offset, sections[names].sh_size);
  if (!strings) return nullptr;
  std::string_view text(strings->data(), strings->size());
  for (Elf64_Shdr& section : sections) {
    std::string_view name = text.substr(std::min<size_t>(section.sh_name, text.size()));
    if (name.substr(0, name.find('\0')) == format::kSlotSection) return &section;
  }
  return nullptr;
}

}  // namespace

Result<PayloadPlace> PlacePayload(std::span<char> runtime, uint64_t payload_size) {
  auto header = Rows<Elf64_Ehdr>(runtime, 0, 1);
  if (!header || std::memcmp((*header)[0].e_ident, ELFMAG, SELFMAG) != 0 ||
      (*header)[0].e_ident[EI_CLASS] != ELFCLASS64)
    return Refusal("it is no ELF64 file");
  Elf64_Ehdr& elf = (*header)[0];
  auto segments = Rows<Elf64_Phdr>(runtime, elf.e_phoff, elf.e_phnum);
  auto sections = Rows<Elf64_Shdr>(runtime, elf.e_shoff, elf.e_shnum);
  if (!segments || !sections) return Refusal("it is not complete");

  uint64_t alignment = 4096, end_of_memory = 0;
  Elf64_Phdr* note = nullptr;
  for (Elf64_Phdr& segment : *segments) {
    if (segment.p_type == PT_NOTE) note = &segment;
    if (segment.p_type != PT_LOAD) continue;
    if (note) return Refusal("its note segment is not the last");
    alignment = std::max<uint64_t>(alignment, segment.p_align);
    end_of_memory = std::max<uint64_t>(end_of_memory, segment.p_vaddr + segment.p_memsz);
  }
  if (!note) return Refusal("it has no note segment");
  Elf64_Shdr* slot_section = FindSlot(runtime, *sections, elf.e_shstrndx);
  if (!slot_section) return Refusal("it has no place for the payload's address");
  auto slots = Rows<format::PayloadSlot>(runtime, slot_section->sh_offset, 1);
  if (!slots || (*slots)[0].address || (*slots)[0].size) return Refusal("it already has one");

  uint64_t offset = RoundUp(runtime.size(), alignment);
  uint64_t address = RoundUp(end_of_memory, alignment);
  // So that the kernel never maps a whole huge page of the file (targets/stage.py).
  constexpr uint64_t kHugePage = 2 << 20;
  if ((address - offset) % kHugePage == 0) address += alignment;
  (*slots)[0] = {address, payload_size};
  *note = {.p_type = PT_LOAD,
           .p_flags = PF_R,
           .p_offset = offset,
           .p_vaddr = address,
           .p_paddr = address,
           .p_filesz = payload_size,
           .p_memsz = payload_size,
           .p_align = alignment};

  // The sections again, with one more, which shares the name of the slot's.
  Elf64_Shdr section = {.sh_name = slot_section->sh_name,
                        .sh_type = SHT_PROGBITS,
                        .sh_flags = SHF_ALLOC,
                        .sh_addr = address,
                        .sh_offset = offset,
                        .sh_size = payload_size,
                        .sh_link = 0,
                        .sh_info = 0,
                        .sh_addralign = alignment,
                        .sh_entsize = 0};
  PayloadPlace place;
  place.padding = offset - runtime.size();
  place.end.assign(RoundUp(payload_size, alignof(Elf64_Shdr)) - payload_size, '\0');
  elf.e_shoff = offset + payload_size + place.end.size();
  for (const Elf64_Shdr& old : *sections) place.end += AsBytes(old);
  place.end += AsBytes(section);
  ++elf.e_shnum;
  auto offset_of = [&](const void* part) {
    return size_t(static_cast<const char*>(part) - runtime.data());
  };
  place.changed = {{0, sizeof elf},
                   {offset_of(note), sizeof *note},
                   {offset_of(slots->data()), sizeof(format::PayloadSlot)}};
  return place;
}

}  // namespace kiln
