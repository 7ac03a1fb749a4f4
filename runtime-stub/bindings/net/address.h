// Socket addresses between libuv and JavaScript, shared by the bindings of the network:
// { address, family, port } objects one way, text and port the other way.
#pragma once

#include <uv.h>

#include <string>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// Fills `info` (made when empty) from an IPv4 or IPv6 address. A link-local IPv6 address
// gets its zone ("fe80::1%eth0").
v8::Local<v8::Object> AddressToJs(Env& env, const sockaddr* address,
                                  v8::Local<v8::Object> info = {});

// Reads an address of AF_INET or AF_INET6. Answers 0 or a libuv code.
int ParseAddress(int family, const std::string& text, uint32_t port, sockaddr_storage* out);

// A number as JavaScript coerces one: undefined is 0.
inline int32_t ToInt32(Env& env, v8::Local<v8::Value> value) {
  return value->Int32Value(env.context()).FromMaybe(0);
}

const sockaddr* AsSockaddr(const sockaddr_storage& storage);

// A call of uv_xxx_getsockname or getpeername: fills args[0], answers its code.
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
