// The HTTP requests that an inspector's port answers, read with llhttp. Everything that is no GET
// request for an allowed host is refused before anybody sees its path.
#pragma once

#include <llhttp.h>

#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime::inspector {

// Whether a request may name this host: an address, localhost, localhost6, or none. Another name can be
// an attacker's that his name server has changed to 127.0.0.1 (DNS rebinding), so that pages in the
// user's browser would reach the port.
bool IsAllowedHost(std::string_view host_and_port);

struct HttpRequest {
  std::string path;
  std::string host;  // with the port
  std::string websocket_key;
  bool is_get = false;
  bool upgrade = false;
};

class HttpReader {
 public:
  HttpReader();
  HttpReader(const HttpReader&) = delete;

  // Reads bytes; appends each request that is complete. False: they are no HTTP, or a request is too
  // long. After an upgrade request the rest of `bytes` is not read, and left in it.
  bool Read(std::string_view& bytes, std::vector<HttpRequest>* requests);

 private:
  static constexpr size_t kLongestHead = 64 * 1024;

  enum class Field { kOther, kHost, kWebSocketKey };

  template <class F>
  static int With(llhttp_t* parser, F f);
  void EndName();
  std::string* Value();

  llhttp_t parser_;
  llhttp_settings_t settings_;
  size_t size_ = 0;  // of the head of the current request
  HttpRequest request_;
  std::string name_;  // of the header that is being read
  bool in_value_ = false;
  Field field_ = Field::kOther;
  int hosts_ = 0, keys_ = 0;  // headers of that name
  std::vector<HttpRequest>* out_ = nullptr;
};

}  // namespace kiln::runtime::inspector
