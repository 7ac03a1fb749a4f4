// Conversion of socket addresses.
#include "runtime-stub/bindings/net/address.h"

#include <netinet/in.h>

namespace kiln::runtime {

const sockaddr* AsSockaddr(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr*>(&storage);
}

v8::Local<v8::Object> AddressToJs(Env& env, const sockaddr* address, v8::Local<v8::Object> info) {
  if (info.IsEmpty()) info = v8::Object::New(env.isolate);
  char text[INET6_ADDRSTRLEN + UV_IF_NAMESIZE + 2];
  if (address->sa_family == AF_INET6) {
    auto* a = reinterpret_cast<const sockaddr_in6*>(address);
    uv_inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof text);
    std::string full = text;
    if (IN6_IS_ADDR_LINKLOCAL(&a->sin6_addr) && a->sin6_scope_id > 0) {
      char zone[UV_IF_NAMESIZE];
      size_t size = sizeof zone;
      if (uv_if_indextoiid(a->sin6_scope_id, zone, &size) == 0)
        full += "%" + std::string(zone, size);
    }
    env.Set(info, "address", env.Str(full));
    env.Set(info, "family", env.Name("IPv6"));
    env.Set(info, "port", double(ntohs(a->sin6_port)));
  } else if (address->sa_family == AF_INET) {
    auto* a = reinterpret_cast<const sockaddr_in*>(address);
    uv_inet_ntop(AF_INET, &a->sin_addr, text, sizeof text);
    env.Set(info, "address", env.Str(text));
    env.Set(info, "family", env.Name("IPv4"));
    env.Set(info, "port", double(ntohs(a->sin_port)));
  } else {
    env.Set(info, "address", env.Str(""));
  }
  return info;
}

int ParseAddress(int family, const std::string& text, uint32_t port, sockaddr_storage* out) {
  if (family == AF_INET6)
    return uv_ip6_addr(text.c_str(), int(port), reinterpret_cast<sockaddr_in6*>(out));
  return uv_ip4_addr(text.c_str(), int(port), reinterpret_cast<sockaddr_in*>(out));
}

}  // namespace kiln::runtime
