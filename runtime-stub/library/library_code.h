// V8's compiled code of the library's sources, which spares the snapshot builder most of their
// parsing. It is made when Kiln is built, as one file beside the stub, because V8 makes none while it
// takes a snapshot. The heap that a builder writes behaves the same without it, but its bytes differ: V8
// writes objects in another order.
#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime-stub/library/library.h"

namespace kiln::runtime {

// The file's bytes: the code of every source that CompileLibraryFunction can use. `context` is
// entered; `isolate` must have the flags of the builder, or V8 refuses the code there.
std::string MakeLibraryCode(v8::Isolate* isolate, v8::Local<v8::Context> context);

// From now on CompileLibraryFunction uses this file, which is borrowed. One that is damaged, or made
// for another library, is ignored. Once, before the library is booted.
void UseLibraryCode(std::span<const uint8_t> file);

// The code of a source, borrowed from the file; null if there is none. For V8, which owns the object.
std::unique_ptr<v8::ScriptCompiler::CachedData> LibraryCodeOf(const LibrarySource& source);

}  // namespace kiln::runtime
