// The object of a request, as JavaScript passes it: `new WriteWrap()` and the like. Native
// code attaches itself to it, so it must be of a request's shape, which is one field, and
// not be taken: methods would find the wrong kind of native object behind it.
#pragma once

#include "runtime-stub/binding/serialize.h"

namespace kiln::runtime {

inline bool IsFreeRequest(v8::Local<v8::Value> value) {
  return value->IsObject() && value.As<v8::Object>()->InternalFieldCount() == 1 &&
         !NativeObject(value);
}

}  // namespace kiln::runtime
