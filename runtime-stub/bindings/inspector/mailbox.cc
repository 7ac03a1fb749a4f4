#include "runtime-stub/bindings/inspector/mailbox.h"

namespace kiln::runtime::inspector {

bool Mailbox::Post(Work work) {
  std::lock_guard lock(mutex_);
  if (!env_) return false;
  bool first = work_.empty();
  work_.push_back(std::move(work));
  if (first) RequestTurn();
  changed_.notify_all();
  return true;
}

void Mailbox::Wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

// With the mutex held. The interrupt may come when the Env has ended, so it owns the mailbox.
void Mailbox::RequestTurn() {
  env_->PostFromAnyThread([self = shared_from_this()](Env&) { self->Run(); });
  env_->isolate->RequestInterrupt(OnInterrupt, new std::shared_ptr<Mailbox>(shared_from_this()));
}

void Mailbox::OnInterrupt(v8::Isolate*, void* data) {
  std::unique_ptr<std::shared_ptr<Mailbox>> self(static_cast<std::shared_ptr<Mailbox>*>(data));
  (*self)->Run();
}

void Mailbox::Run() {
  if (running_) return;
  running_ = true;
  std::unique_lock lock(mutex_);
  while (env_ && !work_.empty()) {
    Work work = std::move(work_.front());
    work_.pop_front();
    Env& env = *env_;
    lock.unlock();
    {
      v8::HandleScope handles(env.isolate);
      v8::Context::Scope entered(env.context());
      work(*agent_);
    }
    lock.lock();
  }
  running_ = false;
}

void Mailbox::Wait() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return woken_ || !env_ || !work_.empty(); });
    woken_ = false;
  }
  // A pause inside of a message takes the next ones.
  bool outer = std::exchange(running_, false);
  Run();
  running_ = outer;
}

void Mailbox::Close() {
  std::deque<Work> rest;
  std::lock_guard lock(mutex_);
  env_ = nullptr;
  rest.swap(work_);
}

}  // namespace kiln::runtime::inspector
