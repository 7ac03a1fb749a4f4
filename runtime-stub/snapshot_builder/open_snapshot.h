// Opens a snapshot that the builder has just written as a start does: an isolate and the app's context,
// but no Env. For what looks at the heap that V8's reader makes: heap_images.cc, heap_walk.cc.
#pragma once

#include <v8.h>

#include <functional>
#include <string>
#include <vector>

namespace kiln::runtime {

// What is in the snapshot's file. It is kept, since V8 refers to it, until the process ends.
struct SnapshotFiles {
  std::string prefix;  // format::SnapshotPrefix
  std::string blob;
};

// Reads the payload's image and the snapshot, and starts V8 with fixed seeds. Prints what is wrong and returns
// null then.
SnapshotFiles* StartForSnapshot(const char* image_path, const char* snapshot_path,
                                const std::vector<std::string>& more_flags = {});

// Calls `look` with the app's context. Returns whether V8 could open the snapshot. Once in a process.
bool OpenSnapshot(SnapshotFiles* files, const std::function<void(v8::Local<v8::Context>)>& look);

}  // namespace kiln::runtime
