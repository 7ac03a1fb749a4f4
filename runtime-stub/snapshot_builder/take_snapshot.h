// The snapshot builder inside the stub: `kiln-stub --kiln-take-snapshot IMAGE OUT` boots
// the library, compiles (or, with evaluate=1, runs) the app of the image and writes the
// heap. It is the same program that later runs the snapshot, so its external references
// are the same.
#pragma once

namespace kiln::runtime {

// The result is the process's exit code; errors are on stderr as `kiln: ...` lines.
int TakeSnapshot(const char* image_path, const char* out_path);

}  // namespace kiln::runtime
