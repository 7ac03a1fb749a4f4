#include "runtime-stub/snapshot_builder/microtask_count.h"

namespace kiln::runtime {

bool MicrotaskCount::Find(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  // Of v8::internal::MicrotaskQueue: the pointer to its virtual functions, then its size_.
  constexpr size_t kSizeIndex = 1;
  static_assert(sizeof(intptr_t) == sizeof(int64_t));
  v8::MicrotaskQueue* queue = context->GetMicrotaskQueue();
  const volatile int64_t* size = reinterpret_cast<const int64_t*>(queue) + kSizeIndex;
  queue->PerformCheckpoint(isolate);
  constexpr int kCount = 3;
  for (int i = 0; i < kCount; i++) {
    if (*size != i) return false;
    queue->EnqueueMicrotask(isolate, [](void*) {});
  }
  if (*size != kCount) return false;
  queue->PerformCheckpoint(isolate);
  if (*size != 0) return false;
  size_ = size;
  return true;
}

}  // namespace kiln::runtime
