// Declarations shared by the files of internalBinding("v8").
#pragma once

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

extern const ClassEntry kGcProfilerClass;

// --heapsnapshot-near-heap-limit and v8.setHeapSnapshotNearHeapLimit(): writes up to
// `limit` heap snapshots when the heap is close to its limit.
void SetHeapSnapshotNearHeapLimit(Env& env, uint32_t limit);

}  // namespace kiln::runtime
