// The variables of closures, which V8 keeps in contexts. V8's interface has no access to them, so this
// reads and writes V8's objects in memory, as they are laid out in the V8 that Kiln is linked with.
// The snapshot builder checks that layout (snapshot_builder/heap_graph.h); the same V8 runs when the
// executable starts.
#pragma once

#include <v8.h>

namespace kiln::runtime {

// Of a FixedArray and of a Context: its map, its length as a small integer, and its elements.
constexpr int kHeapWord = v8::internal::kApiTaggedSize;
constexpr int kLengthOffset = kHeapWord;
constexpr int kElementsOffset = 2 * kHeapWord;
// Of a Context: its ScopeInfo and the outer context come first.
constexpr int kScopeInfo = 0, kPrevious = 1, kFirstVariable = 2;

inline bool IsHeapObject(v8::internal::Address value) {
  return v8::internal::Internals::HasHeapObjectTag(value);
}
inline v8::internal::Address FieldOf(v8::internal::Address object, int offset) {
  return v8::internal::Internals::ReadTaggedPointerField(object, offset);
}
// -1 if the object has no length.
int LengthOf(v8::internal::Address object);
inline v8::internal::Address ElementOf(v8::internal::Address object, int index) {
  return FieldOf(object, kElementsOffset + index * kHeapWord);
}
template <class T>
v8::internal::Address AddressOf(v8::Local<T> value) {
  return v8::internal::ValueHelper::ValueAsAddress(*value);
}
// A handle for an object in the heap, or a small integer.
v8::Local<v8::Value> HandleOf(v8::Isolate* isolate, v8::internal::Address value);

// A variable of a closure: `depth` is 0 for the context of the function, 1 for the next outer one.
struct ClosureVariable {
  v8::Local<v8::Function> function;
  int depth = 0;
  int slot = 0;  // of the context; kFirstVariable is the first variable
};

// Stores the value, also in a constant. `context_offset` is that of the context in a function. Returns
// false if there is no such variable.
bool SetClosureVariable(v8::Isolate* isolate, int context_offset, const ClosureVariable& variable,
                        v8::Local<v8::Value> value);

}  // namespace kiln::runtime
