// Conversion of socket addresses, for the network bindings: sockaddr to JavaScript objects
// { address, family, port }, and text and port to sockaddr.
#pragma once

#include <uv.h>

#include <string>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// Sets the properties of `info`, or of a new object if that is empty, from an IPv4 or IPv6 address,
// and returns it. `family` becomes "IPv4" or "IPv6". A link-local IPv6 address includes its zone
// ("fe80::1%eth0", RFC 4007, 11). Of another family, `address` is "" and nothing else is set.
v8::Local<v8::Object> AddressToJs(Env& env, const sockaddr* address,
                                  v8::Local<v8::Object> info = {});

// Parses an address of family AF_INET or AF_INET6, not a host name. Returns 0 or a libuv code.
// `port` is in host order, and taken modulo 65536.
int ParseAddress(int family, const std::string& text, uint32_t port, sockaddr_storage* out);

// JavaScript's ToInt32: undefined is 0. Runs JavaScript for objects; 0 if that throws.
inline int32_t ToInt32(Env& env, v8::Local<v8::Value> value) {
  return value->Int32Value(env.context()).FromMaybe(0);
}

// The same object with the type that socket functions take.
const sockaddr* AsSockaddr(const sockaddr_storage& storage);

// Calls `get`, a uv_*_getsockname or uv_*_getpeername, and fills args[0], if it is an object, with
// the address. Returns the result of `get`: 0 or a libuv code.
template <class H>
int GetName(Env& env, const Args& args, const H* handle, int (*get)(const H*, sockaddr*, int*)) {
  sockaddr_storage storage;
  int size = sizeof storage;
  int err = get(handle, reinterpret_cast<sockaddr*>(&storage), &size);
  if (err == 0 && args[0]->IsObject())
    AddressToJs(env, AsSockaddr(storage), args[0].As<v8::Object>());
  return err;
}

}  // namespace kiln::runtime
