// The memory that V8 asks the platform for: heap pages, code, stacks of wasm. The work of
// V8's own allocator, with one difference that a short process feels: heap pages are mapped
// with their memory. A process that starts touches nearly all of them anyway, and each first
// touch is a fault of its own (1 µs, 17 µs in some virtual machines), where the kernel
// hands out 64 pages at once for a few.
#pragma once

#include <v8-platform.h>

namespace kiln::runtime {

// Lives as long as the process; for any thread.
v8::PageAllocator& PagesOfTheProcess();

// Memory of malloc that a start needs, obtained in one piece. Once, before anything large
// is allocated.
void WarmMalloc(size_t bytes);

// The program's own writable data (.data and .bss), in one piece.
void WarmData();

// Unmaps what was read of the program's constants (snapshot, ICU, sources of the library). A
// start reads them in pieces of up to 2 MiB, which is quick and counts as the process's
// memory; a program that goes on needs next to none of them. They come back when touched.
void ReleaseConstants();

}  // namespace kiln::runtime
