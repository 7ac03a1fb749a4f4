// The import section of WebAssembly modules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln {

// The names of the modules that `wasm`, a module in the binary format, imports from; each once, in
// the order of the file. Empty if it is not a module; incomplete if its import section is not
// valid.
std::vector<std::string> WasmImports(std::string_view wasm);

}  // namespace kiln
