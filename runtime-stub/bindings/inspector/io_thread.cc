#include "runtime-stub/bindings/inspector/io_thread.h"

#include <cstdio>
#include <map>

#include "runtime-stub/bindings/inspector/agent.h"
#include "runtime-stub/bindings/inspector/remote_session.h"
#include "runtime-stub/bindings/inspector/server.h"

namespace kiln::runtime::inspector {

namespace {

std::string MakeUuid() {
  uint8_t bytes[16];
  CHECK(uv_random(nullptr, nullptr, bytes, sizeof bytes, 0, nullptr) == 0);
  bytes[6] = uint8_t((bytes[6] & 0x0F) | 0x40);  // version 4
  bytes[8] = uint8_t((bytes[8] & 0x3F) | 0x80);
  std::string text;
  for (size_t i = 0; i < sizeof bytes; i++) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits;
  }
  return text;
}

// The real path of the script as a URL, as Node shows it: without escapes.
std::string ScriptUrl(uv_loop_t* loop, const std::string& script) {
  std::string path;
  uv_fs_t request;
  if (!script.empty() && uv_fs_realpath(loop, &request, script.c_str(), nullptr) == 0)
    path = static_cast<const char*>(request.ptr);
  if (!script.empty()) uv_fs_req_cleanup(&request);
  return "file://" + path;
}

// Connects the sessions of the server with those of the agent, which has numbers of its own.
class Bridge final : public Server::Sessions {
 public:
  Bridge(std::shared_ptr<Mailbox> mailbox,
         std::function<void(std::function<void(Server&)>)> post_back)
      : mailbox_(std::move(mailbox)), post_back_(std::move(post_back)) {}

  void Started(int session) override {
    std::fprintf(stderr, "Debugger attached.\n");
    std::fflush(stderr);
    sessions_[session] = std::make_unique<RemoteSession>(
        mailbox_,
        [post = post_back_, session](std::string message) {
          post([session, message = std::move(message)](Server& server) {
            server.Send(session, message);
          });
        },
        true);
  }
  void Received(int session, std::string message) override {
    sessions_[session]->Dispatch(std::move(message));
  }
  void Ended(int session) override { sessions_.erase(session); }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::function<void(std::function<void(Server&)>)> post_back_;
  std::map<int, std::unique_ptr<RemoteSession>> sessions_;
};

bool Publishes(const std::string& where, std::string_view name) {
  return ("," + where + ",").find("," + std::string(name) + ",") != std::string::npos;
}

}  // namespace

std::unique_ptr<IoThread> IoThread::Start(std::shared_ptr<Mailbox> mailbox, Options options) {
  std::unique_ptr<IoThread> made(new IoThread);
  struct Arguments {
    IoThread* self;
    const Options* options;
    const std::shared_ptr<Mailbox>* mailbox;
  } arguments = {made.get(), &options, &mailbox};
  CHECK(uv_sem_init(&made->started_, 0) == 0);
  CHECK(uv_loop_init(&made->loop_) == 0);
  int rc = uv_thread_create(
      &made->thread_,
      [](void* data) {
        // Valid until the thread says that it has started.
        auto* given = static_cast<Arguments*>(data);
        Options copy = *given->options;
        std::shared_ptr<Mailbox> target = *given->mailbox;
        given->self->Main(copy, target);
      },
      &arguments);
  CHECK(rc == 0);
  uv_sem_wait(&made->started_);
  if (made->failed_) return nullptr;  // the destructor joins the thread
  return made;
}

void IoThread::Main(const Options& options, const std::shared_ptr<Mailbox>& mailbox) {
  uv_thread_setname("InspectorIo");
  CHECK(uv_async_init(&loop_, &wake_, [](uv_async_t* wake) {
          auto* self = static_cast<IoThread*>(wake->data);
          std::deque<std::function<void(Server&)>> work;
          {
            std::lock_guard lock(self->mutex_);
            work.swap(self->work_);
          }
          for (auto& one : work) one(*self->server_);
        }) == 0);
  wake_.data = this;
  Bridge bridge(mailbox, [this](std::function<void(Server&)> work) { Post(std::move(work)); });
  Server server(&loop_,
                {MakeUuid(), options.script.empty() ? options.process_name : options.script,
                 ScriptUrl(&loop_, options.script)},
                {options.host, options.port, Publishes(options.publish, "stderr"),
                 Publishes(options.publish, "http")},
                bridge);
  server_ = &server;
  failed_ = !server.Start();
  url_ = server.Url();
  port_ = server.port();
  if (failed_) uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
  uv_sem_post(&started_);
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void IoThread::Post(std::function<void(Server&)> work) {
  std::lock_guard lock(mutex_);
  work_.push_back(std::move(work));
  uv_async_send(&wake_);
}

void IoThread::StopAccepting() {
  Post([](Server& server) { server.StopAccepting(); });
}

IoThread::~IoThread() {
  if (!failed_)
    Post([this](Server& server) {
      server.Stop();
      uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
    });
  uv_thread_join(&thread_);
  CHECK(uv_loop_close(&loop_) == 0);
  uv_sem_destroy(&started_);
}

}  // namespace kiln::runtime::inspector
