#include "runtime-stub/bindings/inspector/http_request.h"

#include <strings.h>

#include <algorithm>
#include <utility>

namespace kiln::runtime::inspector {

namespace {

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view WithoutPort(std::string_view host) {
  size_t colon = host.rfind(':'), bracket = host.rfind(']');
  if (colon == host.npos || (bracket != host.npos && colon < bracket)) return host;
  return host.substr(0, colon);
}

bool IsAddress(std::string_view host) {
  if (host.size() >= 4 && host.front() == '[' && host.back() == ']') return true;
  return std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == host.npos;
}

}  // namespace

bool IsAllowedHost(std::string_view host_and_port) {
  std::string_view host = WithoutPort(host_and_port);
  return host.empty() || IsAddress(host) || EqualsIgnoringCase(host, "localhost") ||
         EqualsIgnoringCase(host, "localhost6");
}

template <class F>
int HttpReader::With(llhttp_t* parser, F f) {
  f(*static_cast<HttpReader*>(parser->data));
  return 0;
}

HttpReader::HttpReader() {
  llhttp_settings_init(&settings_);
  settings_.on_url = [](llhttp_t* p, const char* at, size_t length) {
    return With(p, [&](HttpReader& r) { r.request_.path.append(at, length); });
  };
  settings_.on_header_field = [](llhttp_t* p, const char* at, size_t length) {
    return With(p, [&](HttpReader& r) {
      if (std::exchange(r.in_value_, false)) r.name_.clear();
      r.name_.append(at, length);
    });
  };
  settings_.on_header_value = [](llhttp_t* p, const char* at, size_t length) {
    return With(p, [&](HttpReader& r) {
      if (!std::exchange(r.in_value_, true)) r.EndName();
      if (std::string* value = r.Value()) value->append(at, length);
    });
  };
  settings_.on_message_complete = [](llhttp_t* p) {
    return With(p, [&](HttpReader& r) {
      r.request_.is_get = p->method == HTTP_GET;
      r.request_.upgrade = p->upgrade;
      // A header that comes twice counts as absent; a host that comes twice as one that is refused.
      if (r.hosts_ > 1) r.request_.host = "?";
      if (r.keys_ > 1) r.request_.websocket_key.clear();
      r.out_->push_back(std::exchange(r.request_, {}));
      r.name_.clear();
      r.in_value_ = false;
      r.hosts_ = r.keys_ = 0;
      r.size_ = 0;
    });
  };
  llhttp_init(&parser_, HTTP_REQUEST, &settings_);
  parser_.data = this;
}

void HttpReader::EndName() {
  field_ = EqualsIgnoringCase(name_, "Host")                ? Field::kHost
           : EqualsIgnoringCase(name_, "Sec-WebSocket-Key") ? Field::kWebSocketKey
                                                            : Field::kOther;
  if (field_ == Field::kHost) hosts_++;
  if (field_ == Field::kWebSocketKey) keys_++;
}

std::string* HttpReader::Value() {
  if (field_ == Field::kHost) return &request_.host;
  if (field_ == Field::kWebSocketKey) return &request_.websocket_key;
  return nullptr;
}

bool HttpReader::Read(std::string_view& bytes, std::vector<HttpRequest>* requests) {
  out_ = requests;
  size_ += bytes.size();
  llhttp_errno_t error = llhttp_execute(&parser_, bytes.data(), bytes.size());
  out_ = nullptr;
  if (error == HPE_PAUSED_UPGRADE) {
    const char* end = llhttp_get_error_pos(&parser_);
    bytes.remove_prefix(size_t(end - bytes.data()));
    return true;
  }
  bytes = {};
  return error == HPE_OK && size_ <= kLongestHead;
}

}  // namespace kiln::runtime::inspector
