// node.config.json (--experimental-config-file): options as JSON. "nodeOptions" may hold
// what NODE_OPTIONS may; "test", "watch" and "permission" hold the options of that group.
#pragma once

#include <string>
#include <vector>

namespace kiln::runtime {

struct ConfigFile {
  std::vector<std::string> node_options;   // arguments, weaker than NODE_OPTIONS
  std::vector<std::string> group_options;  // arguments, weaker than the command line
};

// Reads and checks the file. False after printing what is wrong; `error` is then the last
// line, which the caller prints with the program's name.
bool ReadConfigFile(const std::string& path, ConfigFile* out, std::string* error);

}  // namespace kiln::runtime
