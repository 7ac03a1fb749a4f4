// The memory that V8 asks the platform for: heap pages, code, WebAssembly stacks. It does what V8's
// own allocator does, except that heap pages are populated when they are mapped. A starting
// process touches nearly all of them, and each first touch is a page fault (1 µs, 17 µs in some
// virtual machines), while one system call populates 64 pages for the price of a few faults.
#pragma once

#include <v8-platform.h>

#include <cstdint>
#include <span>

namespace kiln::runtime {

// Lives as long as the process; thread-safe.
v8::PageAllocator& PagesOfTheProcess();

// Makes malloc obtain and populate `bytes` (more than one page) at once, as much as a start is
// known to need; also limits malloc to two arenas and makes it serve blocks of up to 4 MiB from its
// heap instead of a mapping for each. Call it once, on the main thread, before anything large is
// allocated. Failure is ignored.
void WarmMalloc(size_t bytes);

// How large V8 will make the young generation first, of which a start touches little. Before V8 starts.
void ExpectYoungGeneration(size_t bytes);

// Zeroed memory of which no page exists before it is written. Null if there is none.
void* UntouchedMemory(size_t bytes);

// Populates the program's writable data (.data and .bss). Contents do not change.
void WarmData();

// Releases the resident pages that lie within constants of the program, which were read once and are
// unlikely to be read again. Their content is read from the file when it is touched. Any thread.
void ReleaseConstants(std::span<const uint8_t> bytes);

}  // namespace kiln::runtime
