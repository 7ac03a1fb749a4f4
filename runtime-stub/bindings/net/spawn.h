// Shared by process_wrap and spawn_sync: names of signals, and lists of strings from JavaScript in
// the form that execve() requires.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// The name of a signal, such as "SIGTERM"; an empty string for a number without a name, such as the
// real-time signals. Static storage; any thread. SIGIOT and SIGPOLL have the numbers of SIGABRT and
// SIGIO, and so their names.
inline const char* SignalName(int number) {
  switch (number) {
#define KILN_SIGNAL(name) \
  case name:              \
    return #name;
    KILN_SIGNAL(SIGHUP)
    KILN_SIGNAL(SIGINT)
    KILN_SIGNAL(SIGQUIT)
    KILN_SIGNAL(SIGILL)
    KILN_SIGNAL(SIGTRAP)
    KILN_SIGNAL(SIGABRT)
    KILN_SIGNAL(SIGBUS)
    KILN_SIGNAL(SIGFPE)
    KILN_SIGNAL(SIGKILL)
    KILN_SIGNAL(SIGUSR1)
    KILN_SIGNAL(SIGSEGV)
    KILN_SIGNAL(SIGUSR2)
    KILN_SIGNAL(SIGPIPE)
    KILN_SIGNAL(SIGALRM)
    KILN_SIGNAL(SIGTERM)
#ifdef SIGSTKFLT
    KILN_SIGNAL(SIGSTKFLT)
#endif
    KILN_SIGNAL(SIGCHLD)
    KILN_SIGNAL(SIGCONT)
    KILN_SIGNAL(SIGSTOP)
    KILN_SIGNAL(SIGTSTP)
    KILN_SIGNAL(SIGTTIN)
    KILN_SIGNAL(SIGTTOU)
    KILN_SIGNAL(SIGURG)
    KILN_SIGNAL(SIGXCPU)
    KILN_SIGNAL(SIGXFSZ)
    KILN_SIGNAL(SIGVTALRM)
    KILN_SIGNAL(SIGPROF)
    KILN_SIGNAL(SIGWINCH)
    KILN_SIGNAL(SIGIO)
#ifdef SIGPWR
    KILN_SIGNAL(SIGPWR)
#endif
    KILN_SIGNAL(SIGSYS)
#undef KILN_SIGNAL
  }
  return "";
}

// An array of strings from JavaScript as argv or environ. For uv_process_options_t of libuv, whose
// `args` and `env` are such arrays. It must not be copied: the pointers would still refer to the
// original. On the Env's thread.
class StringArray {
 public:
  // Copies the strings as UTF-8; other values are converted, which may run JavaScript. False with
  // an exception pending; data() is then null. Call it once. A string with a zero byte ends there.
  bool Fill(Env& env, v8::Local<v8::Array> array) {
    v8::Local<v8::Context> context = env.context();
    for (uint32_t i = 0; i < array->Length(); i++) {
      v8::Local<v8::Value> value;
      v8::Local<v8::String> string;
      if (!array->Get(context, i).ToLocal(&value) || !value->ToString(context).ToLocal(&string))
        return false;
      strings_.push_back(ToUtf8(env.isolate, string));
    }
    SetPointers();
    return true;
  }
  // Appends a string after Fill(). data() is another array then.
  void Add(std::string string) {
    strings_.push_back(std::move(string));
    SetPointers();
  }
  // Null-terminated, valid as long as this object; null if Fill() was not called.
  char** data() { return pointers_.empty() ? nullptr : pointers_.data(); }

 private:
  void SetPointers() {
    pointers_.clear();
    for (std::string& s : strings_) pointers_.push_back(s.data());
    pointers_.push_back(nullptr);
  }

  std::vector<std::string> strings_;
  // Into strings_, and a null at the end.
  std::vector<char*> pointers_;
};

}  // namespace kiln::runtime
