// How an executable recognizes the processes that it starts from itself. Under Node,
// process.execPath is `node`, which runs the script that its arguments name; in an app made by Kiln
// it is the app. So that `spawn(process.execPath, ['child.js'])` runs child.js, the runtime adds a
// variable to the environment of a child process whose program is this executable, or whose
// arguments or environment name it (a shell with a command, `env`). The child reads and removes the
// variable before JavaScript runs (process/own_start.h decides what it then runs).
//
// The variable is KILN_STARTED_BY=IDENTITY:KIND:ANCESTORS. Several executables can have set it, one
// after the other: their values are separated by ';', and each one reads only its own.
//
// `env -i` removes the variable. So a process also asks the kernel (/proc) whether its parent is a
// process of this executable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

// How the parent started this executable.
enum class StartKind : char {
  kModule = 'm',  // child_process.fork(): the first argument that is no option is a script
  kPath = 'p',    // as a program by its path, as spawn(process.execPath, …) does
  kName = 'n',    // as a program by its name, found in PATH
  kWithin = 'w',  // by another program whose arguments or environment name this executable
};

// A process of this executable that ran the app's entry, and started itself.
struct Ancestor {
  int pid;
  int64_t time;        // when it started the next one: seconds of CLOCK_BOOTTIME
  uint64_t arguments;  // hash of the app's arguments
};

// What the parent has said, if it was this executable.
struct OwnParent {
  StartKind kind;
  std::vector<Ancestor> ancestors;  // in any order
  bool trusted;  // false in a process with more rights than its user, who can have set the variable
};

// Reads and removes the variable. `identity` is a number that other executables do not have;
// `path` is the absolute path of this one (may be empty), and `name` argv[0]. Call it once, before
// a second thread runs. Without this call ChildVariable() does nothing.
std::optional<OwnParent> TakeOwnParent(uint64_t identity, std::string path, std::string name);

// If the variable was lost on the way: whether the parent process is of this executable, or with
// `any` one of its parents. Its `ancestors` are those processes. Call it after TakeOwnParent().
std::optional<OwnParent> FindOwnParent(bool any);

// Whether a process of this executable is among the parents of this one. Anybody can set the
// variable, so files on disk are run as scripts only if this is true. True without /proc.
bool HasOwnParentProcess();

// Records that this process runs the app's entry with these arguments, so that its children know.
void NoteEntryRuns(const std::vector<std::string>& arguments);

// The earlier processes that count for the limit on entries that start each other: those that still
// run, and those that started the next one less than ten seconds ago.
std::vector<Ancestor> CountingAncestors(const std::vector<Ancestor>& all);

uint64_t HashArguments(const std::vector<std::string>& arguments);

// A program that is about to be executed. The arrays end with a null.
struct ChildProgram {
  const char* file;
  char* const* arguments;    // argv; may be null
  char* const* environment;  // "NAME=value"; may be null
  const char* cwd;           // where relative paths begin; null: the current one
  bool is_module = false;    // of child_process.fork()
};
// The "NAME=value" to add to the environment of that program; nothing if it has no relation to this
// executable. Any thread.
std::optional<std::string> ChildVariable(const ChildProgram& program);

}  // namespace kiln::runtime
