// Removes objects from the heap of a snapshot that a program cannot tell from their absence. Reading
// a snapshot takes time for each object, at every start.
#pragma once

#include <v8.h>

#include <span>
#include <string_view>

namespace kiln::runtime {

// Objects are removed when V8 collects garbage the next time, which it does before it writes the
// heap (SnapshotCreator::CreateBlob), with the stack of its caller. For the snapshot builder only,
// on its thread, in the main context.
void TrimHeapWhenWritten(v8::Isolate* isolate);

// Discards the bytecode, with its constants and variable names, of all functions whose scripts have
// names that begin with one of these, as V8 does with code that has not run for a while. No
// JavaScript may be running.
void DiscardCode(v8::Isolate* isolate, std::span<const std::string_view> scripts);

}  // namespace kiln::runtime
