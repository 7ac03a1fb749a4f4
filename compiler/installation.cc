// Finds the installation from the path of the running program.
#include "compiler/installation.h"

#include <elf.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <string_view>

#include "support/file.h"

namespace kiln {

std::string Installation::TargetFolder(const Target& target) const {
  return JoinPath(library, "targets/" + std::string(target.name));
}

bool Installation::HasTarget(const Target& target) const {
  return IsRegularFile(JoinPath(TargetFolder(target), "stub.rsp"));
}

Result<Installation> FindInstallation() {
  std::string program = ExecutablePath();
  std::string library = JoinPath(DirectoryOf(DirectoryOf(program)), "lib/kiln");
  Installation installation = {library, JoinPath(library, "esbuild")};
  if (!IsRegularFile(installation.esbuild))
    return Error{"Kiln's own files are not in " + library}.Note(
        "bin/kiln and lib/kiln belong together: move or link the whole installed folder.");
  return installation;
}

namespace {

// The id that the linker computed from this program's bytes; empty if it was linked without.
std::string_view BuildId() {
  auto* segment = reinterpret_cast<const Elf64_Phdr*>(getauxval(AT_PHDR));
  for (uint64_t i = 0; segment && i < getauxval(AT_PHNUM); ++i, ++segment) {
    if (segment->p_type != PT_NOTE) continue;
    auto* note = reinterpret_cast<const char*>(segment->p_vaddr);
    for (const char* end = note + segment->p_memsz; note + sizeof(Elf64_Nhdr) <= end;) {
      auto* header = reinterpret_cast<const Elf64_Nhdr*>(note);
      size_t name_size = (header->n_namesz + 3) / 4 * 4;
      const char* description = note + sizeof *header + name_size;
      if (header->n_type == NT_GNU_BUILD_ID) return {description, header->n_descsz};
      note = description + (header->n_descsz + 3) / 4 * 4;
    }
  }
  return {};
}

}  // namespace

Digest IdentityOfKiln(const Installation& installation) {
  Blake3 hash;
  hash.AddField(KILN_VERSION).AddField(BuildId());
  for (const std::string& path : {ExecutablePath(), installation.esbuild}) {
    struct stat info = {};
    if (stat(path.c_str(), &info) != 0) info = {};
    int64_t numbers[] = {info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
    hash.AddField({reinterpret_cast<const char*>(numbers), sizeof numbers});
  }
  return hash.Finish();
}

std::string TargetFiles::IcuObject(Intl intl) const {
  return JoinPath(folder, "icudt-" + std::string(NameOf(intl)) + ".o");
}

std::string TargetFiles::ComponentArchive(OptionalComponent component) const {
  return JoinPath(folder, "libkiln-" + std::string(NameOf(component)) + ".a");
}

std::string TargetFiles::Stub() const { return JoinPath(folder, "stub"); }

Result<TargetFiles> FindTargetFiles(const Installation& installation, const Target& target) {
  TargetFiles files = {installation.TargetFolder(target), ""};
  if (!installation.HasTarget(target)) {
    return Error{"The target " + std::string(target.name) + " is not installed"}.Note(
        "`kiln targets` lists the installed ones.");
  }
  TRY(std::string text, ReadFile(JoinPath(files.folder, "target.txt")));
  constexpr std::string_view kKey = "v8_version=";
  size_t at = text.find(kKey);
  if (at == std::string::npos)
    return Error{"The target " + std::string(target.name) + " is not installed completely"};
  at += kKey.size();
  files.v8_version = text.substr(at, text.find('\n', at) - at);
  return files;
}

}  // namespace kiln
