// Environment variables of a worker that does not share those of its parent: `new Worker()` copies
// process.env, or gets an object. Threads may share one (SHARE_ENV).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kiln::runtime {

// Any thread.
class Variables {
 public:
  Variables() = default;
  explicit Variables(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  std::optional<std::string> Get(const std::string& name) const {
    std::lock_guard lock(mutex_);
    auto found = values_.find(name);
    if (found == values_.end()) return {};
    return found->second;
  }
  void Set(const std::string& name, std::string value) {
    std::lock_guard lock(mutex_);
    values_[name] = std::move(value);
  }
  void Remove(const std::string& name) {
    std::lock_guard lock(mutex_);
    values_.erase(name);
  }
  std::map<std::string, std::string> All() const {
    std::lock_guard lock(mutex_);
    return values_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> values_;
};

}  // namespace kiln::runtime
