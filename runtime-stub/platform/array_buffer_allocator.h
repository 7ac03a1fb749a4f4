// The memory of ArrayBuffers: V8's allocator, with a count of what it has given out. One for all
// isolates of the process; any thread may call.
#pragma once

#include <v8.h>

#include <cstddef>

namespace kiln::runtime {

// Lives as long as the process.
v8::ArrayBuffer::Allocator* BufferAllocator();

// Bytes that are allocated now (process.memoryUsage().arrayBuffers).
size_t ArrayBufferBytes();

// From now on memory that was asked for without initialisation is zeroed too
// (--zero-fill-buffers). Before the first isolate is made.
void ZeroFillBuffers();

}  // namespace kiln::runtime
