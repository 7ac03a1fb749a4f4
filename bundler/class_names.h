// The names of decorated classes in esbuild's translation of TypeScript.
#pragma once

#include <string_view>

#include "bundler/esbuild.h"

namespace kiln {

// A class whose decorators or static members refer to it is `const _A = class _A {…}; let A = _A;`
// in esbuild's translation, so its `name` would be "_A". Gives these classes the name that they
// have in `original`, and the references inside them, whose variable is the class itself then.
// Columns of the map change with it. Classes stay as they are if a `_A` occurs in `original`.
void RestoreClassNames(TransformOutput& translation, std::string_view original);

}  // namespace kiln
