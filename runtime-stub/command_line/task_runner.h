// `node --run NAME`: runs a script of the nearest package.json through the shell, with the
// node_modules/.bin folders on the way in PATH.
#pragma once

#include <string>
#include <vector>

namespace kiln::runtime {

// Runs it to its end. `arguments` are appended, quoted for the shell. The result is the
// exit code; what is wrong was printed.
int RunPackageScript(const std::string& name, const std::vector<std::string>& arguments);

}  // namespace kiln::runtime
