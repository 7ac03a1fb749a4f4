// Where the process's stack ends and where its program lies in the file: V8 reads /proc/self/maps for
// each of both at start, which the kernel has to write, and which V8 has to parse. The linker's
// --wrap (kiln_wrapped_functions in link.cmake) directs V8's calls to the functions below.
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

extern "C" void* __libc_stack_end;

// base::OS::RemapPages(address, size, new_address, access), and the value of its last parameter for
// code, OS::MemoryPermission::kReadExecute.
extern "C" bool __real__ZN2v84base2OS10RemapPagesEPKvmPvNS1_16MemoryPermissionE(const void*, size_t,
                                                                                void*, int);
extern "C" bool __wrap__ZN2v84base2OS10RemapPagesEPKvmPvNS1_16MemoryPermissionE(const void*, size_t,
                                                                                void*, int);
// base::Stack::ObtainCurrentThreadStackStart()
extern "C" void* __real__ZN2v84base5Stack29ObtainCurrentThreadStackStartEv();
extern "C" void* __wrap__ZN2v84base5Stack29ObtainCurrentThreadStackStartEv();

namespace {

constexpr int kReadExecute = 4;

struct Place {
  uintptr_t address;
  size_t size;
  off_t offset = -1;
};

// dl_iterate_phdr()'s callback for the program itself, which comes first.
int FindInProgram(dl_phdr_info* info, size_t, void* data) {
  auto& place = *static_cast<Place*>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0 || place.address < begin) continue;
    const size_t skipped = place.address - begin;
    if (skipped + place.size <= part.p_filesz) place.offset = off_t(part.p_offset + skipped);
  }
  return 1;
}

}  // namespace

// V8 maps its builtins a second time, next to the code that it compiles.
bool __wrap__ZN2v84base2OS10RemapPagesEPKvmPvNS1_16MemoryPermissionE(const void* address,
                                                                     size_t size, void* new_address,
                                                                     int access) {
  Place place = {reinterpret_cast<uintptr_t>(address), size};
  dl_iterate_phdr(FindInProgram, &place);
  if (access == kReadExecute && place.offset >= 0) {
    const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    void* at =
        mmap(new_address, size, PROT_READ | PROT_EXEC, MAP_FIXED | MAP_PRIVATE, file, place.offset);
    close(file);
    return at == new_address;
  }
  return __real__ZN2v84base2OS10RemapPagesEPKvmPvNS1_16MemoryPermissionE(address, size, new_address,
                                                                         access);
}

// All frames of the main thread are below; behind it are arguments and the environment. V8 itself does
// this where pthread_getattr_np() fails.
void* __wrap__ZN2v84base5Stack29ObtainCurrentThreadStackStartEv() {
  if (gettid() == getpid()) return __libc_stack_end;
  return __real__ZN2v84base5Stack29ObtainCurrentThreadStackStartEv();
}
