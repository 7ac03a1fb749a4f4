// Replaces V8's bytecodes in a snapshot by images of the heap (docs/snapshots.md): the snapshot is read
// once, in a process of its own, and V8's patched reader hands out what it has read.
#pragma once

namespace kiln::runtime {

// `kiln-stub --kiln-make-heap-images IMAGE FILE [code]`: replaces the snapshot in FILE, which the snapshot
// builder has written for the payload in IMAGE. Returns the exit code.
int MakeHeapImages(const char* image_path, const char* snapshot_path, bool with_code);

}  // namespace kiln::runtime
