// Heap snapshots in files, for the bindings v8 (near the heap limit) and heap_utils.
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

// Takes a snapshot. `options`: a Uint8Array [expose internals, expose numeric values], or any other
// value for the defaults.
HeapSnapshotPointer TakeHeapSnapshot(Env& env, v8::Local<v8::Value> options);

// Writes a snapshot to a file. Returns 0 or a libuv code.
int WriteHeapSnapshot(const v8::HeapSnapshot& snapshot, const std::string& path);

// A new file name: "Heap.DATE.TIME.PID.0.COUNTER.heapsnapshot", in local time.
std::string HeapSnapshotName();

}  // namespace kiln::runtime
