// The variables of CommonJS (require, module, __filename, __dirname) in TypeScript modules that use
// them beside import statements, as TypeScript allows if it makes CommonJS of them.
#pragma once

#include <string>

#include "bundler/graph.h"

namespace kiln {

// The runtime makes a module of these variables (runtime-stub/library/js/internal/kiln/link.js).
constexpr const char* kCommonJsVariables = "kiln:commonjs";

// Adds an import from kCommonJsVariables of those that the module's code mentions and does not
// declare to its translated text; false if there are none. It is added behind the text, so that all
// positions stay: import statements come first wherever they are.
bool ImportCommonJsVariables(Module& module);

}  // namespace kiln
