// glibc's own door to shared libraries, walled up. A static executable still tries to load
// the modules that /etc/nsswitch.conf and the character sets name (libnss_systemd.so,
// libnss_mdns4.so); on a machine with another glibc that crashes inside the module. With
// these in front of libc.a's the services that are linked in remain: files and dns.
// (Costs nothing at start, unlike __nss_configure_lookup for each database.)
extern "C" {

void* __libc_dlopen_mode(const char*, int) { return nullptr; }
void* __libc_dlsym(void*, const char*) { return nullptr; }
void* __libc_dlvsym(void*, const char*, const char*) { return nullptr; }
int __libc_dlclose(void*) { return 0; }

}  // extern "C"
