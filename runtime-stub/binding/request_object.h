// The object of a request, as JavaScript passes it: `new WriteWrap()` and the like. Native code
// attaches itself to it when the operation starts, so it must be an object of a request class that
// is not in use: the methods of another class would take the request for their own native object.
#pragma once

#include "runtime-stub/binding/serialize.h"

namespace kiln::runtime {

// Internal fields of the request classes; the first is Wrapped's, the others are there for the
// number. No other class may have this number of fields.
inline constexpr int kRequestFields = 4;

inline bool IsFreeRequest(v8::Local<v8::Value> value) {
  return value->IsObject() && value.As<v8::Object>()->InternalFieldCount() == kRequestFields &&
         !NativeObject(value);
}

}  // namespace kiln::runtime
