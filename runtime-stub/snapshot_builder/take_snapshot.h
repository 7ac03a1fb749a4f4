// The snapshot builder inside the stub: `kiln-stub --kiln-take-snapshot IMAGE OUT CODE` boots
// the library, compiles (or, with evaluate=1, runs) the app of the image and writes the
// heap. It is the same program that later runs the snapshot, so its external references
// are the same.
#pragma once

namespace kiln::runtime {

// The result is the process's exit code; errors are on stderr as `kiln: ...` lines. The file
// `library_code`, which may be missing, is what WriteLibraryCode has written.
int TakeSnapshot(const char* image_path, const char* out_path, const char* library_code);

// `kiln-stub --kiln-make-library-code OUT`, when Kiln is built: compiles the library's sources for
// later snapshot builders (library/library_code.h).
int WriteLibraryCode(const char* out_path);

}  // namespace kiln::runtime
