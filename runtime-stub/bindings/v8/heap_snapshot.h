// Heap snapshots in files, for the bindings v8 (near the heap limit) and heap_utils.
#pragma once

#include <v8-profiler.h>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// A snapshot is owned by V8's heap profiler until Delete(), which must come before the end of the
// isolate. On the Env's thread.
struct HeapSnapshotDeleter {
  void operator()(const v8::HeapSnapshot* snapshot) const {
    const_cast<v8::HeapSnapshot*>(snapshot)->Delete();
  }
};
using HeapSnapshotPointer = std::unique_ptr<const v8::HeapSnapshot, HeapSnapshotDeleter>;

// Takes a snapshot, after a full garbage collection. `options`: a Uint8Array [expose internals,
// expose numeric values], or any other value, also an empty handle, for the defaults. May take
// seconds.
HeapSnapshotPointer TakeHeapSnapshot(Env& env, v8::Local<v8::Value> options);

// The same as JSON. `options`: the bytes of that array, or nothing.
std::string HeapSnapshotText(Env& env, const std::vector<uint8_t>& options);
// A stream of JavaScript (HeapSnapshotStream) that reads such a text.
v8::Local<v8::Object> NewHeapSnapshotStream(Env& env, std::string text);

// Writes a snapshot to a file as JSON, with mode 0600, and replaces an existing file. Returns 0 or
// a libuv code; the file may then be incomplete.
int WriteHeapSnapshot(const v8::HeapSnapshot& snapshot, const std::string& path);

// A new file name: "Heap.DATE.TIME.PID.0.COUNTER.heapsnapshot", in local time, with a counter of
// the process. Thread-safe.
std::string HeapSnapshotName();

}  // namespace kiln::runtime
