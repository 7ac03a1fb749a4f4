// Reads the first message of a TLS client before OpenSSL does. A server that keeps its sessions in
// JavaScript looks the session's id up asynchronously, which OpenSSL's own callback does not allow.
#pragma once

#include <cstdint>
#include <string_view>

namespace kiln::runtime {

struct ClientHello {
  std::string_view session_id;  // at most 32 bytes
  std::string_view servername;  // empty when there is none
  bool has_ticket = false;
};

enum class HelloResult {
  kIncomplete,  // more bytes are needed
  kFound,
  kOther,  // not a valid ClientHello; left to OpenSSL
};

// Parses one record (RFC 5246, 7.4.1.2). The views in `out` point into `bytes`. Pure; any thread.
HelloResult ParseClientHello(std::string_view bytes, ClientHello* out);

}  // namespace kiln::runtime
