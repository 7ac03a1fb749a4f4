// Replaces glibc's functions that load shared libraries, the public ones and the internal ones.
// Without the latter a static executable
// still tries to load the modules that /etc/nsswitch.conf and the character sets name
// (libnss_systemd.so, libnss_mdns4.so), and on a machine with another glibc that crashes inside the
// module. The linker takes these before those of libc.a; the services that are linked statically,
// files and dns, remain. (Calling __nss_configure_lookup for each database would cost time at start.)
//
// The public ones are used by OpenSSL, for providers and engines that a configuration names
// (OPENSSL_CONF): an executable must not run code that its build did not name.
#include <dlfcn.h>

extern "C" {

void* __libc_dlopen_mode(const char*, int) { return nullptr; }
void* __libc_dlsym(void*, const char*) { return nullptr; }
void* __libc_dlvsym(void*, const char*, const char*) { return nullptr; }
int __libc_dlclose(void*) { return 0; }

#if !__has_feature(address_sanitizer)  // whose runtime defines them too
static thread_local const char* dl_error;

void* dlopen(const char*, int) noexcept {
  dl_error = "a static executable cannot load shared libraries";
  return nullptr;
}
void* dlsym(void*, const char*) noexcept {
  dl_error = "a static executable has no symbols to look up";
  return nullptr;
}
int dlclose(void*) noexcept { return 0; }
char* dlerror() noexcept {
  const char* error = dl_error;
  dl_error = nullptr;
  return const_cast<char*>(error);
}
#endif

}  // extern "C"
