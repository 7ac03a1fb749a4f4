// Parts of V8's heap that are filled when they are touched. V8's reader of images
// (scripts/parts/v8-patches/touch.patch) allocates the lazy segments of an image, but only says where
// their words are. Their pages cannot be accessed, so the first access, by JavaScript, the garbage
// collector or a thread of V8, is a SIGSEGV, whose handler fills a chunk of pages. Most
// functions of an app are not called, and what they consist of costs a start nothing then.
//
// The kernel does not cause the signal: a system call that is given such memory fails with EFAULT.
// Lazy segments contain code and its constants, which no system call is given.
#pragma once

#include <cstddef>

namespace kiln::runtime {

// Fills all chunks that have not been touched; for who will handle SIGSEGV instead. Any thread.
void FillLazyHeap();

// The memory is given back to the system, or is about to be: nothing in it will be filled. Any thread.
void ForgetLazyHeap(void* begin, size_t bytes);

}  // namespace kiln::runtime
