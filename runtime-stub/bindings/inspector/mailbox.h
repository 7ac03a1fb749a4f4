// Work that other threads have for a thread with an inspector: messages of debuggers. It is done at
// the next interrupt of V8, from the loop, or while the thread is paused, whichever is first.
#pragma once

#include <v8.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "runtime-stub/env/env.h"

namespace kiln::runtime::inspector {

class Agent;

// Shared by the thread, which makes and closes it, and by all that post.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Work = std::function<void(Agent&)>;

  Mailbox(Env& env, Agent& agent) : env_(&env), agent_(&agent) {}
  Mailbox(const Mailbox&) = delete;

  // ---- Any thread

  // False, and the work is destroyed, if the thread has ended. Work is done in the order of the calls.
  bool Post(Work work);
  // Makes a Wait() return, although there is no work.
  void Wake();

  // ---- The thread itself

  // Blocks until there is work or Wake() is called, and does the work.
  void Wait();
  // The thread ends. What is left is destroyed, and nothing is accepted any more.
  void Close();

 private:
  void RequestTurn();
  void Run();
  static void OnInterrupt(v8::Isolate* isolate, void* data);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> work_;
  bool woken_ = false;
  Env* env_;  // null once closed
  Agent* agent_;
  bool running_ = false;  // of the thread: Run() is on its stack, and no interrupt may run more
};

}  // namespace kiln::runtime::inspector
