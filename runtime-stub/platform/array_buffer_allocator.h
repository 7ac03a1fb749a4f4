// The memory of ArrayBuffers: V8's default allocator, with a count of the bytes that are allocated.
// One object serves all isolates of the process. Thread-safe, except ZeroFillBuffers().
#pragma once

#include <v8.h>

#include <cstddef>

namespace kiln::runtime {

// For v8::Isolate::CreateParams::array_buffer_allocator. Never null, never freed, so backing stores
// may outlive their isolate.
v8::ArrayBuffer::Allocator* BufferAllocator();

// Bytes that are allocated now (process.memoryUsage().arrayBuffers). Memory that native code made a
// backing store of (NewBufferOwning(), binding/buffer.h) is not included.
size_t ArrayBufferBytes();

// From now on memory that was requested without initialization is zeroed too
// (--zero-fill-buffers). Not synchronized: call it before the first isolate is created.
void ZeroFillBuffers();

}  // namespace kiln::runtime
