// SHA-1, only for the handshake of WebSockets (RFC 6455, 4.2.2), where it protects nothing. OpenSSL is a
// component of its own, and an app with an inspector need not have it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kiln::runtime::inspector {

std::array<uint8_t, 20> Sha1(std::string_view bytes);

}  // namespace kiln::runtime::inspector
