// Removes objects from the heap of a snapshot that a program cannot tell from their absence. Reading
// a snapshot takes time for each object, at every start.
#pragma once

#include <v8.h>

namespace kiln::runtime {

// Objects are removed when V8 collects garbage the next time, which it does before it writes the
// heap (SnapshotCreator::CreateBlob), with the stack of its caller. `builtin` is a function of V8,
// such as Object. For the snapshot builder only, on its thread.
void TrimHeapWhenWritten(v8::Isolate* isolate, v8::Local<v8::Function> builtin);

}  // namespace kiln::runtime
