#include "runtime-stub/bindings/inspector/node_domains.h"

#include "runtime-stub/bindings/inspector/agent.h"
#include "runtime-stub/bindings/inspector/remote_session.h"

namespace kiln::runtime::inspector {

std::optional<Reply> NodeRuntimeDomain::Run(std::string_view method, const Params& params) {
  if (method == "enable") {
    enabled_ = true;
    if (waiting_) session_.Notify("NodeRuntime.waitingForDebugger", "{}");
  } else if (method == "disable") {
    enabled_ = false;
  } else if (method == "notifyWhenWaitingForDisconnect") {
    std::optional<bool> enabled = params.Bool("enabled");
    if (!enabled) return Reply::MissingParam("enabled", "bool");
    notify_of_end_ = *enabled;
  } else {
    return {};
  }
  return Reply();
}

void NodeRuntimeDomain::SetWaiting(bool waiting) {
  waiting_ = waiting;
  if (waiting && enabled_) session_.Notify("NodeRuntime.waitingForDebugger", "{}");
}

bool NodeRuntimeDomain::BeforeDisconnect() {
  retains_context_ = notify_of_end_;
  if (retains_context_) session_.Notify("NodeRuntime.waitingForDisconnect", "{}");
  return retains_context_;
}

namespace {

// NodeWorker: the sessions of workers, whose messages are wrapped in those of a session of the main
// thread.
class NodeWorkerDomain final : public Domain, public WorkerTargets::Observer {
 public:
  explicit NodeWorkerDomain(Session& session) : session_(session) {}
  ~NodeWorkerDomain() override { Disable(); }
  std::string_view name() const override { return "NodeWorker"; }

  std::optional<Reply> Run(std::string_view method, const Params& params) override {
    if (method == "enable") return Enable(params);
    if (method == "sendMessageToWorker") return Send(params);
    if (method == "detach") {
      std::optional<std::string_view> id = params.Text("sessionId");
      if (!id) return Reply::MissingParam("sessionId", "string");
      Detach(std::string(*id));
      return Reply();
    }
    if (method != "disable") return {};
    Disable();
    return Reply();
  }

  void Disable() override {
    if (enabled_) session_.agent().workers().Remove(*this);
    enabled_ = false;
    sessions_.clear();
  }

  void Started(const WorkerTargets::Target& target) override {
    std::string id = std::to_string(++last_id_);
    // The worker's messages come through the mailbox of this thread, by the numbers of the session and
    // of the worker: either may be gone by then.
    auto mailbox = session_.agent().mailbox();
    std::weak_ptr<NodeWorkerDomain*> self = self_;
    sessions_[id] = {target.thread, std::make_unique<RemoteSession>(
                                        target.mailbox,
                                        [mailbox, self, id](std::string message) {
                                          mailbox->Post([self, id, message](Agent&) {
                                            if (auto domain = self.lock())
                                              (*domain)->Received(id, message);
                                          });
                                        },
                                        true)};
    session_.Notify("NodeWorker.attachedToWorker", ObjectText([&](report::JsonWriter& w) {
                      w.Text("sessionId", id);
                      w.BeginObject("workerInfo");
                      w.Text("workerId", id);
                      w.Text("type", "worker");
                      w.Text("title", target.title);
                      w.Text("url", target.url);
                      w.EndObject();
                      w.Bool("waitingForDebugger", target.waiting);
                    }));
  }

  void Ended(uint64_t thread) override {
    for (auto& [id, worker] : sessions_)
      if (worker.thread == thread) return Detach(std::string(id));
  }

 private:
  struct Worker {
    uint64_t thread;
    std::unique_ptr<RemoteSession> session;
  };

  Reply Enable(const Params& params) {
    std::optional<bool> wait = params.Bool("waitForDebuggerOnStart");
    if (!wait) return Reply::MissingParam("waitForDebuggerOnStart", "bool");
    WorkerTargets& workers = session_.agent().workers();
    workers.SetWaitOnStart(*this, *wait);
    if (!enabled_) {
      enabled_ = true;
      workers.Add(*this);
    }
    return Reply();
  }

  Reply Send(const Params& params) {
    std::optional<std::string_view> message = params.Text("message"), id = params.Text("sessionId");
    if (!message) return Reply::MissingParam("message", "string");
    if (!id) return Reply::MissingParam("sessionId", "string");
    if (auto found = sessions_.find(std::string(*id)); found != sessions_.end())
      found->second.session->Dispatch(std::string(*message));
    return Reply();
  }

  void Received(const std::string& id, const std::string& message) {
    if (!sessions_.contains(id)) return;
    session_.Notify("NodeWorker.receivedMessageFromWorker", ObjectText([&](report::JsonWriter& w) {
                      w.Text("sessionId", id);
                      w.Text("message", message);
                    }));
  }

  void Detach(const std::string& id) {
    if (sessions_.erase(id) == 0) return;
    session_.Notify("NodeWorker.detachedFromWorker",
                    ObjectText([&](report::JsonWriter& w) { w.Text("sessionId", id); }));
  }

  Session& session_;
  bool enabled_ = false;
  int last_id_ = 0;
  std::map<std::string, Worker> sessions_;
  std::shared_ptr<NodeWorkerDomain*> self_ = std::make_shared<NodeWorkerDomain*>(this);
};

// NodeTracing: the categories are known, but no events can be recorded.
class NodeTracingDomain final : public Domain {
 public:
  std::string_view name() const override { return "NodeTracing"; }
  std::optional<Reply> Run(std::string_view method, const Params&) override {
    if (method == "getCategories")
      return Reply{.result = ObjectText([](report::JsonWriter& w) {
                     w.BeginArray("categories");
                     for (const char* category : {"node",
                                                  "node.async_hooks",
                                                  "node.bootstrap",
                                                  "node.console",
                                                  "node.dns.native",
                                                  "node.environment",
                                                  "node.fs.async",
                                                  "node.fs.sync",
                                                  "node.fs_dir.async",
                                                  "node.fs_dir.sync",
                                                  "node.http",
                                                  "node.net.native",
                                                  "node.perf",
                                                  "node.perf.timerify",
                                                  "node.perf.usertiming",
                                                  "node.promises.rejections",
                                                  "node.threadpoolwork.async",
                                                  "node.threadpoolwork.sync",
                                                  "node.vm.script",
                                                  "v8"})
                       w.Text({}, category);
                     w.EndArray();
                   })};
    if (method == "start" || method == "stop")
      return Reply::Error("NodeTracing." + std::string(method) +
                          " is not available: this runtime does not record trace events");
    return {};
  }
};

}  // namespace

void AddNodeDomains(Session& session, std::vector<std::unique_ptr<Domain>>* domains) {
  if (!session.agent().env().worker)
    domains->push_back(std::make_unique<NodeWorkerDomain>(session));
  domains->push_back(std::make_unique<NodeTracingDomain>());
}

}  // namespace kiln::runtime::inspector
