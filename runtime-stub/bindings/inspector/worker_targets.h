// The workers of a process as debuggers of its main thread see them. On the main thread, except where
// a function says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "runtime-stub/bindings/inspector/mailbox.h"

namespace kiln::runtime {
class WorkerThread;
}

namespace kiln::runtime::inspector {

class WorkerTargets {
 public:
  struct Target {
    uint64_t thread;
    std::string title;  // "[worker 1] name"
    std::string url;
    bool waiting;  // for a debugger that starts it
    std::shared_ptr<Mailbox> mailbox;
  };

  // A session that wants to know of workers.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void Started(const Target& target) = 0;
    virtual void Ended(uint64_t thread) = 0;
  };

  // Work for the mailbox of the main thread: a worker has started, or ends. Called on the worker.
  static Mailbox::Work Announce(const WorkerThread& worker, std::shared_ptr<Mailbox> mailbox,
                                bool waiting);
  static Mailbox::Work Retract(uint64_t thread);

  // Announces the running workers to the observer.
  void Add(Observer& observer);
  void Remove(Observer& observer);
  void SetWaitOnStart(Observer& observer, bool wait);
  // Whether new workers wait for a debugger. Any thread.
  bool WaitOnStart() const { return wait_; }

 private:
  std::map<uint64_t, Target> targets_;
  std::set<Observer*> observers_;
  std::set<Observer*> waiting_;
  std::atomic<bool> wait_ = false;
};

}  // namespace kiln::runtime::inspector
