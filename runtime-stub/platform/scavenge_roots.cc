// Makes collections of the young generation cheaper. In each of them V8 visits as roots all entries
// of two arrays: the objects that a context in the snapshot may refer to (about 14000 with Node's
// library). In an HTTP server, where little survives, that was 0.74 of the 0.82 million instructions
// of a collection. V8 allocates these objects in the old generation, and fills the arrays only while
// it reads a snapshot, so a scavenge, which looks for references to young objects, finds nothing
// there. The linker's --wrap (kiln_wrapped_functions in link.cmake) directs V8's calls to the
// functions below; other visitors still see all entries.
#include <v8.h>

#include <cstdint>

static_assert(V8_MAJOR_VERSION == 13 && V8_MINOR_VERSION == 6 && V8_BUILD_NUMBER == 233,
              "another V8: check that deserializer.cc allocates nothing in the young generation");

namespace v8::internal {
class Isolate;
class RootVisitor;
}  // namespace v8::internal

using v8::internal::Isolate;
using v8::internal::RootVisitor;

extern "C" {
// SerializerDeserializer::IterateStartupObjectCache(Isolate*, RootVisitor*) and
// IterateSharedHeapObjectCache(Isolate*, RootVisitor*), static member functions.
void __real__ZN2v88internal22SerializerDeserializer25IterateStartupObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
    Isolate*, RootVisitor*);
void __real__ZN2v88internal22SerializerDeserializer28IterateSharedHeapObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
    Isolate*, RootVisitor*);
void __wrap__ZN2v88internal22SerializerDeserializer25IterateStartupObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
    Isolate*, RootVisitor*);
void __wrap__ZN2v88internal22SerializerDeserializer28IterateSharedHeapObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
    Isolate*, RootVisitor*);
// The table of virtual functions of RootScavengeVisitor, the final class with which a scavenge
// visits roots.
extern const uintptr_t _ZTVN2v88internal19RootScavengeVisitorE[];
}

namespace {

// The first word of an object with virtual functions points behind the two words with which its
// class's table begins.
bool IsScavenge(const RootVisitor* visitor) {
  return *reinterpret_cast<const uintptr_t* const*>(visitor) ==
         _ZTVN2v88internal19RootScavengeVisitorE + 2;
}

}  // namespace

void __wrap__ZN2v88internal22SerializerDeserializer25IterateStartupObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
    Isolate* isolate, RootVisitor* visitor) {
  if (IsScavenge(visitor)) return;
  __real__ZN2v88internal22SerializerDeserializer25IterateStartupObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
      isolate, visitor);
}

void __wrap__ZN2v88internal22SerializerDeserializer28IterateSharedHeapObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
    Isolate* isolate, RootVisitor* visitor) {
  if (IsScavenge(visitor)) return;
  __real__ZN2v88internal22SerializerDeserializer28IterateSharedHeapObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE(
      isolate, visitor);
}
