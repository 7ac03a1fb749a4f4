// The variables of CommonJS (require, module, __filename, __dirname) in TypeScript modules that use
// them beside import statements, as TypeScript allows if it makes CommonJS of them.
#pragma once

#include <string>

#include "bundler/graph.h"

namespace kiln {

// Adds an import of those that the module's code mentions and does not declare, from "kiln:commonjs"
// (runtime-stub/library/js/internal/kiln/esm.js), to its translated text and its map. It is added to
// an existing line, so all lines stay. Offsets in the module's scan are not valid afterwards.
void ImportCommonJsVariables(Module& module);

}  // namespace kiln
