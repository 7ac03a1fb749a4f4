// Removes re-exports of types, which TypeScript's compiler removes and esbuild cannot, because it
// translates each file without looking at others:
//
//   export { Type } from "./types";      import { Type } from "./types"; export { Type };
#pragma once

#include <deque>

#include "bundler/graph.h"

namespace kiln {

// In TypeScript modules, replaces such names by blanks if the ES module that they come from exports
// no such name, and the whole statement if no name is left, as that compiler does. All offsets
// stay. Where it is not known what a module exports, it is taken to export every name. REQUIRES:
// all modules are scanned and connected.
void RemoveTypeExports(std::deque<Module>& modules);

}  // namespace kiln
