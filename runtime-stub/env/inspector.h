// What the runtime reports to the inspector of a thread. The inspector is an optional component: code
// outside of bindings/inspector/ knows only this interface, and an executable without the component
// has a null pointer in Env::inspector. Everything here is for the Env's thread.
#pragma once

#include <v8.h>

#include <memory>
#include <string_view>

namespace kiln::runtime {

class Env;

class InspectorHooks {
 public:
  virtual ~InspectorHooks() = default;
  // A context of vm.createContext() was made. `origin` is a URL or empty.
  virtual void ContextCreated(v8::Local<v8::Context> context, std::string_view name,
                              std::string_view origin) = 0;
  // Opens the port if the options ask for it, and waits for a debugger if they (or, in a worker, its
  // parent's debugger) ask for that. Call it before the thread's main script.
  virtual void BeforeMainScript() = 0;
  // An exception is about to end the process.
  virtual void UncaughtException(v8::Local<v8::Value> error, v8::Local<v8::Message> message) = 0;
  // The thread ends: writes profiles, and waits until debuggers have disconnected. No JavaScript of the
  // app runs any more.
  virtual void AtExit() = 0;
  // Debuggers stop at the next statement that runs.
  virtual void PauseOnNextStatement(std::string_view reason) = 0;
  // process._debugEnd(): closes the port.
  virtual void Close() = 0;
  // Any thread: Env::stopping was set, so a thread that waits for a debugger must not wait longer.
  virtual void Wake() = 0;
};

// Weak: null in executables without the component. REQUIRES: the Env's main context is set.
[[gnu::weak]] std::unique_ptr<InspectorHooks> MakeInspector(Env& env);

}  // namespace kiln::runtime
