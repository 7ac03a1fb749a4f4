// Declarations shared by the files of internalBinding("v8").
#pragma once

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// Class GCProfiler of the binding, for v8.GCProfiler (gc_profiler.cc).
extern const ClassEntry kGcProfilerClass;

// --heapsnapshot-near-heap-limit and v8.setHeapSnapshotNearHeapLimit(): writes up to `limit` heap
// snapshots to --diagnostic-dir, or the current directory, when the heap is close to its limit, and
// raises the limit by 512 MB for each. 0: none. On the Env's thread.
void SetHeapSnapshotNearHeapLimit(Env& env, uint32_t limit);

}  // namespace kiln::runtime
