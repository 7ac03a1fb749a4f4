#include "runtime-stub/bindings/inspector/server.h"

#include <netdb.h>
#include <strings.h>

#include <cstdio>
#include <cstring>
#include <utility>

#include "runtime-stub/bindings/inspector/websocket.h"
#include "runtime-stub/env/error.h"
#include "runtime-stub/platform/versions.h"

namespace kiln::runtime::inspector {

namespace {

constexpr int kBacklog = 511;

constexpr std::string_view kRefusal =
    "HTTP/1.0 400 Bad Request\r\n"
    "Content-Type: text/html; charset=UTF-8\r\n\r\n"
    "WebSockets request was expected\r\n";

std::string JsonResponse(int status, std::string_view body) {
  return "HTTP/1.0 " + std::to_string(status) +
         " OK\r\n"
         "Content-Type: application/json; charset=UTF-8\r\n"
         "Cache-Control: no-cache\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// Texts of the app in JSON, as Node writes them.
std::string Harmless(std::string text) {
  for (char& c : text)
    if (c == '"' || c == '\\' || uint8_t(c) < ' ') c = '_';
  return text;
}

std::string HostAndPort(const std::string& host, int port) {
  bool v6 = host.find(':') != host.npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// The rest of a path after "/json", if it begins with that segment; without the slash.
std::optional<std::string_view> After(std::string_view path, std::string_view segment) {
  if (path.size() < segment.size() || strncasecmp(path.data(), segment.data(), segment.size()) != 0)
    return {};
  path.remove_prefix(segment.size());
  if (path.empty()) return path;
  if (path[0] != '/') return {};
  return path.substr(1);
}

}  // namespace

// A client. First it speaks HTTP, then after an upgrade WebSocket; it is deleted when its handle is
// closed.
class Server::Connection {
 public:
  Connection(Server& server, int id) : server_(server), id_(id) {
    CHECK(uv_tcp_init(server.loop_, &handle_) == 0);
    handle_.data = this;
  }

  bool Accept(uv_stream_t* listener) {
    return uv_accept(listener, stream()) == 0 && uv_read_start(stream(), Allocate, OnRead) == 0;
  }

  void SendText(std::string_view message) {
    if (state_ == State::kWebSocket) Write(MakeFrame(FrameKind::kText, message));
  }

  // Of the server: says goodbye, if possible, and closes.
  void End() {
    if (state_ == State::kWebSocket) Write(MakeFrame(FrameKind::kClose, {}));
    CloseAfterWrites();
  }

 private:
  enum class State { kHttp, kWebSocket, kClosing };

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle_); }

  static void Allocate(uv_handle_t* handle, size_t, uv_buf_t* buffer) {
    auto* self = static_cast<Connection*>(handle->data);
    *buffer = uv_buf_init(self->bytes_, sizeof self->bytes_);
  }

  static void OnRead(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer) {
    auto* self = static_cast<Connection*>(stream->data);
    if (length < 0) return self->CloseAfterWrites();
    self->Read({buffer->base, size_t(length)});
  }

  void Read(std::string_view bytes) {
    if (state_ == State::kHttp) ReadHttp(bytes);
    while (state_ == State::kWebSocket) {
      switch (frames_.Read(bytes)) {
        case FrameReader::Event::kMore:
          return;
        case FrameReader::Event::kText:
          server_.sessions_.Received(id_, std::exchange(frames_.payload(), {}));
          break;
        case FrameReader::Event::kClose:
          Write(MakeFrame(FrameKind::kClose, {}));
          return CloseAfterWrites();
        case FrameReader::Event::kError:
          return CloseAfterWrites();
      }
    }
  }

  void ReadHttp(std::string_view& bytes) {
    std::vector<HttpRequest> requests;
    bool valid = http_.Read(bytes, &requests);
    for (const HttpRequest& request : requests) {
      if (!IsAllowedHost(request.host) || !request.is_get) return Refuse();
      if (request.upgrade) return Upgrade(request);
      std::string answer = server_.Answer(request, OwnAddress());
      if (answer.empty()) return Refuse();
      Write(std::move(answer));
    }
    if (!valid) Refuse();
  }

