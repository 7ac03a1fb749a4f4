// Convert<T>: JavaScript values to C++ values of type T and back, one specialization per type.
// FromJs() returns false if the value has another type, and does not run JavaScript; the thunk
// (binding.h) then throws a TypeError that names the argument, so that a wrong call from JavaScript
// cannot crash. ToJs() creates the value in the current HandleScope. A type without a
// specialization does not compile. Everything here is for the Env's thread.
#pragma once

#include <v8.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/env/env.h"

namespace kiln::runtime {

//   static bool FromJs(Env&, v8::Local<v8::Value>, T* out);   out is unspecified after false
//   static v8::Local<v8::Value> ToJs(Env&, T);                only if functions return T
template <class T>
struct Convert;

// The bytes of an ArrayBuffer, SharedArrayBuffer or any view on one. Borrowed, and valid only until
// JavaScript runs again, because it may detach or resize the buffer.
struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
  std::string_view view() const { return {reinterpret_cast<const char*>(data), size}; }
};
// False if the value is none of these. Null and 0 for a detached buffer. The address of a small
// on-heap array is made stable by moving its bytes out of the heap.
bool GetBytes(v8::Local<v8::Value> value, Bytes* out);

// A path as Node's fs accepts it: a string, as UTF-8, or bytes. False for other values. Zero bytes
// are kept; the caller must check for them.
bool GetPath(Env& env, v8::Local<v8::Value> value, std::string* out);

// A string as UTF-8. For other values the text of String(value), which may run JavaScript; empty if
// that throws, with the exception pending. Lone surrogates become U+FFFD.
std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::Value> value);

// Any value, by its truthiness.
template <>
struct Convert<bool> {
  static bool FromJs(Env& env, v8::Local<v8::Value> v, bool* out) {
    *out = v->BooleanValue(env.isolate);
    return true;
  }
  static v8::Local<v8::Value> ToJs(Env& env, bool v) { return v8::Boolean::New(env.isolate, v); }
};

// A number, also NaN and infinities. Objects and strings are not converted.
template <>
struct Convert<double> {
  static bool FromJs(Env&, v8::Local<v8::Value> v, double* out) {
    if (!v->IsNumber()) return false;
    *out = v.As<v8::Number>()->Value();
    return true;
  }
  static v8::Local<v8::Value> ToJs(Env& env, double v) { return v8::Number::New(env.isolate, v); }
};

// A number that is an integer in the range of the type; others, such as 1.5, -0 and 2 ** 32, are
// wrong arguments. uint32_t below is the same.
template <>
struct Convert<int32_t> {
  static bool FromJs(Env&, v8::Local<v8::Value> v, int32_t* out) {
    if (!v->IsInt32()) return false;
    *out = v.As<v8::Int32>()->Value();
    return true;
  }
  static v8::Local<v8::Value> ToJs(Env& env, int32_t v) { return v8::Integer::New(env.isolate, v); }
};

template <>
struct Convert<uint32_t> {
  static bool FromJs(Env&, v8::Local<v8::Value> v, uint32_t* out) {
    if (!v->IsUint32()) return false;
    *out = v.As<v8::Uint32>()->Value();
    return true;
  }
  static v8::Local<v8::Value> ToJs(Env& env, uint32_t v) {
    return v8::Integer::NewFromUnsigned(env.isolate, v);
  }
};

// Any number (with Saturate) or BigInt (its lowest 64 bits); used for file positions. The result is
// a number.
template <>
struct Convert<int64_t> {
  static bool FromJs(Env&, v8::Local<v8::Value> v, int64_t* out) {
    if (v->IsNumber()) {
      *out = Saturate<int64_t>(v.As<v8::Number>()->Value());
      return true;
    }
    if (!v->IsBigInt()) return false;
    *out = v.As<v8::BigInt>()->Int64Value();
    return true;
  }
  static v8::Local<v8::Value> ToJs(Env& env, int64_t v) {
    return v8::Number::New(env.isolate, double(v));
  }
};

// A string only, as UTF-8; ToJs() returns an empty string for a text that is too long (Env::Str).
template <>
struct Convert<std::string> {
  static bool FromJs(Env& env, v8::Local<v8::Value> v, std::string* out) {
    if (!v->IsString()) return false;
    *out = ToUtf8(env.isolate, v);
    return true;
  }
  static v8::Local<v8::Value> ToJs(Env& env, const std::string& v) { return env.Str(v); }
};

// Borrowed, as GetBytes(). Not for functions that take several and run JavaScript.
template <>
struct Convert<Bytes> {
  static bool FromJs(Env&, v8::Local<v8::Value> v, Bytes* out) { return GetBytes(v, out); }
};

// undefined, or a missing argument, becomes an empty optional.
template <class T>
struct Convert<std::optional<T>> {
  static bool FromJs(Env& env, v8::Local<v8::Value> v, std::optional<T>* out) {
    if (v->IsUndefined()) return true;
    return Convert<T>::FromJs(env, v, &out->emplace());
  }
  static v8::Local<v8::Value> ToJs(Env& env, const std::optional<T>& v) {
    return v ? Convert<T>::ToJs(env, *v) : env.Undefined();
  }
};

// Handles of V8's types: passed on without a conversion; `test` is what FromJs() requires. A result
// of type v8::MaybeLocal needs no specialization (Return() in binding.h).
#define KILN_CONVERT_V8(Type, test)                                              \
  template <>                                                                    \
  struct Convert<v8::Local<v8::Type>> {                                          \
    static bool FromJs(Env&, v8::Local<v8::Value> v, v8::Local<v8::Type>* out) { \
      if (!(test)) return false;                                                 \
      *out = v.As<v8::Type>();                                                   \
      return true;                                                               \
    }                                                                            \
    static v8::Local<v8::Value> ToJs(Env&, v8::Local<v8::Type> v) { return v; }  \
  };
KILN_CONVERT_V8(Value, true)
KILN_CONVERT_V8(Object, v->IsObject())
KILN_CONVERT_V8(Function, v->IsFunction())
KILN_CONVERT_V8(String, v->IsString())
KILN_CONVERT_V8(Symbol, v->IsSymbol())
KILN_CONVERT_V8(Array, v->IsArray())
KILN_CONVERT_V8(Promise, v->IsPromise())
KILN_CONVERT_V8(ArrayBuffer, v->IsArrayBuffer())
KILN_CONVERT_V8(ArrayBufferView, v->IsArrayBufferView())
KILN_CONVERT_V8(Uint8Array, v->IsUint8Array())
KILN_CONVERT_V8(Uint32Array, v->IsUint32Array())
#undef KILN_CONVERT_V8

}  // namespace kiln::runtime
