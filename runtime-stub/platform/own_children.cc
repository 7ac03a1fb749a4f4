// Finds out whether a program is this executable by the device and inode of the file, and whether it
// is named in a text by its path between characters that cannot belong to a path.
#include "runtime-stub/platform/own_children.h"

#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime-stub/platform/environment.h"
#include "support/fnv.h"

namespace kiln::runtime {

namespace {

constexpr char kVariable[] = "KILN_STARTED_BY";
constexpr int64_t kRecent = 10;  // seconds
constexpr int kMaxParents = 100;

struct Self {
  bool known = false;
  uint64_t identity = 0;
  std::vector<std::string> paths;   // how texts may name this executable
  std::string others;               // the values that other executables have set
  std::vector<Ancestor> ancestors;  // without this process
  std::optional<uint64_t> entry_arguments;
};
Self& TheSelf() {
  static Self self;
  return self;
}

int64_t Now() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

std::string Hex(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, number);
  return text;
}

// "PID.TIME.ARGUMENTS,…"
std::vector<Ancestor> ReadAncestors(std::string_view text) {
  std::vector<Ancestor> out;
  while (!text.empty()) {
    std::string one(text.substr(0, text.find(',')));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    Ancestor ancestor;
    if (std::sscanf(one.c_str(), "%d.%" SCNd64 ".%" SCNx64, &ancestor.pid, &ancestor.time,
                    &ancestor.arguments) == 3)
      out.push_back(ancestor);
  }
  return out;
}

std::string WriteAncestors(const std::vector<Ancestor>& list) {
  std::string out;
  for (const Ancestor& a : list) {
    char text[64];
    std::snprintf(text, sizeof text, "%d.%" PRId64 ".%" PRIx64, a.pid, a.time, a.arguments);
    if (!out.empty()) out += ',';
    out += text;
  }
  return out;
}

bool IsSelf(const std::string& path) {
  struct stat own, other;
  if (stat(path.c_str(), &other) != 0) return false;
  if (stat("/proc/self/exe", &own) != 0 &&
      (TheSelf().paths.empty() || stat(TheSelf().paths[0].c_str(), &own) != 0))
    return false;
  return own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

// 0 if it is not known.
int ParentOf(int pid) {
  std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "re");
  if (!file) return 0;
  char text[1024];
  size_t size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[size] = 0;
  // "PID (NAME) STATE PARENT …", where NAME may contain anything.
  const char* name_end = std::strrchr(text, ')');
  int parent = 0;
  return name_end && std::sscanf(name_end, ") %*c %d", &parent) == 1 ? parent : 0;
}

bool BelongsToPath(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '/' || c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

bool Names(std::string_view text) {
  for (const std::string& path : TheSelf().paths)
    for (size_t at = 0; (at = text.find(path, at)) != std::string_view::npos; at++) {
      size_t end = at + path.size();
      if ((at == 0 || !BelongsToPath(text[at - 1])) &&
          (end == text.size() || !BelongsToPath(text[end])))
        return true;
    }
  return false;
}

const char* ValueOf(char* const* environment, std::string_view name) {
  for (char* const* entry = environment; entry && *entry; entry++)
    if (std::strncmp(*entry, name.data(), name.size()) == 0 && (*entry)[name.size()] == '=')
      return *entry + name.size() + 1;
  return nullptr;
}

// As execvp() looks for a program.
bool IsSelfInPath(const char* name, char* const* environment) {
  const char* value = ValueOf(environment, "PATH");
  std::string_view path = value ? value : "/usr/local/bin:/bin:/usr/bin";
  while (true) {
    std::string_view folder = path.substr(0, path.find(':'));
    std::string file = folder.empty() ? name : std::string(folder) + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return IsSelf(file);
    if (folder.size() == path.size()) return false;
    path.remove_prefix(folder.size() + 1);
  }
}

std::optional<StartKind> KindOf(const ChildProgram& program) {
  if (std::strchr(program.file, '/')) {
    std::string path = program.file;
    if (path[0] != '/' && program.cwd) path = std::string(program.cwd) + "/" + path;
    if (IsSelf(path)) return program.is_module ? StartKind::kModule : StartKind::kPath;
  } else if (IsSelfInPath(program.file, program.environment)) {
    return program.is_module ? StartKind::kModule : StartKind::kName;
  }
  for (char* const* one = program.arguments; one && *one; one++)
    if (Names(*one)) return StartKind::kWithin;
  for (char* const* one = program.environment; one && *one; one++)
    // Shells set `_` to the program that they start.
    if (std::strncmp(*one, "_=", 2) != 0 && Names(*one)) return StartKind::kWithin;
  return {};
}

}  // namespace

std::optional<OwnParent> TakeOwnParent(uint64_t identity, std::string path, std::string name) {
  Self& self = TheSelf();
  self.known = true;
  self.identity = identity;
  bool by_path = name.find('/') != std::string::npos;
  if (by_path && name != path) self.paths.push_back(std::move(name));
  if (!path.empty()) self.paths.insert(self.paths.begin(), std::move(path));

  std::optional<std::string> value = ReadUntrusted(kVariable);
  if (!value) return {};
  const bool trusted = ReadTrusted(kVariable).has_value();
  unsetenv(kVariable);
  std::optional<OwnParent> parent;
  const std::string own = Hex(identity) + ":";
  std::string_view rest = *value;
  while (!rest.empty()) {
    std::string_view one = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (!one.starts_with(own)) {
      if (!self.others.empty()) self.others += ';';
      self.others += one;
      continue;
    }
    one.remove_prefix(own.size());
    if (one.size() < 2 || one[1] != ':' || !std::strchr("mpnw", one[0])) continue;
    parent = {StartKind(one[0]), ReadAncestors(one.substr(2)), trusted};
    self.ancestors = parent->ancestors;
  }
  return parent;
}

std::optional<OwnParent> FindOwnParent(bool any) {
  std::optional<OwnParent> parent;
  int pid = getppid();
  for (int i = 0; i < kMaxParents && pid > 1; i++, pid = ParentOf(pid)) {
    if (IsSelf("/proc/" + std::to_string(pid) + "/exe")) {
      if (!parent) parent = {StartKind::kWithin, {}, !HasMoreRightsThanItsUser()};
      parent->ancestors.push_back({pid, Now(), 0});
    } else if (!parent && !any) {
      return {};
    }
  }
  if (parent) TheSelf().ancestors = parent->ancestors;
  return parent;
}

bool HasOwnParentProcess() {
  struct stat info;
  if (stat("/proc/self/exe", &info) != 0) return true;
  int pid = getppid();
  for (int i = 0; i < kMaxParents && pid > 1; i++, pid = ParentOf(pid))
    if (IsSelf("/proc/" + std::to_string(pid) + "/exe")) return true;
  return false;
}

void NoteEntryRuns(const std::vector<std::string>& arguments) {
  TheSelf().entry_arguments = HashArguments(arguments);
}

std::vector<Ancestor> CountingAncestors(const std::vector<Ancestor>& all) {
  std::vector<Ancestor> out;
  const int64_t now = Now();
  for (const Ancestor& one : all)
    if (one.pid > 0 && (now - one.time < kRecent || kill(one.pid, 0) == 0 || errno == EPERM))
      out.push_back(one);
  return out;
}

uint64_t HashArguments(const std::vector<std::string>& arguments) {
  std::string all;
  for (const std::string& one : arguments) {
    all += one;
    all += '\0';
  }
  return Fnv1a64(all);
}

std::optional<std::string> ChildVariable(const ChildProgram& program) {
  const Self& self = TheSelf();
  if (!self.known) return {};
  std::string value = self.others;
  if (std::optional<StartKind> kind = KindOf(program)) {
    std::vector<Ancestor> ancestors;
    if (*kind != StartKind::kName) {  // a start by name is like a user's, and has no limit
      ancestors = CountingAncestors(self.ancestors);
      if (self.entry_arguments) ancestors.push_back({getpid(), Now(), *self.entry_arguments});
    }
    if (!value.empty()) value += ';';
    value += Hex(self.identity) + ":" + char(*kind) + ":" + WriteAncestors(ancestors);
  }
  if (value.empty()) return {};
  return std::string(kVariable) + "=" + value;
}

}  // namespace kiln::runtime
