// How native code that is not written yet is shown to JavaScript: by its name, so that
// modules load, and with an Error that names it when it is called.
#pragma once

#include <algorithm>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

template <size_t n>
struct Text {
  constexpr Text(const char (&text)[n]) { std::copy_n(text, n, value); }
  char value[n];
};

// The function (or constructor) of one name.
template <Text name>
void Unimplemented(const Args& args) {
  Error::Missing(name.value).Throw(Env::From(args.GetIsolate()));
}

// A function that only registers callbacks for objects that cannot be made yet.
inline void AcceptCallbacks(const Args&) {}

// A function that modules call while they load, to register what nothing can use yet.
inline void Accept(const Args&) {}

inline v8::Local<v8::Value> Json(Env& env, const char* text) {
  return v8::JSON::Parse(env.context(), env.Str(text)).ToLocalChecked();
}

template <class A, size_t size>
v8::Local<v8::Value> Zeros(Env& env, size_t length) {
  return A::New(v8::ArrayBuffer::New(env.isolate, length * size), 0, length);
}

}  // namespace kiln::runtime
