// Profiles of training runs: which functions of an app and of Node's library have run. The runtime
// writes and reads their text (runtime-stub/library/compiled_functions.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "snapshot/payload.h"
#include "support/result.h"

namespace kiln {

class TrainingProfile {
 public:
  // Adds the functions of a process's record. An Error, and nothing added, if it is no profile.
  Result<> Add(std::string_view text);
  // For the snapshot builder. Sorted: it depends only on which functions were added.
  // `keeps_modules`: no bytecode of the app's modules is discarded, because the runs did not evaluate
  // modules that an executable evaluates which starts from this snapshot.
  std::string Text(bool keeps_modules = false) const;

  size_t functions() const;
  uint64_t bytes() const;  // of their bytecode
  bool empty() const { return sources_.empty(); }

 private:
  std::map<std::string, std::map<int, int>, std::less<>> sources_;  // name; number, bytes
};

// The payload for an executable in which each process writes its profile to a file in `folder`.
// REQUIRES: the folder's path is one line.
PackedPayload ForTraining(PackedPayload payload, const std::string& folder);

}  // namespace kiln
