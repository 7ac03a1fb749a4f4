// Writes a relocatable ELF64 file: one read-only section with the payload, one with its size, and a
// symbol for each. The payload begins on a new page, so that its sections are aligned and reading
// it touches no page with other data.
#include <elf.h>

#include <cstring>

#include "snapshot/object.h"

namespace kiln {
namespace {

constexpr size_t kPage = 4096;

// Section numbers, in the order of the section table.
enum { kNull, kPayload, kSize, kNoteStack, kSymbols, kStrings, kSectionNames, kSectionCount };

// A table of zero-terminated strings.
class StringTable {
 public:
  uint32_t Add(std::string_view text) {
    uint32_t at = uint32_t(bytes_.size());
    bytes_.append(text).push_back('\0');
    return at;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_ = std::string(1, '\0');
};

template <class T>
std::string_view AsBytes(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

Object WriteObject(std::string_view payload, const Target& target) {
  StringTable strings, names;
  uint64_t payload_size = payload.size();

  Elf64_Sym symbols[3] = {};
  symbols[1].st_name = strings.Add("kiln_payload");
  symbols[1].st_shndx = kPayload;
  symbols[1].st_size = payload_size;
  symbols[2].st_name = strings.Add("kiln_payload_size");
  symbols[2].st_shndx = kSize;
  symbols[2].st_size = sizeof payload_size;
  for (int i = 1; i <= 2; ++i) symbols[i].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);

  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = FindArch(target.arch)->elf_machine;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = kSectionCount;
  header.e_shstrndx = kSectionNames;

  Object object;
  std::string& out = object.bytes;
  out.reserve(payload.size() + 2 * kPage);
  out.assign(sizeof header, '\0');
  Elf64_Shdr sections[kSectionCount] = {};
  auto add = [&](int index, std::string_view name, uint32_t type, uint64_t flags,
                 uint64_t alignment, std::string_view bytes) {
    out.append((alignment - out.size() % alignment) % alignment, '\0');
    Elf64_Shdr& section = sections[index];
    section.sh_name = names.Add(name);
    section.sh_type = type;
    section.sh_flags = flags;
    section.sh_offset = out.size();
    section.sh_size = bytes.size();
    section.sh_addralign = alignment;
    out += bytes;
  };
  add(kPayload, ".rodata.kiln_payload", SHT_PROGBITS, SHF_ALLOC, kPage, payload);
  add(kSize, ".rodata.kiln_payload_size", SHT_PROGBITS, SHF_ALLOC, 8, AsBytes(payload_size));
  add(kNoteStack, ".note.GNU-stack", SHT_PROGBITS, 0, 1, "");
  add(kSymbols, ".symtab", SHT_SYMTAB, 0, 8, AsBytes(symbols));
  sections[kSymbols].sh_link = kStrings;
  sections[kSymbols].sh_info = 1;  // the first symbol that is not local
  sections[kSymbols].sh_entsize = sizeof(Elf64_Sym);
  add(kStrings, ".strtab", SHT_STRTAB, 0, 1, strings.bytes());
  names.Add(".shstrtab");  // its own name has to be in the table it describes
  uint32_t own_name = uint32_t(names.bytes().size() - sizeof ".shstrtab");
  std::string name_bytes = names.bytes();
  add(kSectionNames, "", SHT_STRTAB, 0, 1, name_bytes);
  sections[kSectionNames].sh_name = own_name;

  out.append((8 - out.size() % 8) % 8, '\0');
  header.e_shoff = out.size();
  out += AsBytes(sections);
  std::memcpy(out.data(), &header, sizeof header);
  return object;
}

}  // namespace kiln
