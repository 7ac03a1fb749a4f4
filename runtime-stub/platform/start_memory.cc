#include "runtime-stub/platform/start_memory.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "runtime-stub/platform/page_allocator.h"

namespace kiln::runtime {
namespace {

// What hello world allocates in blocks of up to kLargest, and a bit more.
constexpr size_t kCapacity = 288 * 1024;
constexpr size_t kLargest = 4608;
constexpr size_t kAlignment = 16;
// A StubCache: two tables of 2048 and 512 entries of three words, and the isolate.
constexpr size_t kStubCacheIsolate = size_t{2048 + 512} * 3 * sizeof(void*);
constexpr size_t kStubCache = kStubCacheIsolate + sizeof(void*);
constexpr size_t kStubCacheStep = (kStubCache + kAlignment - 1) & ~(kAlignment - 1);
constexpr size_t kStubCaches = 3;

struct Region {
  uintptr_t begin = 0, next = 0, end = 0;

  void Set(void* memory, size_t size) {
    begin = next = reinterpret_cast<uintptr_t>(memory);
    end = begin + size;
  }
  bool Has(const void* block) const {
    return reinterpret_cast<uintptr_t>(block) - begin < end - begin;
  }
  void* Take(size_t size) {
    if (size > end - next) return nullptr;
    void* block = reinterpret_cast<void*>(next);
    next += size;
    return block;
  }
};

bool g_open = false;
Region g_small, g_untouched;

void* Take(size_t size) {
  if (size <= kLargest) return g_small.Take((size + kAlignment - 1) & ~(kAlignment - 1));
  return size == kStubCache ? g_untouched.Take(kStubCacheStep) : nullptr;
}

}  // namespace

void OpenStartMemory() {
#if !__has_feature(address_sanitizer)  // has its own `new`
  if (void* memory = std::malloc(kCapacity)) g_small.Set(memory, kCapacity);
  if (void* memory = UntouchedMemory(kStubCaches * kStubCacheStep))
    g_untouched.Set(memory, kStubCaches * kStubCacheStep);
  g_open = true;
#endif
}

void CloseStartMemory() { g_open = false; }

}  // namespace kiln::runtime

#if !__has_feature(address_sanitizer)

namespace {

using namespace kiln::runtime;

inline void* New(size_t size) {
  if (g_open) {
    if (void* block = Take(size)) return block;
  }
  return std::malloc(size ? size : 1);
}

inline void Delete(void* block) {
  if (g_small.Has(block) || g_untouched.Has(block)) return;
  std::free(block);
}

}  // namespace

void* operator new(size_t size) {
  void* block = New(size);
  if (!block) [[unlikely]]
    std::abort();  // as without exceptions
  return block;
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return New(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return New(size); }
void operator delete(void* block) noexcept { Delete(block); }
void operator delete[](void* block) noexcept { Delete(block); }
void operator delete(void* block, size_t) noexcept { Delete(block); }
void operator delete[](void* block, size_t) noexcept { Delete(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { Delete(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { Delete(block); }

#endif

extern "C" {
// v8::internal::StubCache's constructor, which fills it with zeros, and Initialize(), which makes all
// entries empty. Zeros are as good: no name and no map has the address 0, and an entry whose map is a small
// integer is overwritten without a second look.
void __real__ZN2v88internal9StubCacheC1EPNS0_7IsolateE(void* cache, void* isolate);
void __real__ZN2v88internal9StubCache10InitializeEv(void* cache);
void __wrap__ZN2v88internal9StubCacheC1EPNS0_7IsolateE(void* cache, void* isolate);
void __wrap__ZN2v88internal9StubCache10InitializeEv(void* cache);

// v8::internal::MarkingBitmap::IsClean(), by which V8 checks each page that it adds to the young generation. A
// new page's bitmap is clean, and there are no others.
bool __real__ZNK2v88internal13MarkingBitmap7IsCleanEv(const void* bitmap);
bool __wrap__ZNK2v88internal13MarkingBitmap7IsCleanEv(const void* bitmap);
}

void __wrap__ZN2v88internal9StubCacheC1EPNS0_7IsolateE(void* cache, void* isolate) {
  if (!kiln::runtime::g_untouched.Has(cache))
    return __real__ZN2v88internal9StubCacheC1EPNS0_7IsolateE(cache, isolate);
  *reinterpret_cast<void**>(static_cast<char*>(cache) + kiln::runtime::kStubCacheIsolate) = isolate;
}

void __wrap__ZN2v88internal9StubCache10InitializeEv(void* cache) {
  if (!kiln::runtime::g_untouched.Has(cache)) __real__ZN2v88internal9StubCache10InitializeEv(cache);
}

bool __wrap__ZNK2v88internal13MarkingBitmap7IsCleanEv(const void* bitmap) {
  return kiln::runtime::g_open || __real__ZNK2v88internal13MarkingBitmap7IsCleanEv(bitmap);
}
