// The pieces that the stub's start and the snapshot builder share: process set-up, V8's
// initialisation, and the loop of a running Env.
#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/env/env.h"
#include "runtime-stub/platform/platform.h"

namespace kiln::runtime {

// Standard descriptors that are closed become /dev/null, SIGPIPE is ignored, and the soft
// limit of descriptors is raised to the hard one, as Node does.
void PrepareProcess();

// Flags that Kiln itself sets; before StartV8.
void SetV8Flags(const std::vector<std::string>& flags);
// Starts the platform and V8, once. At most `threads` worker threads.
void StartV8(int threads);
Platform& ThePlatform();

v8::ArrayBuffer::Allocator* BufferAllocator();
// How many bytes it has given out.
size_t ArrayBufferBytes();
// Memory that was asked for without initialisation is zeroed too (--zero-fill-buffers).
void ZeroFillBuffers();

// Connects the platform's main-thread tasks with the loop.
void AttachPlatform(Env& env);

// One part of RunLoop: until the loop has nothing to wait for, and beforeExit. True when
// there is more to do after all.
bool TurnLoop(Env& env);

// Runs until nothing is left to do: loop, platform tasks, beforeExit. Then emits exit.
// The result is the process's exit code.
int RunLoop(Env& env);

}  // namespace kiln::runtime
