// Reads the first message of a TLS client before OpenSSL does. A server that keeps its
// sessions in JavaScript needs the session's id in time to look it up asynchronously,
// which OpenSSL's own callback does not allow for.
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
  kOther,  // no ClientHello that can be read; OpenSSL shall judge
};

// The views in `out` point into `bytes`.
HelloResult ParseClientHello(std::string_view bytes, ClientHello* out);

}  // namespace kiln::runtime
