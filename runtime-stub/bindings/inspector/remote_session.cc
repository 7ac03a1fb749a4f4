#include "runtime-stub/bindings/inspector/remote_session.h"

#include "runtime-stub/bindings/inspector/agent.h"

namespace kiln::runtime::inspector {

RemoteSession::RemoteSession(std::shared_ptr<Mailbox> thread, Send send, bool prevents_exit)
    : thread_(std::move(thread)), session_(std::make_shared<int>(0)) {
  thread_->Post([session = session_, send = std::move(send), prevents_exit](Agent& agent) {
    *session = agent.Connect(send, prevents_exit);
  });
}

RemoteSession::~RemoteSession() {
  thread_->Post([session = session_](Agent& agent) { agent.Disconnect(*session); });
}

void RemoteSession::Dispatch(std::string message) {
  thread_->Post([session = session_, message = std::move(message)](Agent& agent) {
    agent.Dispatch(*session, message);
  });
}

}  // namespace kiln::runtime::inspector
