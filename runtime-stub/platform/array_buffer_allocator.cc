#include "runtime-stub/platform/array_buffer_allocator.h"

#include <atomic>
#include <memory>

namespace kiln::runtime {

namespace {

// Counts the bytes that are allocated, for process.memoryUsage().arrayBuffers.
class CountingAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  void* Allocate(size_t length) override { return Count(length, inner_->Allocate(length)); }
  void* AllocateUninitialized(size_t length) override {
    if (zero_fill) return Allocate(length);
    return Count(length, inner_->AllocateUninitialized(length));
  }
  void Free(void* data, size_t length) override {
    bytes.fetch_sub(length, std::memory_order_relaxed);
    inner_->Free(data, length);
  }

  std::atomic<size_t> bytes = 0;
  bool zero_fill = false;

 private:
  void* Count(size_t length, void* data) {
    if (data) bytes.fetch_add(length, std::memory_order_relaxed);
    return data;
  }
  std::unique_ptr<v8::ArrayBuffer::Allocator> inner_{NewDefaultAllocator()};
};

CountingAllocator& Allocator() {
  static CountingAllocator* allocator = new CountingAllocator;
  return *allocator;
}

}  // namespace

v8::ArrayBuffer::Allocator* BufferAllocator() { return &Allocator(); }
size_t ArrayBufferBytes() { return Allocator().bytes; }
void ZeroFillBuffers() { Allocator().zero_fill = true; }

}  // namespace kiln::runtime
