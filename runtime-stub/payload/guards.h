// What was assumed when modules of the app were evaluated at build time (docs/baking.md).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

// Whether all guards hold in this process, apart from local ones. They are lines as
// snapshot/format/payload_format.h describes them; one that is not understood does not hold. `arguments`
// are those of the app, without the executable and the script.
bool GuardsHold(std::string_view guards, std::span<const std::string> arguments);

// Whether all local guards hold.
bool LocalGuardsHold(std::string_view guards, std::span<const std::string> arguments);

// The numbers of the modules that are evaluated at start if a local guard does not hold.
std::vector<int> LocalModules(std::string_view guards);

}  // namespace kiln::runtime
