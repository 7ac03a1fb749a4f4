// What a thread records and writes to files when it ends: coverage (NODE_V8_COVERAGE), CPU profiles
// (--cpu-prof) and heap profiles (--heap-prof). Each is a session of the thread's inspector.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::runtime::inspector {

class Agent;

// A profiler: its session, and where its results go to.
struct Profile {
  int session = 0;
  std::string answer;  // to the last command
  std::string type;    // in messages: "coverage", "CPU", "heap"
  std::string directory, file;
  bool ended = false;
};

class Profilers {
 public:
  explicit Profilers(Agent& agent) : agent_(agent) {}
  Profilers(const Profilers&) = delete;

  // Starts what the options and the environment ask for, before any of the app's code is compiled.
  void StartByOptions();
  // Ends what runs, and writes the files. Once.
  void End();

  // Coverage, for v8.takeCoverage() and the test runner. Without StartCoverage() they have no effect.
  void StartCoverage();
  void TakeCoverage();
  void StopCoverage();
  void EndCoverage();

 private:
  void Start(Profile& profile, std::string type);
  // The result of the command, as JSON; nothing if it failed.
  std::optional<std::string_view> Command(Profile& profile, std::string_view method,
                                          std::string_view params = "{}");
  void Write(const Profile& profile, std::string_view json);
  void WriteCoverage();

  Agent& agent_;
  std::optional<Profile> coverage_, cpu_, heap_;
};

}  // namespace kiln::runtime::inspector
