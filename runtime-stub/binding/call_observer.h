// Watches what JavaScript asks of native code. Only the snapshot builder has an observer
// (snapshot_builder/observer.h); elsewhere Env::observer is null and nothing here costs anything.
#pragma once

#include <v8.h>

#include <string_view>

namespace kiln::runtime {

class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Called when the template of a native function is made. `owner` is the name of the binding, or
  // of the class, that has it. Returns the data for a template whose callback is ObservedCall(),
  // which decides at each call whether `call` is called.
  virtual v8::Local<v8::Value> Wrap(std::string_view owner, std::string_view name,
                                    v8::FunctionCallback call) = 0;
  virtual v8::FunctionCallback ObservedCall() = 0;
  // Accesses of process.env. kQuery asks whether there is a variable of the name, kAll for all names.
  enum class EnvAccess { kGet, kQuery, kAll, kSet, kDelete };
  virtual void OnEnv(EnvAccess access, std::string_view key) = 0;
  // A property has been defined whose value is loaded when it is first read.
  virtual void OnLazyProperty(v8::Local<v8::Object> object, v8::Local<v8::Name> key) = 0;
};

}  // namespace kiln::runtime
