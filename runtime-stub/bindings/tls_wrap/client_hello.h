// Reads the first message of a TLS client before OpenSSL does. A server that keeps its sessions in
// JavaScript looks the session's id up asynchronously, which OpenSSL's own callback does not allow.
#pragma once

#include <cstdint>
#include <string_view>

namespace kiln::runtime {

// What a server needs of the ClientHello to look a session up.
struct ClientHello {
  // At most 32 bytes; empty if the client has no session to resume.
  std::string_view session_id;
  // The last host name of the server_name extension (RFC 6066, 3), as the client sent it,
  // unchecked. Empty when there is none.
  std::string_view servername;
  // Whether there is a session ticket that is not empty (RFC 5077, 3.2): then OpenSSL resumes
  // without a lookup.
  bool has_ticket = false;
};

enum class HelloResult {
  kIncomplete,  // more bytes are needed
  kFound,
  kOther,  // not a valid ClientHello; left to OpenSSL
};

// Parses one record (RFC 5246, 7.4.1.2; TLS 1.3 keeps that layout, RFC 8446, 4.1.2). `bytes` begin
// with the header of the first record and may end anywhere. A message that continues in a second
// record is kOther. `out` is complete only for kFound, and its views point into `bytes`. Pure; any
// thread.
HelloResult ParseClientHello(std::string_view bytes, ClientHello* out);

}  // namespace kiln::runtime
