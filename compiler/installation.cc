// Finds the installation from the path of the running program.
#include "compiler/installation.h"

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
