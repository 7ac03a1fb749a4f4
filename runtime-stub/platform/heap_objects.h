// V8's objects in memory, for what V8's interface has no functions: the objects of the heap, one by
// one, and the code of functions. Layouts are those of one version of V8; heap_objects.cc checks the
// version.
#pragma once

#include <v8.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace v8::internal {
class Heap;
}  // namespace v8::internal

namespace kiln::runtime {

using v8::internal::Address;

// Fields of a Script, a SharedFunctionInfo and a JSFunction.
constexpr int kScriptSource = v8::internal::kApiTaggedSize;
constexpr int kScriptName = 2 * v8::internal::kApiTaggedSize;
constexpr int kFunctionData = v8::internal::kApiTaggedSize;
constexpr int kScript = 5 * v8::internal::kApiTaggedSize;
constexpr int kFunctionFlags = 7 * v8::internal::kApiTaggedSize;
constexpr int kFunctionLiteral = 7 * v8::internal::kApiTaggedSize + 4;
constexpr int kAge = 8 * v8::internal::kApiTaggedSize + 4;
constexpr int kFunctionPadding = kAge + 2;  // 16 bits without a meaning
constexpr int kSharedFunctionInfo = 4 * v8::internal::kApiTaggedSize;
// Instance types of what a SharedFunctionInfo has for code, which Torque numbers:
// UNCOMPILED_DATA_WITH(OUT)_PREPARSE_DATA_TYPE and BYTECODE_ARRAY_TYPE.
constexpr int kUncompiledDataTypes[] = {175, 177};
constexpr int kBytecodeArrayType = 186;

inline Address Field(Address object, int offset) {
  return v8::internal::Internals::ReadRawField<Address>(object, offset);
}
inline Address MapOf(Address object) { return Field(object, 0); }
// The type of what a SharedFunctionInfo has for code, -1 for a function of V8.
inline int TypeOfData(Address shared) {
  Address data = Field(shared, kFunctionData);
  return v8::internal::Internals::HasHeapObjectTag(data)
             ? v8::internal::Internals::GetInstanceType(data)
             : -1;
}

// A function of V8 that is present in every context, as an example for types and layouts. Ends the
// process if V8 has another layout.
Address ExampleFunction(v8::Isolate* isolate);
void StopIf(bool unknown_layout);

// The objects of the heap, without those of the read-only space. Nothing may be allocated while
// there is one.
class HeapObjects {
 public:
  explicit HeapObjects(v8::internal::Heap* heap);
  ~HeapObjects();
  HeapObjects(const HeapObjects&) = delete;
  HeapObjects& operator=(const HeapObjects&) = delete;

  Address Next();  // null at the end

 private:
  alignas(16) char iterator_[512];  // a HeapObjectIterator has less than 100 bytes
};

class Handles : public v8::HandleScope {
 public:
  using v8::HandleScope::HandleScope;
  static Address* Make(v8::Isolate* isolate, Address object) {
    return CreateHandle(reinterpret_cast<v8::internal::Isolate*>(isolate), object);
  }
  static v8::Local<v8::Value> MakeLocal(v8::Isolate* isolate, Address object) {
    Address* slot = Make(isolate, object);
    v8::Local<v8::Value> local;
    static_assert(sizeof local == sizeof slot);
    std::memcpy(static_cast<void*>(&local), &slot, sizeof slot);
    return local;
  }
};

// The heap of the process's main isolate, for the snapshot builder and training runs. Collects garbage
// the first time, unless DiscardCode() has found it before.
v8::internal::Heap* FindHeap(v8::Isolate* isolate);
void RememberHeap(v8::internal::Heap* heap);

// Calls visit(object) for each object of JavaScript in the heap, also for garbage that has not been
// collected. `visit` must not allocate in V8's heap. The handle is valid during the call.
template <class Visit>
void ForEachObject(v8::Isolate* isolate, Visit visit) {
  HeapObjects objects(FindHeap(isolate));
  // Whether objects of an instance type are objects of JavaScript, 0: not known. Handles are made only for these.
  enum : uint8_t { kNo = 1, kYes = 2 };
  std::vector<uint8_t> is_object(1 << 16, 0);
  while (Address object = objects.Next()) {
    uint8_t& known = is_object[size_t(v8::internal::Internals::GetInstanceType(object))];
    if (known == kNo) continue;
    v8::HandleScope scope(isolate);
    v8::Local<v8::Value> value = Handles::MakeLocal(isolate, object);
    if (known == 0) known = value->IsObject() ? kYes : kNo;
    if (known == kYes) visit(value.As<v8::Object>());
  }
}

// Something to do after V8 has collected all garbage, which passes the heap's address.
class HeapWork {
 public:
  virtual ~HeapWork() = default;
  virtual void Run(v8::internal::Heap* heap) = 0;
};

// Done once, at the next call of Heap::CollectAllAvailableGarbage(), which LowMemoryNotification()
// makes, and V8 before it writes the heap (SnapshotCreator::CreateBlob). V8 collects garbage again
// afterwards. On the isolate's thread, without JavaScript on the stack.
void WorkOnHeap(std::unique_ptr<HeapWork> work);

// Discards the bytecode, with its constants and variable names, of a function that has bytecode, as V8
// does with code that has not run for a while. `shared` is a handle of a SharedFunctionInfo.
void DiscardCompiled(v8::Isolate* isolate, Address* shared);

}  // namespace kiln::runtime
