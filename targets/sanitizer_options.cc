// What AddressSanitizer looks for in executables of the asan preset. Not for leaks: the
// isolate and what hangs on it live as long as the process. Nor for containers: V8's half
// of the program is not instrumented and does not keep their bounds.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0:detect_container_overflow=0";
}
