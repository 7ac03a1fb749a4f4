// Heap snapshots in files; shared by v8 (near the heap limit) and heap_utils.
#pragma once

#include <v8-profiler.h>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

struct HeapSnapshotDeleter {
  void operator()(const v8::HeapSnapshot* snapshot) const {
    const_cast<v8::HeapSnapshot*>(snapshot)->Delete();
  }
};
using HeapSnapshotPointer = std::unique_ptr<const v8::HeapSnapshot, HeapSnapshotDeleter>;

// `options`: the bytes [expose internals, expose numeric values] of the library, or any
// other value for the defaults.
HeapSnapshotPointer TakeHeapSnapshot(Env& env, v8::Local<v8::Value> options);

// Writes a snapshot to the file. 0 or a libuv code.
int WriteHeapSnapshot(const v8::HeapSnapshot& snapshot, const std::string& path);

// "Heap.20250131.093000.PID.0.001.heapsnapshot"
std::string HeapSnapshotName();

}  // namespace kiln::runtime
