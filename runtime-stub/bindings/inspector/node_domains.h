// Domains of the protocol that only Node has. The protocol of each is in Node's
// src/inspector/node_protocol.pdl.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/bindings/inspector/protocol.h"
#include "runtime-stub/bindings/inspector/session.h"

namespace kiln::runtime::inspector {

// NodeRuntime: what a debugger wants to know of the start and the end of a thread.
class NodeRuntimeDomain final : public Domain {
 public:
  explicit NodeRuntimeDomain(Session& session) : session_(session) {}
  std::string_view name() const override { return "NodeRuntime"; }
  std::optional<Reply> Run(std::string_view method, const Params& params) override;

  // The thread waits for a debugger to start it.
  void SetWaiting(bool waiting);
  // The thread is about to wait for sessions to disconnect. True if this one was told, and may use the
  // main context until it disconnects.
  bool BeforeDisconnect();
  bool retains_context() const { return retains_context_; }

 private:
  Session& session_;
  bool enabled_ = false;
  bool waiting_ = false;
  bool notify_of_end_ = false;
  bool retains_context_ = false;
};

// Adds the others that a session of this thread has: NodeWorker (of the main thread) and NodeTracing.
void AddNodeDomains(Session& session, std::vector<std::unique_ptr<Domain>>* domains);

}  // namespace kiln::runtime::inspector
