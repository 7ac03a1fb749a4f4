#include "runtime-stub/bindings/crypto/common/record_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>

#include <cstddef>
#include <cstdlib>

namespace kiln::runtime {

namespace {

// A record has at most 16 kB of text; with its header and padding the buffers are a bit larger.
constexpr size_t kLeast = 16 * 1024;
constexpr size_t kBlock = 18 * 1024;
// glibc rounds sizes up by less than this.
constexpr size_t kRounding = 32;
// A WPACKET_SUB, of which a record takes four. malloc() has blocks of 24, 40, 56 … bytes.
constexpr size_t kSmall = 40;
constexpr int kMostKept = 4;

struct Kept {
  void* blocks[kMostKept] = {};
  int count = 0;

  void* Take(size_t size) { return count > 0 ? blocks[--count] : std::malloc(size); }
  bool Keep(void* memory) {
    if (count < 0 || count == kMostKept) return false;
    if (count == 0) ReleaseAtEnd();
    blocks[count++] = memory;
    return true;
  }
  // Of a thread that ends, which may free more afterwards.
  void Release() {
    while (count > 0) std::free(blocks[--count]);
    count = -1;
  }
  static void ReleaseAtEnd();
};
constinit thread_local Kept small, large;

// Has no cost where a block is kept or taken, as a destructor of Kept would.
void Kept::ReleaseAtEnd() {
  struct End {
    ~End() {
      small.Release();
      large.Release();
    }
  };
  [[maybe_unused]] static thread_local End end;
}

void* Allocate(size_t size, const char*, int) {
  if (size == kSmall) return small.Take(kSmall);
  if (size == 0) return nullptr;  // as OpenSSL's own function
  if (size < kLeast || size > kBlock) return std::malloc(size);
  return large.Take(kBlock);
}

void Free(void* memory, const char*, int) {
  if (!memory) return;
  size_t size = malloc_usable_size(memory);
  if (size == kSmall ? small.Keep(memory)
                     : size >= kBlock && size < kBlock + kRounding && large.Keep(memory))
    return;
  std::free(memory);
}

void* Reallocate(void* memory, size_t size, const char* file, int line) {
  if (size > 0) return std::realloc(memory, size);
  Free(memory, file, line);
  return nullptr;
}

}  // namespace

void UseRecordMemory() {
// AddressSanitizer sees each allocation only without it.
#if !__has_feature(address_sanitizer)
  CRYPTO_set_mem_functions(Allocate, Reallocate, Free);
#endif
}

}  // namespace kiln::runtime
