#include "runtime-stub/bindings/inspector/worker_targets.h"

#include "runtime-stub/bindings/inspector/agent.h"
#include "runtime-stub/bindings/worker/worker_thread.h"

namespace kiln::runtime::inspector {

Mailbox::Work WorkerTargets::Announce(const WorkerThread& worker, std::shared_ptr<Mailbox> mailbox,
                                      bool waiting) {
  std::string title = "[worker " + std::to_string(worker.id) + "]";
  if (!worker.name.empty()) title += " " + worker.name;
  return [target = Target{worker.id, title, worker.url, waiting, mailbox}](Agent& main) {
    WorkerTargets& all = main.workers();
    const Target& added = all.targets_[target.thread] = target;
    for (Observer* observer : std::set<Observer*>(all.observers_)) observer->Started(added);
  };
}

Mailbox::Work WorkerTargets::Retract(uint64_t thread) {
  return [thread](Agent& main) {
    WorkerTargets& all = main.workers();
    if (all.targets_.erase(thread) == 0) return;
    for (Observer* observer : std::set<Observer*>(all.observers_)) observer->Ended(thread);
  };
}

void WorkerTargets::Add(Observer& observer) {
  observers_.insert(&observer);
  for (auto& [thread, target] : targets_) observer.Started(target);
}

void WorkerTargets::Remove(Observer& observer) {
  observers_.erase(&observer);
  SetWaitOnStart(observer, false);
}

void WorkerTargets::SetWaitOnStart(Observer& observer, bool wait) {
  if (wait)
    waiting_.insert(&observer);
  else
    waiting_.erase(&observer);
  wait_ = !waiting_.empty();
}

}  // namespace kiln::runtime::inspector
