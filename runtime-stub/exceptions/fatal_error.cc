// A fatal error of V8 is printed as Node prints it, written to a diagnostic report if one was
// requested, and ends the process by abort(). No JavaScript can run and nothing can be allocated on
// the heap.
#include "runtime-stub/exceptions/fatal_error.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

namespace report {
// Weak: null if the report binding is not linked.
[[gnu::weak]] void ReportFatalError(Env& env, std::string_view message, std::string_view trigger);
}  // namespace report

namespace {

[[noreturn]] void Die(const char* location, const char* message, const char* trigger) {
  if (location)
    std::fprintf(stderr, "FATAL ERROR: %s %s\n", location, message);
  else
    std::fprintf(stderr, "FATAL ERROR: %s\n", message);
  std::fflush(stderr);
  v8::Isolate* isolate = v8::Isolate::TryGetCurrent();
  Env* env = isolate ? Env::MaybeFrom(isolate) : nullptr;
  if (env && report::ReportFatalError) {
    env->can_call_into_js_ = false;
    report::ReportFatalError(*env, message, trigger);
  }
  std::abort();
}

void OnFatalError(const char* location, const char* message) {
  Die(location, message, "FatalError");
}

void OnOutOfMemory(const char* location, const v8::OOMDetails& details) {
  Die(location,
      details.is_heap_oom ? "Allocation failed - JavaScript heap out of memory"
                          : "Allocation failed - process out of memory",
      "OOMError");
}

}  // namespace

void InstallFatalErrorHandlers(v8::Isolate* isolate) {
  isolate->SetFatalErrorHandler(OnFatalError);
  isolate->SetOOMErrorHandler(OnOutOfMemory);
}

}  // namespace kiln::runtime
