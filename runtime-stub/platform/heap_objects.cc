// Calls V8's own functions by their mangled names. Heap::CollectAllAvailableGarbage() is wrapped by the
// linker (kiln_wrapped_functions in link.cmake), since it is called with the heap.
#include "runtime-stub/platform/heap_objects.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

using v8::internal::Heap;
using v8::internal::Internals;
using v8::internal::Isolate;

// A DirectHandle is the address of a slot that the collector knows.
extern "C" {
// Heap::CollectAllAvailableGarbage(GarbageCollectionReason)
void __real__ZN2v88internal4Heap26CollectAllAvailableGarbageENS0_23GarbageCollectionReasonE(Heap*,
                                                                                            int);
void __wrap__ZN2v88internal4Heap26CollectAllAvailableGarbageENS0_23GarbageCollectionReasonE(Heap*,
                                                                                            int);
// HeapObjectIterator(Heap*, HeapObjectsFiltering), its destructor, and Next(), null at the end
void _ZN2v88internal18HeapObjectIteratorC1EPNS0_4HeapENS1_20HeapObjectsFilteringE(void*, Heap*,
                                                                                  int);
void _ZN2v88internal18HeapObjectIteratorD1Ev(void*);
v8::internal::Address _ZN2v88internal18HeapObjectIterator4NextEv(void*);
// SharedFunctionInfo::DiscardCompiled(Isolate*, DirectHandle<SharedFunctionInfo>)
void _ZN2v88internal18SharedFunctionInfo15DiscardCompiledEPNS0_7IsolateENS0_12DirectHandleIS1_EE(
    Isolate*, v8::internal::Address*);
}

namespace kiln::runtime {

static_assert(V8_MAJOR_VERSION == 13 && V8_MINOR_VERSION == 6 && V8_BUILD_NUMBER == 233,
              "another V8: compare the layouts with shared-function-info.tq and script.tq");
static_assert(!v8::internal::PointerCompressionIsEnabled());

namespace {
std::unique_ptr<HeapWork> g_work;  // of the next collection
Heap* g_heap;                      // of the main isolate

class HeapFinder final : public HeapWork {
  void Run(Heap* heap) override { g_heap = heap; }
};
}  // namespace

void StopIf(bool unknown_layout) {
  if (!unknown_layout) return;
  std::fputs("kiln: a function of V8 has another layout than heap_objects.h expects\n", stderr);
  std::abort();
}

Address ExampleFunction(v8::Isolate* isolate) {
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> object;
  StopIf(!context->Global()
              ->Get(context, v8::String::NewFromUtf8Literal(isolate, "Object"))
              .ToLocal(&object) ||
         !object->IsFunction());
  return v8::internal::ValueHelper::ValueAsAddress(*object);
}

HeapObjects::HeapObjects(Heap* heap) {
  _ZN2v88internal18HeapObjectIteratorC1EPNS0_4HeapENS1_20HeapObjectsFilteringE(iterator_, heap, 0);
}
HeapObjects::~HeapObjects() { _ZN2v88internal18HeapObjectIteratorD1Ev(iterator_); }
Address HeapObjects::Next() { return _ZN2v88internal18HeapObjectIterator4NextEv(iterator_); }

void WorkOnHeap(std::unique_ptr<HeapWork> work) { g_work = std::move(work); }

Heap* FindHeap(v8::Isolate* isolate) {
  if (!g_heap) {
    WorkOnHeap(std::make_unique<HeapFinder>());
    isolate->LowMemoryNotification();
  }
  return g_heap;
}
void RememberHeap(Heap* heap) { g_heap = heap; }

void DiscardCompiled(v8::Isolate* isolate, Address* shared) {
  _ZN2v88internal18SharedFunctionInfo15DiscardCompiledEPNS0_7IsolateENS0_12DirectHandleIS1_EE(
      reinterpret_cast<Isolate*>(isolate), shared);
}

}  // namespace kiln::runtime

void __wrap__ZN2v88internal4Heap26CollectAllAvailableGarbageENS0_23GarbageCollectionReasonE(
    Heap* heap, int reason) {
  auto collect =
      __real__ZN2v88internal4Heap26CollectAllAvailableGarbageENS0_23GarbageCollectionReasonE;
  collect(heap, reason);
  if (!kiln::runtime::g_work) return;
  std::exchange(kiln::runtime::g_work, nullptr)->Run(heap);
  collect(heap, reason);
}