  void Upgrade(const HttpRequest& request) {
    if (request.websocket_key.empty() || request.path != "/" + server_.target_.id) return Refuse();
    Write(
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        AcceptKey(request.websocket_key) + "\r\n\r\n");
    state_ = State::kWebSocket;
    server_.sessions_.Started(id_);
  }

  void Refuse() {
    Write(std::string(kRefusal));
    CloseAfterWrites();
  }

  // The address at which the client has reached the server.
  std::string OwnAddress() {
    sockaddr_storage address;
    int length = sizeof address;
    char text[INET6_ADDRSTRLEN] = "";
    if (uv_tcp_getsockname(&handle_, reinterpret_cast<sockaddr*>(&address), &length) == 0)
      uv_ip_name(reinterpret_cast<sockaddr*>(&address), text, sizeof text);
    return HostAndPort(text, server_.port_);
  }

  struct WriteRequest {
    uv_write_t request;
    std::string bytes;
  };

  void Write(std::string bytes) {
    if (state_ == State::kClosing) return;
    auto* write = new WriteRequest{{}, std::move(bytes)};
    write->request.data = write;
    uv_buf_t buffer = uv_buf_init(write->bytes.data(), unsigned(write->bytes.size()));
    int rc = uv_write(&write->request, stream(), &buffer, 1, [](uv_write_t* request, int) {
      auto* self = static_cast<Connection*>(request->handle->data);
      delete static_cast<WriteRequest*>(request->data);
      if (--self->writes_ == 0 && self->state_ == State::kClosing) self->CloseHandle();
    });
    if (rc == 0)
      writes_++;
    else
      delete write;
  }

  void CloseAfterWrites() {
    if (state_ == State::kClosing) return;
    bool session = std::exchange(state_, State::kClosing) == State::kWebSocket;
    uv_read_stop(stream());
    if (session) server_.sessions_.Ended(id_);
    server_.connections_.erase(id_);
    if (session && server_.connections_.empty() && !server_.listeners_.empty())
      server_.PrintAddress();
    if (writes_ == 0) CloseHandle();
  }

  void CloseHandle() {
    auto* handle = reinterpret_cast<uv_handle_t*>(&handle_);
    if (!uv_is_closing(handle))
      uv_close(handle, [](uv_handle_t* closed) { delete static_cast<Connection*>(closed->data); });
  }

  Server& server_;
  const int id_;
  uv_tcp_t handle_;
  State state_ = State::kHttp;
  int writes_ = 0;  // in flight
  HttpReader http_;
  FrameReader frames_;
  char bytes_[64 * 1024];
};

Server::Server(uv_loop_t* loop, Target target, Options options, Sessions& sessions)
    : loop_(loop), target_(std::move(target)), options_(std::move(options)), sessions_(sessions) {}

Server::~Server() { CHECK(listeners_.empty() && connections_.empty()); }

bool Server::Start() {
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  uv_getaddrinfo_t request;
  const std::string port = std::to_string(options_.port);
  int rc = uv_getaddrinfo(loop_, &request, nullptr, options_.host.c_str(), port.c_str(), &hints);
  char reason[128];
  if (rc < 0) {
    uv_strerror_r(rc, reason, sizeof reason);
    std::fprintf(stderr, "Unable to resolve \"%s\": %s\n", options_.host.c_str(), reason);
    return false;
  }
  for (addrinfo* one = request.addrinfo; one; one = one->ai_next) rc = Listen(one->ai_addr);
  uv_freeaddrinfo(request.addrinfo);
  if (listeners_.empty()) {
    uv_strerror_r(rc, reason, sizeof reason);
    std::fprintf(stderr, "Starting inspector on %s failed: %s\n",
                 (options_.host + ":" + port).c_str(), reason);
    std::fflush(stderr);
    return false;
  }
  PrintAddress();
  return true;
}

int Server::Listen(const sockaddr* address) {
  auto* listener = new Listener{{}, this};
  CHECK(uv_tcp_init(loop_, &listener->handle) == 0);
  listener->handle.data = listener;
  int rc = uv_tcp_bind(&listener->handle, address, 0);
  auto* stream = reinterpret_cast<uv_stream_t*>(&listener->handle);
  if (rc == 0) rc = uv_listen(stream, kBacklog, OnConnection);
  sockaddr_storage bound;
  int length = sizeof bound;
  if (rc == 0)
    rc = uv_tcp_getsockname(&listener->handle, reinterpret_cast<sockaddr*>(&bound), &length);
  if (rc != 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(&listener->handle),
             [](uv_handle_t* handle) { delete static_cast<Listener*>(handle->data); });
    return rc;
  }
  if (listeners_.empty())
    port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                              : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
  listeners_.push_back(listener);
  return 0;
}

