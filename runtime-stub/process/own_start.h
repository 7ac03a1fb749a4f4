// What a process of an app runs that was started by another process of the same executable. Under
// Node its arguments would be those of `node`: options, a script, and the script's arguments. In an
// app they can also be the app's own, because other tools that make executables run the app's entry.
// docs/starting-itself.md has the rules and their reasons.
#pragma once

#include "runtime-stub/command_line/options.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/own_children.h"

namespace kiln::runtime {

// In a process with more rights than its user (OwnParent::trusted is false) nothing but the entry
// runs, without options of Node or V8.
enum class Program {
  kEntry,   // the app's entry, with all arguments
  kModule,  // RunOptions::module, or if it is empty the entry, as `node` runs a script
  kNode,    // one of Node's main scripts (MainScriptId)
  kRefused  // nothing; the reason was printed
};

// An absolute path without ".", ".." and double slashes.
std::string ResolvePath(std::string path);

// Decides from the arguments (args[0] is the program) without changing anything but V8's flags, if
// the arguments begin with options. For kModule `module` becomes the path of a file below /kiln, or
// empty for the entry. Call it after SetEmbeddedFiles() and before V8 starts.
Program ProgramOfOwnStart(const OwnParent& parent, const std::vector<std::string>& args,
                          const Payload& payload, std::string* module);

}  // namespace kiln::runtime
