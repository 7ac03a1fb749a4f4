// The snapshot builder inside the stub: `kiln-stub --kiln-take-snapshot IMAGE OUT CODE [PLAN [PROFILE]]` boots
// the library, compiles the app of the image (or, with evaluate=1, runs it), evaluates the modules of
// the plan, and writes the heap. `--kiln-observe IMAGE RUN CODE` writes records of what the
// app's modules do while they are evaluated (snapshot_builder/observed_runs.h). CODE is what
// `--kiln-make-library-code CODE` has written, or a file that does not exist. It is the same program
// that later runs the snapshot, so its external references are the same.
#pragma once

#include <optional>

#include "runtime-stub/snapshot_builder/bake.h"

namespace kiln::runtime {

struct BuilderRun {
  bool observe = false;
  const char* image_path;
  const char* out_path;      // RUN if it observes
  const char* library_code;  // may be missing
  BakePlan plan;
  // Of a training run (library/compiled_functions.h). It exists, or does not, when the input has ended.
  const char* profile_path = nullptr;
};

// What a command line asks for; nothing if it is for another program.
std::optional<BuilderRun> BuilderRunOf(int argc, char** argv);

// The result is the process's exit code; errors are on stderr as `kiln: ...` lines. If the modules of
// the plan cannot be in a heap, OUT gets the reason instead of a snapshot (Bake()).
int RunSnapshotBuilder(const BuilderRun& run);

// `kiln-stub --kiln-make-library-code OUT`, when Kiln is built: compiles the library's sources for
// later snapshot builders (library/library_code.h). Returns the exit code.
int WriteLibraryCode(const char* out_path);

}  // namespace kiln::runtime
