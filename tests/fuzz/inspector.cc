// The fuzz target of the inspector's port: what a client sends, as HTTP requests and, after an upgrade or
// from the beginning, as WebSocket frames. An input is such bytes behind 24 bytes of choices: the first says
// whether it begins with HTTP, the others into which pieces the bytes are cut. inspector.js writes the seeds.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime-stub/bindings/inspector/http_request.h"
#include "runtime-stub/bindings/inspector/websocket.h"

namespace {

constexpr size_t kChoices = 24;

using kiln::runtime::inspector::FrameReader;
using kiln::runtime::inspector::HttpReader;
using kiln::runtime::inspector::HttpRequest;

void Require(bool condition) {
  if (!condition) std::abort();
}

// A client's connection, as the server has it.
struct Connection {
  enum class State { kHttp, kWebSocket, kClosed } state;
  HttpReader http;
  FrameReader frames;

  void Read(std::string_view bytes) {
    if (state == State::kHttp) {
      std::vector<HttpRequest> requests;
      bool valid = http.Read(bytes, &requests);
      for (const HttpRequest& request : requests) {
        (void)kiln::runtime::inspector::IsAllowedHost(request.host);
        Require(kiln::runtime::inspector::AcceptKey(request.websocket_key).size() == 28);
        if (request.upgrade) state = State::kWebSocket;
      }
      if (!valid) state = State::kClosed;
    }
    while (state == State::kWebSocket) {
      FrameReader::Event event = frames.Read(bytes);
      if (event == FrameReader::Event::kMore) {
        Require(bytes.empty());
        return;
      }
      if (event == FrameReader::Event::kText)
        Require(frames.payload().size() <= FrameReader::kLongestMessage);
      else
        state = State::kClosed;
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kChoices) return 0;
  Connection connection{
      data[0] % 2 ? Connection::State::kWebSocket : Connection::State::kHttp, {}, {}};
  std::string_view bytes(reinterpret_cast<const char*>(data) + kChoices, size - kChoices);
  for (size_t i = 1; !bytes.empty(); i++) {
    size_t piece = std::min<size_t>(bytes.size(), i < kChoices ? data[i] + 1u : bytes.size());
    connection.Read(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
  }
  return 0;
}
