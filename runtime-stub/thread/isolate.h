// The isolate of a JavaScript thread: its limits, and the snapshot that it is made from. The main
// thread and workers share this.
#pragma once

#include <v8.h>

#include "runtime-stub/command_line/options.h"
#include "runtime-stub/payload/payload.h"

namespace kiln::runtime {

// The parameters of a new isolate. `blob` is the caller's, must live until the isolate is
// initialized, and becomes the payload's snapshot; without a payload, or with one that has no
// snapshot, V8 uses its own.
void PrepareIsolate(const RunOptions& options, const Payload* payload, v8::StartupData* blob,
                    v8::Isolate::CreateParams* params);

// Whether isolates start from the payload's snapshot.
inline bool HasSnapshot(const Payload* payload) { return payload && !payload->snapshot.empty(); }

// The contexts of a snapshot, by V8's index. The second one is only in those of apps that use worker
// threads (HasWorkerContext()).
constexpr size_t kAppContext = 0, kWorkerContext = 1;
bool HasWorkerContext(const Payload* payload);

// Initializes an isolate that Isolate::Allocate() has returned and the platform knows.
void InitializeIsolate(v8::Isolate* isolate, const v8::Isolate::CreateParams& params);

}  // namespace kiln::runtime
