// A session: one debugger that is connected to the inspector of a thread. V8's session answers the
// commands of its domains, the classes of node_domains.h those of Node's. On the thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "runtime-stub/bindings/inspector/protocol.h"

namespace kiln::runtime::inspector {

class Agent;
class NodeRuntimeDomain;
class NetworkDomain;

// Takes a message to the debugger.
using Send = std::function<void(std::string message)>;

class Session final : public v8_inspector::V8Inspector::Channel {
 public:
  // `prevents_exit`: the process waits for the debugger to disconnect before it ends, and while it is
  // paused.
  Session(Agent& agent, v8_inspector::V8Inspector& inspector, Send send, bool prevents_exit);
  ~Session() override;

  // Runs a command. JavaScript may run meanwhile, and disconnect the session.
  void Dispatch(std::string_view message);
  // Sends a notification of one of Node's domains. `params` is JSON.
  void Notify(std::string_view method, std::string_view params);

  bool prevents_exit() const { return prevents_exit_; }
  v8_inspector::V8InspectorSession& v8() { return *session_; }
  NodeRuntimeDomain& node_runtime() { return *node_runtime_; }
  NetworkDomain& network() { return *network_; }
  Agent& agent() { return agent_; }

  // No more messages are sent. The object may be deleted if !busy().
  void Close();
  bool closed() const { return closed_; }
  // A call of Dispatch(), or of the function that sends, is on the stack.
  bool busy() const { return depth_ > 0; }

 private:
  void sendResponse(int id, std::unique_ptr<v8_inspector::StringBuffer> message) override;
  void sendNotification(std::unique_ptr<v8_inspector::StringBuffer> message) override;
  void flushProtocolNotifications() override {}
  void SendText(std::string message);

  Agent& agent_;
  Send send_;
  const bool prevents_exit_;
  bool closed_ = false;
  int depth_ = 0;
  std::unique_ptr<v8_inspector::V8InspectorSession> session_;
  std::vector<std::unique_ptr<Domain>> domains_;
  NodeRuntimeDomain* node_runtime_;  // these two are in domains_
  NetworkDomain* network_;
};

}  // namespace kiln::runtime::inspector
