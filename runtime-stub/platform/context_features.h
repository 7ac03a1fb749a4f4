// Float16Array, Promise.try, DisposableStack and other features that V8's flags can switch off. V8
// does not put them into a snapshot, but adds them to each context that it creates in a running
// process, so modules that are evaluated for a snapshot would not find them. Kiln's snapshots have
// them, and V8 does not add them again.
#pragma once

#include <v8.h>

#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

// In the snapshot builder, after V8's SnapshotCreator: the contexts that are created in a scope have
// the features. False if V8 has an unknown layout.
bool PutFeaturesIntoSnapshot(v8::Isolate* isolate);

// In a process that starts from a snapshot of Kiln, before its first context is created.
void FeaturesAreInSnapshot(v8::Isolate* isolate);

// Moves the features of `context` behind what the library has added, where they are in Node.
void MoveFeaturesToEnd(v8::Local<v8::Context> context);

// Flags that were passed to V8 when the process started, or later: they may enable more features. Returns
// a flag that would switch off one that is in the snapshot, or nothing.
std::string NoteFlags(const std::vector<std::string>& flags);

// While it exists, one context is created.
class ContextCreation {
 public:
  explicit ContextCreation(v8::Isolate* isolate);
  ~ContextCreation();
  ContextCreation(const ContextCreation&) = delete;

 private:
  const bool by_flags_;
};

}  // namespace kiln::runtime
