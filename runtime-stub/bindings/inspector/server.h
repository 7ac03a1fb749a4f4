// The server at an inspector's port: HTTP for lists of what can be debugged, WebSockets for sessions. All
// on the thread of its loop.
#pragma once

#include <uv.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/bindings/inspector/http_request.h"

namespace kiln::runtime::inspector {

class Server {
 public:
  // What is debugged.
  struct Target {
    std::string id;  // a UUID, which a debugger must know
    std::string title;
    std::string url;
  };
  // Where sessions go to. A session ends once, with Ended(), whoever ends it.
  class Sessions {
   public:
    virtual ~Sessions() = default;
    virtual void Started(int session) = 0;
    virtual void Received(int session, std::string message) = 0;
    virtual void Ended(int session) = 0;
  };
  struct Options {
    std::string host;
    int port;
    bool publish_on_stderr, publish_by_http;
  };

  Server(uv_loop_t* loop, Target target, Options options, Sessions& sessions);
  ~Server();  // REQUIRES: all handles were closed: the loop has become empty

  // False if no address can be listened at, after printing why.
  bool Start();
  int port() const { return port_; }
  std::string Url() const;

  // Has no effect for a session that has ended.
  void Send(int session, std::string_view message);
  void StopAccepting();
  // StopAccepting(), and ends all connections. The loop becomes empty.
  void Stop();

 private:
  class Connection;
  struct Listener {
    uv_tcp_t handle;
    Server* server;
  };

  int Listen(const sockaddr* address);
  static void OnConnection(uv_stream_t* listener, int status);
  void PrintAddress() const;
  std::string Answer(const HttpRequest& request, const std::string& own_address) const;
  std::string List(const std::string& address) const;

  uv_loop_t* const loop_;
  const Target target_;
  const Options options_;
  Sessions& sessions_;
  std::vector<Listener*> listeners_;
  std::map<int, Connection*> connections_;  // each deletes itself when its handle is closed
  int last_connection_ = 0;
  int port_ = 0;
};

}  // namespace kiln::runtime::inspector