void Server::OnConnection(uv_stream_t* listener, int status) {
  if (status != 0) return;
  Server& server = *static_cast<Listener*>(listener->data)->server;
  int id = ++server.last_connection_;
  auto* connection = new Connection(server, id);
  server.connections_[id] = connection;
  if (!connection->Accept(listener)) connection->End();
}

std::string Server::Url() const {
  return "ws://" + HostAndPort(options_.host, port_) + "/" + target_.id;
}

void Server::PrintAddress() const {
  if (!options_.publish_on_stderr) return;
  std::fprintf(stderr,
               "Debugger listening on %s\n"
               "For help, see: https://nodejs.org/learn/getting-started/debugging\n",
               Url().c_str());
  std::fflush(stderr);
}

// The response to a GET request; empty: it is refused.
std::string Server::Answer(const HttpRequest& request, const std::string& own_address) const {
  if (!options_.publish_by_http) return JsonResponse(404, "");
  std::optional<std::string_view> command = After(request.path, "/json");
  if (!command) return {};
  if (command->empty() || After(*command, "list"))
    return JsonResponse(200, List(request.host.empty() ? own_address : request.host));
  if (After(*command, "version"))
    return JsonResponse(200, "{\n  \"Browser\": \"node.js/v" KILN_NODE_VERSION
                             "\",\n  \"Protocol-Version\": \"1.1\"\n} ");
  return {};
}

std::string Server::List(const std::string& address) const {
  const std::string place = Harmless(address) + "/" + target_.id;
  auto front_end = [&](const char* page) {
    return "devtools://devtools/bundled/" + std::string(page) +
           ".html?experiments=true&v8only=true&ws=" + place;
  };
  const std::pair<const char*, std::string> members[] = {
      {"description", "node.js instance"},
      {"devtoolsFrontendUrl", front_end("js_app")},
      {"devtoolsFrontendUrlCompat", front_end("inspector")},
      {"faviconUrl", "https://nodejs.org/static/images/favicons/favicon.ico"},
      {"id", target_.id},
      {"title", Harmless(target_.title)},
      {"type", "node"},
      {"url", Harmless(target_.url)},
      {"webSocketDebuggerUrl", "ws://" + place}};
  std::string text;
  for (const auto& [name, value] : members)
    text += std::string(text.empty() ? "" : ",\n") + "  \"" + name + "\": \"" + value + "\"";
  return "[ {\n" + text + "\n} ]\n\n";
}

void Server::Send(int session, std::string_view message) {
  if (auto found = connections_.find(session); found != connections_.end())
    found->second->SendText(message);
}

void Server::StopAccepting() {
  for (Listener* listener : std::exchange(listeners_, {}))
    uv_close(reinterpret_cast<uv_handle_t*>(&listener->handle),
             [](uv_handle_t* handle) { delete static_cast<Listener*>(handle->data); });
}

void Server::Stop() {
  StopAccepting();
  while (!connections_.empty()) connections_.begin()->second->End();
}

}  // namespace kiln::runtime::inspector
