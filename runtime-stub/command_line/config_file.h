// node.config.json (--experimental-config-file): options as JSON, as in
// nodejs.org/api/cli.html. The object "nodeOptions" may contain the options that NODE_OPTIONS
// accepts; "test", "watch" and "permission" contain the options of that group.
#pragma once

#include <string>
#include <vector>

namespace kiln::runtime {

// The options of a file, as the arguments that would set them.
struct ConfigFile {
  std::vector<std::string> node_options;   // NODE_OPTIONS takes precedence over these
  std::vector<std::string> group_options;  // the command line takes precedence over these
};

// Reads and checks the file. On failure prints details to stderr, sets `error` to the final line,
// which the caller must print after the program's name, and returns false.
bool ReadConfigFile(const std::string& path, ConfigFile* out, std::string* error);

}  // namespace kiln::runtime
