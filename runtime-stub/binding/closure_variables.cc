// A value is stored by v8::PrimitiveArray::Set(): a context has the same layout as the FixedArray that
// it expects, so V8 itself stores the value, with its write barriers.
#include "runtime-stub/binding/closure_variables.h"

#include <cstring>

namespace kiln::runtime {

namespace {

using v8::internal::Address;
using v8::internal::Internals;
static_assert(kHeapWord == sizeof(Address), "written for V8 without compressed pointers");

// Gives access to V8's function that makes a handle.
class Handles : public v8::HandleScope {
 public:
  static v8::Local<v8::Value> Make(v8::Isolate* isolate, Address value) {
    Address* slot = CreateHandle(reinterpret_cast<v8::internal::Isolate*>(isolate), value);
    v8::Local<v8::Value> local;
    static_assert(sizeof local == sizeof slot);
    std::memcpy(static_cast<void*>(&local), &slot, sizeof slot);
    return local;
  }
};

// V8 does not check types that its interface has no way to confuse.
template <class T>
v8::Local<T> Reinterpret(v8::Local<v8::Value> value) {
  v8::Local<T> out;
  static_assert(sizeof out == sizeof value);
  std::memcpy(static_cast<void*>(&out), &value, sizeof value);
  return out;
}

}  // namespace

v8::Local<v8::Value> HandleOf(v8::Isolate* isolate, Address value) {
  return Handles::Make(isolate, value);
}

int LengthOf(Address object) {
  Address length = FieldOf(object, kLengthOffset);
  return IsHeapObject(length) ? -1 : Internals::SmiValue(length);
}

bool SetClosureVariable(v8::Isolate* isolate, int context_offset, const ClosureVariable& variable,
                        v8::Local<v8::Value> value) {
  v8::HandleScope scope(isolate);
  Address context = FieldOf(AddressOf(variable.function), context_offset);
  for (int i = 0; i < variable.depth && IsHeapObject(context); i++)
    context = ElementOf(context, kPrevious);
  if (!IsHeapObject(context) || variable.slot < kFirstVariable ||
      variable.slot >= LengthOf(context))
    return false;
  auto array = Reinterpret<v8::PrimitiveArray>(HandleOf(isolate, context));
  array->Set(isolate, variable.slot, Reinterpret<v8::Primitive>(value));
  return true;
}

}  // namespace kiln::runtime
