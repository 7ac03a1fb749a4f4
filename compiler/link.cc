// Makes a call of the linker from a target's stub.rsp (targets/README.md describes its lines).
#include "compiler/link.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "compiler/lld.h"
#include "support/file.h"

namespace kiln {
namespace {

// The paths that replace each placeholder of stub.rsp.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

Result<std::vector<std::string>> LinkArguments(const TargetFiles& files, bool symbols,
                                               const Placeholders& placeholders) {
  TRY(std::string text, ReadFile(JoinPath(files.folder, "stub.rsp")));
  std::vector<std::string> arguments;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty() || (symbols && line == "--strip-all")) continue;
    if (auto found = placeholders.find(line); found != placeholders.end()) {
      arguments.insert(arguments.end(), found->second.begin(), found->second.end());
    } else if (size_t file = line.find("@/"); file != std::string::npos) {
      arguments.push_back(line.substr(0, file) + JoinPath(files.folder, line.substr(file + 2)));
    } else {
      arguments.push_back(std::move(line));
    }
  }
  return arguments;
}

std::vector<std::string> Archives(const TargetFiles& files, OptionalComponents components) {
  std::vector<std::string> archives;
  for (size_t i = 0; i < kOptionalComponentCount; ++i)
    if (components.Has(OptionalComponent(i)))
      archives.push_back(files.ComponentArchive(OptionalComponent(i)));
  return archives;
}

}  // namespace

Result<> LinkRuntime(const TargetFiles& files, const Runtime& runtime, int fd) {
  Placeholders placeholders = {{"@ICU@", {files.IcuObject(runtime.intl)}},
                               {"@COMPONENTS@", Archives(files, runtime.components)}};
  TRY(std::vector<std::string> arguments, LinkArguments(files, runtime.symbols, placeholders));
  return RunLld(arguments, fd);
}

Result<> LinkRuntime(const TargetFiles& files, const Runtime& runtime, const std::string& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return SystemError("Cannot write", file, errno);
  Result<> linked = LinkRuntime(files, runtime, fd);
  close(fd);
  return linked;
}

Result<> LinkStub(const TargetFiles& files, const std::string& output) {
  // ICU uses the first as its common data, and falls back to it for items missing in the data that
  // is set later (runtime-stub/payload/icu_data.h), so the first is the smallest. The others have
  // other symbols.
  Placeholders placeholders = {{"@ICU@", {}},
                               {"@COMPONENTS@", Archives(files, OptionalComponents::All())}};
  for (Intl intl : {Intl::kNone, Intl::kEn, Intl::kFull})
    placeholders["@ICU@"].push_back(files.IcuObject(intl));
  TRY(std::vector<std::string> arguments, LinkArguments(files, false, placeholders));
  TRY(PendingFile file, PendingFile::Open(output));
  TRY_OK(RunLld(arguments, file.fd()));
  return file.Commit(0777);
}

}  // namespace kiln
