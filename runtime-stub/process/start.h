// From main() to the exit code: process set-up, V8, the heap, the app, the loop.
#pragma once

namespace kiln::runtime {

// The whole program. With a payload it runs the app in it; without one it behaves as
// `node` does with the same arguments, or takes a snapshot (take_snapshot.h).
int RunStub(int argc, char** argv);

}  // namespace kiln::runtime
