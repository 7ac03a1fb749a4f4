// One queue and one condition variable for the worker threads, and one queue per isolate for its own
// thread. Jobs (parallel garbage collection, concurrent compilation) are V8's DefaultJobTask on top
// of these.
#include "runtime-stub/platform/platform.h"

#include "runtime-stub/platform/start_memory.h"

#include <libplatform/libplatform.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "runtime-stub/platform/page_allocator.h"

namespace kiln::runtime {

namespace {

double Now(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}
double Monotonic() { return Now(CLOCK_MONOTONIC); }

// The tasks of one isolate's main thread.
class ForegroundTasks final : public v8::TaskRunner {
 public:
  // `posted` is called from any thread whenever there is something to run.
  explicit ForegroundTasks(std::function<void()> posted) : posted_(std::move(posted)) {}

  bool IdleTasksEnabled() override { return false; }
  bool NonNestableTasksEnabled() const override { return true; }
  bool NonNestableDelayedTasksEnabled() const override { return true; }

  void SetWake(std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    if (wake_ && (!tasks_.empty() || !delayed_.empty())) wake_();
  }

  bool RunDue() {
    std::deque<std::unique_ptr<v8::Task>> due;
    {
      std::lock_guard lock(mutex_);
      due.swap(tasks_);
      double now = Monotonic();
      while (!delayed_.empty() && delayed_.begin()->first <= now) {
        due.push_back(std::move(delayed_.begin()->second));
        delayed_.erase(delayed_.begin());
      }
    }
    for (auto& task : due) task->Run();
    return !due.empty();
  }

  // Discards what is queued, and from now on what is posted: the isolate is about to be disposed.
  void End() {
    std::deque<std::unique_ptr<v8::Task>> tasks;
    std::multimap<double, std::unique_ptr<v8::Task>> delayed;
    std::lock_guard lock(mutex_);
    ended_ = true;
    wake_ = nullptr;
    tasks.swap(tasks_);
    delayed.swap(delayed_);
  }

  bool HasDue() {
    std::lock_guard lock(mutex_);
    return !tasks_.empty();
  }

  int64_t NextDelay() {
    std::lock_guard lock(mutex_);
    if (!tasks_.empty()) return 0;
    if (delayed_.empty()) return -1;
    return std::max<int64_t>(0, int64_t((delayed_.begin()->first - Monotonic()) * 1000) + 1);
  }

 private:
  void PostTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) override {
    {
      std::lock_guard lock(mutex_);
      if (ended_) return;
      tasks_.push_back(std::move(task));
      if (wake_) wake_();
    }
    posted_();
  }
  void PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task,
                               const v8::SourceLocation& at) override {
    PostTaskImpl(std::move(task), at);  // tasks never run inside of tasks here
  }
  void PostDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay,
                           const v8::SourceLocation&) override {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    delayed_.emplace(Monotonic() + delay, std::move(task));
    if (wake_) wake_();
  }
  void PostNonNestableDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay,
                                      const v8::SourceLocation& at) override {
    PostDelayedTaskImpl(std::move(task), delay, at);
  }
  void PostIdleTaskImpl(std::unique_ptr<v8::IdleTask>, const v8::SourceLocation&) override {}

  std::mutex mutex_;
  std::deque<std::unique_ptr<v8::Task>> tasks_;
  std::multimap<double, std::unique_ptr<v8::Task>> delayed_;
  std::function<void()> wake_;
  bool ended_ = false;
  const std::function<void()> posted_;
};

class LazyPlatform final : public Platform {
 public:
  explicit LazyPlatform(int threads) : threads_(threads) {}
  // Threads are detached and the platform lives as long as the process.
  ~LazyPlatform() override = default;

  v8::PageAllocator* GetPageAllocator() override { return &PagesOfTheProcess(); }
  int NumberOfWorkerThreads() override { return threads_; }
  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner(v8::Isolate* isolate,
                                                          v8::TaskPriority) override {
    return Tasks(isolate);
  }
  bool IdleTasksEnabled(v8::Isolate*) override { return false; }
  double MonotonicallyIncreasingTime() override { return Monotonic(); }
  double CurrentClockTimeMillis() override {
    return stopped_at_ ? *stopped_at_ : Now(CLOCK_REALTIME) * 1000;
  }
  void StopClock(std::optional<double> at) override { stopped_at_ = at; }
  v8::TracingController* GetTracingController() override { return &tracing_; }

