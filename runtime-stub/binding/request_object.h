// The object of a request that JavaScript passes to native code, such as `new WriteWrap()`. Native
// code attaches a request to it when the operation starts, so it must be an instance of a request
// class and not be in use. With an object of another class, the methods of that class would later
// use the request as their own native object.
#pragma once

#include "runtime-stub/binding/serialize.h"

namespace kiln::runtime {

// The number of internal fields of request classes, by which they are recognized: no other class
// may have this number. Only the first field is used, by Wrapped.
inline constexpr int kRequestFields = 4;

// Whether `value` is an object of a request class to which nothing is attached. Check it again
// after any call of JavaScript, which may use the object in the meantime.
inline bool IsFreeRequest(v8::Local<v8::Value> value) {
  return value->IsObject() && value.As<v8::Object>()->InternalFieldCount() == kRequestFields &&
         !NativeObject(value);
}

}  // namespace kiln::runtime
