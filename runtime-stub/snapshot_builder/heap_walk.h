// Compares the heap that a start makes of images with the one that V8's own reader makes of the snapshot
// without them, and with that of the patched reader (--heap=verified). Each is opened in a process of its
// own and written as text that does not depend on addresses (scripts/parts/v8-patches/heap-walker.cc),
// object by object and word by word: once as it is, and once after collections.
#pragma once

namespace kiln::runtime {

// Replaces the snapshot in the file by one with images, as MakeHeapImages() does, and compares both.
// Prints the number of objects, or what differs. Returns the exit code.
int MakeVerifiedHeapImages(const char* image_path, const char* snapshot_path, bool with_code);

// `kiln-stub --kiln-walk-heap IMAGE FILE OUT [unpatched]`: writes the heap of a snapshot, without images
// also as V8's own reader makes it. Returns the exit code.
int WalkHeap(const char* image_path, const char* snapshot_path, const char* out_path,
             bool unpatched);

}  // namespace kiln::runtime