  void RegisterIsolate(v8::Isolate* isolate) override { Tasks(isolate); }
  void SetWake(v8::Isolate* isolate, std::function<void()> wake) override {
    Tasks(isolate)->SetWake(std::move(wake));
  }
  void UnregisterIsolate(v8::Isolate* isolate) override {
    std::shared_ptr<ForegroundTasks> tasks = Tasks(isolate);
    tasks->End();
    std::lock_guard lock(isolates_mutex_);
    isolates_.erase(isolate);
  }
  bool RunForegroundTasks(v8::Isolate* isolate) override { return Tasks(isolate)->RunDue(); }
  int64_t NextDelay(v8::Isolate* isolate) override { return Tasks(isolate)->NextDelay(); }

  bool WaitForWorkers(v8::Isolate* isolate) override {
    std::shared_ptr<ForegroundTasks> tasks = Tasks(isolate);
    std::unique_lock lock(mutex_);
    auto idle = [this] { return queue_.empty() && busy_ == 0; };
    idle_.wait(lock, [&] { return idle() || tasks->HasDue(); });
    return idle();
  }

 private:
  std::shared_ptr<ForegroundTasks> Tasks(v8::Isolate* isolate) {
    std::lock_guard lock(isolates_mutex_);
    auto& tasks = isolates_[isolate];
    if (!tasks)
      tasks = std::make_shared<ForegroundTasks>([this] {
        std::lock_guard posted(mutex_);
        idle_.notify_all();
      });
    return tasks;
  }

  std::unique_ptr<v8::JobHandle> CreateJobImpl(v8::TaskPriority priority,
                                               std::unique_ptr<v8::JobTask> job,
                                               const v8::SourceLocation&) override {
    return v8::platform::NewDefaultJobHandle(this, priority, std::move(job),
                                             size_t(NumberOfWorkerThreads()));
  }

  void PostTaskOnWorkerThreadImpl(v8::TaskPriority, std::unique_ptr<v8::Task> task,
                                  const v8::SourceLocation&) override {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(task));
    Grow();
    wake_.notify_one();
  }

  void PostDelayedTaskOnWorkerThreadImpl(v8::TaskPriority, std::unique_ptr<v8::Task> task,
                                         double delay, const v8::SourceLocation&) override {
    std::lock_guard lock(mutex_);
    delayed_.emplace(Monotonic() + delay, std::move(task));
    Grow();
    wake_.notify_one();
  }

  // Starts one more thread if there is a task and no idle thread to take it.
  void Grow() {
    if (started_ >= threads_ || waiting_ > 0) return;
    started_++;
    CloseStartMemory();
    std::thread([this] { Work(); }).detach();
  }

  void Work() {
    prctl(PR_SET_NAME, "kiln-v8");
    std::unique_lock lock(mutex_);
    for (;;) {
      double now = Monotonic();
      while (!delayed_.empty() && delayed_.begin()->first <= now) {
        queue_.push_back(std::move(delayed_.begin()->second));
        delayed_.erase(delayed_.begin());
      }
      if (queue_.empty()) {
        waiting_++;
        if (delayed_.empty())
          wake_.wait(lock);
        else
          wake_.wait_for(lock, std::chrono::duration<double>(delayed_.begin()->first - now));
        waiting_--;
        continue;
      }
      std::unique_ptr<v8::Task> task = std::move(queue_.front());
      queue_.pop_front();
      busy_++;
      lock.unlock();
      task->Run();
      task.reset();
      lock.lock();
      busy_--;
      if (busy_ == 0 && queue_.empty()) idle_.notify_all();
    }
  }

  std::optional<double> stopped_at_;
  const int threads_;
  v8::TracingController tracing_;
  std::mutex isolates_mutex_;
  std::unordered_map<v8::Isolate*, std::shared_ptr<ForegroundTasks>> isolates_;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<std::unique_ptr<v8::Task>> queue_;
  std::multimap<double, std::unique_ptr<v8::Task>> delayed_;
  int started_ = 0, waiting_ = 0, busy_ = 0;
};

}  // namespace

std::unique_ptr<Platform> Platform::Make(int threads) {
  return std::make_unique<LazyPlatform>(threads);
}

}  // namespace kiln::runtime
