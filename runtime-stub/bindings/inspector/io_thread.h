// The thread of an inspector's port: debuggers are answered while JavaScript runs or is paused. The
// functions are for the thread that the inspector is of.
#pragma once

#include <uv.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runtime-stub/bindings/inspector/mailbox.h"

namespace kiln::runtime::inspector {

class Server;

class IoThread {
 public:
  struct Options {
    std::string host;
    int port = 0;
    std::string script;        // the file that runs; may be empty
    std::string process_name;  // the title if it is
    std::string publish;       // --inspect-publish-uid: where the address is shown
  };

  // Opens the port; null if that fails, after printing why.
  static std::unique_ptr<IoThread> Start(std::shared_ptr<Mailbox> mailbox, Options options);
  // Ends all connections.
  ~IoThread();
  IoThread(const IoThread&) = delete;

  // The address for WebSockets.
  const std::string& Url() const { return url_; }
  int port() const { return port_; }
  // Closes the port; connections stay.
  void StopAccepting();

 private:
  IoThread() = default;
  void Main(const Options& options, const std::shared_ptr<Mailbox>& mailbox);
  void Post(std::function<void(Server&)> work);  // to the thread

  uv_thread_t thread_;
  uv_loop_t loop_;
  uv_async_t wake_;
  uv_sem_t started_;
  std::mutex mutex_;  // guards work_
  std::deque<std::function<void(Server&)>> work_;
  Server* server_ = nullptr;
  bool failed_ = false;
  std::string url_;
  int port_ = 0;
};

}  // namespace kiln::runtime::inspector
