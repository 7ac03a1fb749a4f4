// A session of another thread. The object belongs to the thread that made it; the session is on the
// other one, which is only reached through its mailbox.
#pragma once

#include <memory>
#include <string>

#include "runtime-stub/bindings/inspector/mailbox.h"
#include "runtime-stub/bindings/inspector/session.h"

namespace kiln::runtime::inspector {

class RemoteSession {
 public:
  // `send` is called on the other thread.
  RemoteSession(std::shared_ptr<Mailbox> thread, Send send, bool prevents_exit);
  ~RemoteSession();  // disconnects
  RemoteSession(const RemoteSession&) = delete;

  // Has no effect if the other thread has ended.
  void Dispatch(std::string message);

 private:
  std::shared_ptr<Mailbox> thread_;
  std::shared_ptr<int> session_;  // the number there; only the other thread uses it
};

}  // namespace kiln::runtime::inspector
