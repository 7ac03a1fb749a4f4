// Replaces glibc's internal functions that load shared libraries. Without this a static executable
// still tries to load the modules that /etc/nsswitch.conf and the character sets name
// (libnss_systemd.so, libnss_mdns4.so), and on a machine with another glibc that crashes inside the
// module. The linker takes these before those of libc.a; the services that are linked statically,
// files and dns, remain. (Calling __nss_configure_lookup for each database would cost time at start.)
extern "C" {

void* __libc_dlopen_mode(const char*, int) { return nullptr; }
void* __libc_dlsym(void*, const char*) { return nullptr; }
void* __libc_dlvsym(void*, const char*, const char*) { return nullptr; }
int __libc_dlclose(void*) { return 0; }

}  // extern "C"
