// Placeholders for unimplemented native code: they exist under their names, so that modules of the
// library can be loaded, and throw an Error with that name when they are called.
#pragma once

#include <algorithm>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// A string literal as a template argument; `value` is null-terminated.
template <size_t n>
struct Text {
  constexpr Text(const char (&text)[n]) { std::copy_n(text, n, value); }
  char value[n];
};

// The callback of an unimplemented function or constructor: throws Error::Missing(), whose message
// has the name.
template <Text name>
void Unimplemented(const Args& args) {
  Error::Missing(name.value).Throw(Env::From(args.GetIsolate()));
}

// The callback of a function that only registers callbacks of unimplemented classes. Does nothing.
inline void AcceptCallbacks(const Args&) {}

// The callback of a function that modules call while they load, for an unimplemented feature. Does
// nothing.
inline void Accept(const Args&) {}

// The value of a JSON text, which must be valid: it comes from a table, not from a user.
inline v8::Local<v8::Value> Json(Env& env, const char* text) {
  return v8::JSON::Parse(env.context(), env.Str(text)).ToLocalChecked();
}

// A typed array A of `length` zeros of `size` bytes each.
template <class A, size_t size>
v8::Local<v8::Value> Zeros(Env& env, size_t length) {
  return A::New(v8::ArrayBuffer::New(env.isolate, length * size), 0, length);
}

}  // namespace kiln::runtime
