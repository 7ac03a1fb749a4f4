// What the sanitizers do in all programs of the asan preset, kiln and the executables that
// it makes. The environment can say otherwise (ASAN_OPTIONS), but not while a snapshot is
// taken, which has an environment of its own.

#ifndef KILN_SYMBOLIZER
#error "KILN_SYMBOLIZER is the path of llvm-symbolizer"
#endif

extern "C" {

const char* __asan_default_options() {
  return
      // Not what a program of JavaScript ends with by itself, so that no test that expects a
      // failure takes a finding for it.
      "exitcode=86:"
      // As malloc does; a Buffer that is too large is an error of JavaScript.
      "allocator_may_return_null=1:"
      // V8 is not instrumented, and does not keep the bounds of containers that it shares
      // with our code.
      "detect_container_overflow=0:"
      // Our code is compiled without it (CMakeLists.txt); this saves 11 MB a thread.
      "detect_stack_use_after_return=0:"
      "external_symbolizer_path=" KILN_SYMBOLIZER;
}

const char* __ubsan_default_options() { return "print_stacktrace=1"; }

}  // extern "C"
