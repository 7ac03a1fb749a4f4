// How many microtasks wait in the queue of a context. V8's interface cannot tell, so this reads the
// length of the queue in memory, where Find() has seen it grow and shrink.
#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>

namespace kiln::runtime {

class MicrotaskCount {
 public:
  // Finds the length with microtasks of its own, and runs all that wait. False if V8's queue has an
  // unknown layout.
  bool Find(v8::Isolate* isolate, v8::Local<v8::Context> context);
  // 0 if Find() has not succeeded.
  int64_t Get() const { return size_ ? *size_ : 0; }

 private:
  const volatile int64_t* size_ = nullptr;
};

}  // namespace kiln::runtime
