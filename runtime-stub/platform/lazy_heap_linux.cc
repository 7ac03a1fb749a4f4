// A chunk is filled in new memory, which mremap() then moves to where the chunk is. So other threads see
// it empty and wait for the lock in their own signal handlers, or complete, and never half filled.
//
// Objects to which a chunk refers may be moved only by a collection that has marked all that refers to
// them, and marking touches it. What is never touched is garbage, and is filled, in vain, when its
// memory is used again.
#include "runtime-stub/platform/lazy_heap.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/platform/environment.h"

extern "C" {
bool kiln_can_fill_when_touched();
void kiln_fill_when_touched(uintptr_t* words, const uint8_t* source, size_t bytes,
                            const uintptr_t* differences);
}

namespace kiln::runtime {

namespace {

constexpr size_t kPage = 4096;
constexpr size_t kChunk = 8 * kPage;
constexpr size_t kWord = sizeof(uintptr_t);

// As the image has it: words, then a bitmap of those that are pointers.
struct Segment {
  uintptr_t begin, end;
  const uint8_t* words;
  const uintptr_t* differences;
};

// Whole pages with segments one behind the other, which have no access until they are filled.
struct Pages {
  uintptr_t begin, end;
  std::vector<bool> is_filled;  // by chunk
};

// Nothing that happens while it is locked touches a lazy chunk.
class Lock {
 public:
  Lock() {
    while (locked_.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Lock() { locked_.clear(std::memory_order_release); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  static inline std::atomic_flag locked_;
};

template <typename T>
auto FirstThatEndsBehind(T& sorted, uintptr_t address) {
  return std::upper_bound(sorted.begin(), sorted.end(), address,
                          [](uintptr_t at, const auto& one) { return at < one.end; });
}

[[noreturn]] void Fail(std::string_view what) {
  (void)!write(2, what.data(), what.size());
  std::abort();
}

class LazyHeap {
 public:
  void Add(const Segment& segment) { added_.push_back(segment); }

  // All of an image have been added.
  void Protect() {
    std::ranges::sort(added_, {}, &Segment::begin);
    for (size_t i = 0; i < added_.size();) {
      const uintptr_t first = added_[i].begin;
      uintptr_t last = first;
      for (; i < added_.size() && added_[i].begin == last; i++) last = added_[i].end;
      const uintptr_t begin = (first + kPage - 1) & ~(kPage - 1), end = last & ~(kPage - 1);
      if (begin >= end || mprotect(reinterpret_cast<void*>(begin), end - begin, PROT_NONE) != 0) {
        CopyAdded(first, last);
        continue;
      }
      CopyAdded(first, begin);
      CopyAdded(end, last);
      pages_.push_back({begin, end, std::vector<bool>((end - begin + kChunk - 1) / kChunk)});
    }
    segments_.insert(segments_.end(), added_.begin(), added_.end());
    std::ranges::sort(segments_, {}, &Segment::begin);
    std::ranges::sort(pages_, {}, &Pages::begin);
    added_.clear();
    is_empty_.store(pages_.empty(), std::memory_order_relaxed);
  }

  bool is_empty() const { return is_empty_.load(std::memory_order_relaxed); }

  // Returns whether the access can be tried again.
  bool Touch(uintptr_t address) {
    auto found = FirstThatEndsBehind(pages_, address);
    if (found == pages_.end() || address < found->begin) return false;
    // Several threads may have touched it, but one that has no access after it is filled never will.
    constexpr int kMostThreads = 1000;
    const size_t chunk = (address - found->begin) / kChunk;
    if (found->is_filled[chunk]) return ++vain_faults_ < kMostThreads;
    vain_faults_ = 0;
    Fill(*found, chunk);
    return true;
  }

  void FillAll() {
    for (Pages& pages : pages_)
      for (size_t i = 0; i < pages.is_filled.size(); i++) Fill(pages, i);
    Clear();
  }

  void Forget(uintptr_t begin, uintptr_t end) {
    std::erase_if(pages_, [&](Pages& pages) {
      if (pages.end <= begin || pages.begin >= end) return false;
      if (pages.begin < begin || pages.end > end)
        for (size_t i = 0; i < pages.is_filled.size(); i++) Fill(pages, i);
      return true;
    });
    if (pages_.empty()) Clear();
  }

 private:
  void Clear() {
    pages_.clear();
    segments_.clear();
    is_empty_.store(true, std::memory_order_relaxed);
  }

  void CopyAdded(uintptr_t from, uintptr_t to) {
    Copy(added_, from, to, reinterpret_cast<char*>(from));
  }

  void Fill(Pages& pages, size_t number) {
    if (pages.is_filled[number]) return;
    const uintptr_t begin = pages.begin + number * kChunk;
    const size_t bytes = std::min(kChunk, pages.end - begin);
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) Fail("kiln: no memory is left for the heap\n");
    Copy(segments_, begin, begin + bytes, static_cast<char*>(memory));
    if (mremap(memory, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
               reinterpret_cast<void*>(begin)) == MAP_FAILED)
      Fail("kiln: no memory is left for the heap\n");
    pages.is_filled[number] = true;
  }

  // Copies what belongs between two addresses to `out`, with pointers to where the objects are now.
  static void Copy(const std::vector<Segment>& segments, uintptr_t from, uintptr_t to, char* out) {
    for (auto segment = FirstThatEndsBehind(segments, from);
         segment != segments.end() && segment->begin < to; ++segment) {
      const uintptr_t begin = std::max(from, segment->begin), end = std::min(to, segment->end);
      const size_t first = (begin - segment->begin) / kWord, last = (end - segment->begin) / kWord;
      char* const words = out + (begin - from);
      std::memcpy(words, segment->words + first * kWord, end - begin);
      const uint8_t* bitmap = segment->words + (segment->end - segment->begin);
      for (size_t element = first / 64; element * 64 < last; element++) {
        uint64_t bits;
        std::memcpy(&bits, bitmap + element * sizeof bits, sizeof bits);
        if (element * 64 < first) bits &= ~uint64_t{0} << first % 64;
        if (last - element * 64 < 64) bits &= ~(~uint64_t{0} << last % 64);
        for (; bits != 0; bits &= bits - 1) {
          char* at = words + (element * 64 + size_t(std::countr_zero(bits)) - first) * kWord;
          uintptr_t word;
          std::memcpy(&word, at, kWord);
          word += segment->differences[word >> 32];
          std::memcpy(at, &word, kWord);
        }
      }
    }
  }

  std::vector<Segment> segments_, added_;  // sorted by address, as pages_
  std::vector<Pages> pages_;
  int vain_faults_ = 0;
  std::atomic<bool> is_empty_ = true;
};

LazyHeap& TheLazyHeap() {
  static LazyHeap& heap = *new LazyHeap;
  return heap;
}

struct sigaction g_previous;

void OnFault(int number, siginfo_t* info, void* context) {
  const int error = errno;
  if (info->si_code == SEGV_ACCERR) {
    bool touched;
    {
      Lock lock;
      touched = TheLazyHeap().Touch(reinterpret_cast<uintptr_t>(info->si_addr));
    }
    errno = error;
    if (touched) return;
  }
  if (g_previous.sa_flags & SA_SIGINFO) return g_previous.sa_sigaction(number, info, context);
  // An access is repeated, and ends the process. What somebody has sent is sent again.
  signal(SIGSEGV, SIG_DFL);
  if (info->si_code <= 0) raise(number);
}

// Valgrind's default is to know the registers only roughly when a signal comes, so the program cannot go
// on after the handler. It sets this variable for its programs, static ones too.
bool IsInValgrind() {
  return ReadUntrusted("LD_PRELOAD").value_or("").find("/vgpreload_") != std::string::npos;
}

bool HandleFaults() {
  struct sigaction action = {};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  return sigaction(SIGSEGV, &action, &g_previous) == 0;
}

}  // namespace

void FillLazyHeap() {
  Lock lock;
  TheLazyHeap().FillAll();
}

void ForgetLazyHeap(void* begin, size_t bytes) {
  if (TheLazyHeap().is_empty()) return;
  Lock lock;
  const auto address = reinterpret_cast<uintptr_t>(begin);
  TheLazyHeap().Forget(address, address + bytes);
}

}  // namespace kiln::runtime

bool kiln_can_fill_when_touched() {
  if (gettid() != getpid()) return false;  // one thread at a time adds segments
  static const bool can = !kiln::runtime::IsInValgrind() && kiln::runtime::HandleFaults();
  return can;
}

void kiln_fill_when_touched(uintptr_t* words, const uint8_t* source, size_t bytes,
                            const uintptr_t* differences) {
  using namespace kiln::runtime;
  Lock lock;
  const auto begin = reinterpret_cast<uintptr_t>(words);
  if (words)
    TheLazyHeap().Add({begin, begin + bytes, source, differences});
  else
    TheLazyHeap().Protect();
}
