// The page allocator on Linux. The kernel chooses where the first chunk is (address-space layout
// randomization), and further chunks are placed next to it: at random addresses each would need page
// tables of its own. A kernel that cannot populate memory in advance (MADV_POPULATE_WRITE, Linux 5.14)
// populates it at first touch, and nothing here fails.
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "runtime-stub/platform/lazy_heap.h"
#include "runtime-stub/platform/page_allocator.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

extern "C" char __data_start[], _end[];  // the linker's

// base::OS::SetPermissions(address, size, access), which the linker's --wrap directs here
// (kiln_wrapped_functions in link.cmake).
extern "C" bool __real__ZN2v84base2OS14SetPermissionsEPvmNS1_16MemoryPermissionE(void*, size_t,
                                                                                 int);
extern "C" bool __wrap__ZN2v84base2OS14SetPermissionsEPvmNS1_16MemoryPermissionE(void*, size_t,
                                                                                 int);

// V8's reader of images (v8-patches/deserializer.patch) knows which part of the heap it will fill: it
// sets the first to false meanwhile, and calls the second. Only the main thread reads images while chunks
// are populated; another thread's chunk would be populated or not.
extern "C" {
bool kiln_populates_heap = true;
void kiln_populate(void* begin, size_t bytes);
}

namespace kiln::runtime {

namespace {

constexpr size_t kPage = 4096;
// The size of a page of V8's heap. A larger allocation is one large object or a reservation.
constexpr size_t kChunk = 256 * 1024;
// The first chunks belong to the read-only space, which fills half of one, and to the young generation, of which
// hello world uses nine pages. All others are populated.
int g_sparse_chunks = 1;
constexpr size_t kLargeAllocation = 4 * 1024 * 1024;
constexpr size_t kReadOnlyUse = 33 * kPage;

// Whole pages between 32 and 64 TiB: what every x86-64 and arm64 kernel gives to programs, and
// where AddressSanitizer has no memory of its own.
constexpr uint64_t kAddressesBegin = 0x2000'0000'0000;
constexpr uint64_t kAddressesMask = 0x1fff'ffff'f000;

uintptr_t RoundUp(uintptr_t value, size_t unit) { return (value + unit - 1) & ~(unit - 1); }

void Populate(void* address, size_t length) { madvise(address, length, MADV_POPULATE_WRITE); }

int Protection(v8::PageAllocator::Permission permission) {
  switch (permission) {
    case v8::PageAllocator::kNoAccess:
    case v8::PageAllocator::kNoAccessWillJitLater:
      return PROT_NONE;
    case v8::PageAllocator::kRead:
      return PROT_READ;
    case v8::PageAllocator::kReadWrite:
      return PROT_READ | PROT_WRITE;
    case v8::PageAllocator::kReadWriteExecute:
      return PROT_READ | PROT_WRITE | PROT_EXEC;
    case v8::PageAllocator::kReadExecute:
      return PROT_READ | PROT_EXEC;
  }
  std::abort();
}

void* Map(void* hint, size_t length, int protection) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | (protection == PROT_NONE ? MAP_NORESERVE : 0);
  void* at = mmap(hint, length, protection, flags, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

class Pages final : public v8::PageAllocator {
 public:
  size_t AllocatePageSize() override { return kPage; }
  size_t CommitPageSize() override { return kPage; }
  // With a seed (--random-seed) addresses repeat. Reproducible snapshots need that, because they
  // contain addresses of code.
  void SetRandomMmapSeed(int64_t seed) override { seed_ = uint64_t(seed) * 2 + 1; }
  void* GetRandomMmapAddr() override {
    if (seed_ == 0) return nullptr;
    seed_ ^= seed_ << 13;
    seed_ ^= seed_ >> 7;
    seed_ ^= seed_ << 17;
    return reinterpret_cast<void*>(kAddressesBegin | (seed_ & kAddressesMask));
  }

  void* AllocatePages(void* hint, size_t length, size_t alignment, Permission permission) override {
    const int protection = Protection(permission);
    const bool chunk = length == kChunk && permission == kReadWrite;
    if (chunk && !hint) hint = reinterpret_cast<void*>(next_chunk_.load(std::memory_order_relaxed));
    void* at = Map(hint, length, protection);
    if (at && reinterpret_cast<uintptr_t>(at) % alignment != 0) {
      munmap(at, length);
      at = MapAligned(length, alignment, protection);
    }
    if (at && chunk) {
      next_chunk_.store(reinterpret_cast<uintptr_t>(at) - length, std::memory_order_relaxed);
      const int number = chunks_.fetch_add(1, std::memory_order_relaxed);
      if (number == 0) Populate(at, kReadOnlyUse);
      if (number >= g_sparse_chunks && kiln_populates_heap) Populate(at, length);
    }
    return at;
  }
  bool FreePages(void* address, size_t length) override {
    ForgetLazyHeap(address, length);
    return munmap(address, length) == 0;
  }
  bool ReleasePages(void* address, size_t length, size_t new_length) override {
    return FreePages(static_cast<char*>(address) + new_length, length - new_length);
  }
  bool SetPermissions(void* address, size_t length, Permission permission) override {
    if (mprotect(address, length, Protection(permission)) != 0) return false;
    // Memory that cannot be read any more is released.
    if (permission == kNoAccess) {
      ForgetLazyHeap(address, length);
      madvise(address, length, MADV_DONTNEED);
    }
    return true;
  }
  bool RecommitPages(void*, size_t, Permission) override { return true; }
  bool DiscardSystemPages(void* address, size_t length) override {
    return madvise(address, length, MADV_DONTNEED) == 0;
  }
  bool DecommitPages(void* address, size_t length) override {
    ForgetLazyHeap(address, length);
    return mmap(address, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
                -1, 0) == address;
  }

 private:
  static void* MapAligned(size_t length, size_t alignment, int protection) {
    const size_t padded = length + alignment - kPage;
    void* base = Map(nullptr, padded, protection);
    if (!base) return nullptr;
    const auto begin = reinterpret_cast<uintptr_t>(base);
    const uintptr_t at = RoundUp(begin, alignment);
    if (at > begin) munmap(base, at - begin);
    if (at + length < begin + padded)
      munmap(reinterpret_cast<void*>(at + length), begin + padded - at - length);
    return reinterpret_cast<void*>(at);
  }

  std::atomic<uintptr_t> next_chunk_ = 0;  // where the next one fits well
  std::atomic<int> chunks_ = 0;
  uint64_t seed_ = 0;  // 0: the kernel chooses
};

}  // namespace

}  // namespace kiln::runtime

void kiln_populate(void* begin, size_t bytes) {
  using namespace kiln::runtime;
  if (bytes == 0) return;
  const uintptr_t first = reinterpret_cast<uintptr_t>(begin) & ~(kPage - 1);
  Populate(reinterpret_cast<void*>(first),
           RoundUp(reinterpret_cast<uintptr_t>(begin) + bytes, kPage) - first);
}

// V8's table of code grows by segments, and a new one is filled with a list of free entries at once:
// hello world needs two.
bool __wrap__ZN2v84base2OS14SetPermissionsEPvmNS1_16MemoryPermissionE(void* address, size_t size,
                                                                      int access) {
  constexpr size_t kTableSegment = 64 * 1024;
  constexpr int kReadWrite = 2;
  const bool done =
      __real__ZN2v84base2OS14SetPermissionsEPvmNS1_16MemoryPermissionE(address, size, access);
  if (done && size == kTableSegment && access == kReadWrite) kiln_populate(address, size);
  return done;
}

namespace kiln::runtime {

v8::PageAllocator& PagesOfTheProcess() {
  static Pages& pages = *new Pages;
  return pages;
}

void WarmMalloc(size_t bytes) {
  // A compiler thread frees all of its memory, but into its own arena; so all threads share one.
  mallopt(M_ARENA_MAX, 2);
  // malloc maps large blocks separately. When such a block is freed, it raises that limit to the
  // block's size, and the limit for returning memory to the kernel to twice that. After this the
  // heap keeps buffers of a megabyte, which programs use again and again. Volatile, because a
  // compiler removes an allocation that is not used.
  void* volatile piece = std::malloc(kLargeAllocation);
  std::free(piece);
  piece = std::malloc(bytes);
  if (!piece) return;
  const uintptr_t begin = RoundUp(reinterpret_cast<uintptr_t>(piece), kPage);
  Populate(reinterpret_cast<void*>(begin), bytes - kPage);
  std::free(piece);
}

void* UntouchedMemory(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

void ExpectYoungGeneration(size_t bytes) { g_sparse_chunks = 1 + int(bytes / kChunk); }

void WarmData() {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(__data_start) & ~(kPage - 1);
  Populate(reinterpret_cast<void*>(begin),
           RoundUp(reinterpret_cast<uintptr_t>(_end), kPage) - begin);
}

void ReleaseConstants(std::span<const uint8_t> bytes) {
  const uintptr_t begin = RoundUp(reinterpret_cast<uintptr_t>(bytes.data()), kPage);
  const uintptr_t end = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size()) & ~(kPage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace kiln::runtime
