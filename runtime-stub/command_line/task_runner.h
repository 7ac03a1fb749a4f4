// `node --run NAME`: runs a script of the nearest package.json with /bin/sh, as
// nodejs.org/api/cli.html describes. PATH begins with the node_modules/.bin folders between the
// current directory and the root.
#pragma once

#include <string>
#include <vector>

namespace kiln::runtime {

// Runs the script and waits for it. `arguments` are appended, quoted for the shell. Returns the
// exit code: that of the script, or another nonzero one after printing an error.
int RunPackageScript(const std::string& name, const std::vector<std::string>& arguments);

}  // namespace kiln::runtime
