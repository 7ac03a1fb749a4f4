// NODE_DEBUG_NATIVE=http2: prints a line to stderr for each event, in the format of Node's own
// traces.
#include <algorithm>
#include <cctype>
#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "runtime-stub/bindings/http2/stream.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {

namespace {

// `list` contains categories separated by commas, in any case; a part of the name "http2session" is
// enough.
bool SelectsHttp2(const std::string& list) {
  std::string text;
  for (char c : list) text += char(std::tolower(static_cast<unsigned char>(c)));
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find(',', at), text.size());
    std::string part = text.substr(at, end - at);
    if (!part.empty() && std::string_view("http2session").find(part) != std::string_view::npos)
      return true;
    at = end + 1;
  }
  return false;
}

void Print(const std::string& label, const char* format, va_list args) {
  std::fprintf(stderr, "%s ", label.c_str());
  std::vfprintf(stderr, format, args);
  std::fputc('\n', stderr);
}

}  // namespace

bool TracesHttp2() {
  static const bool traces = SelectsHttp2(ReadTrusted("NODE_DEBUG_NATIVE").value_or(""));
  return traces;
}

std::string Http2Session::Label() const {
  return std::string("Http2Session ") + (client_ ? "client" : "server") + " (" +
         std::to_string(int64_t(async_id())) + ")";
}

void Http2Session::Trace(const char* format, ...) const {
  if (!TracesHttp2()) return;
  va_list args;
  va_start(args, format);
  Print(Label(), format, args);
  va_end(args);
}

void Http2Stream::Trace(const char* format, ...) const {
  if (!TracesHttp2()) return;
  std::string label =
      "HttpStream " + std::to_string(id_) + " (" + std::to_string(int64_t(async_id())) + ")";
  if (session_) label += " [" + session_->Label() + "]";
  va_list args;
  va_start(args, format);
  Print(label, format, args);
  va_end(args);
}

}  // namespace kiln::runtime
