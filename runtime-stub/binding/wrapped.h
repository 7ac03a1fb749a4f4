// Wrapped: a C++ object with a JavaScript object, its wrapper. The first internal field of the
// wrapper points to the C++ object. The garbage collector owns both: a weak handle deletes the C++
// object when the wrapper is collected. While an operation is in flight the object must be pinned,
// which makes the handle strong; a libuv handle must be closed before its memory is freed
// (handle.h). Everything here is for the Env's thread.
//
// Native objects cannot be in a snapshot: the builder rejects a wrapper that is attached when the
// snapshot is written, and reports created_at().
#pragma once

#include <v8.h>

#include <string>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

class Transferable;  // serialize.h

// Created by `new`, usually in a `construct` callback (Construct<C>, NewWrapped, binding.h);
// attached; deleted by the garbage collector, or earlier by native code, after which the wrapper
// has no native object and its methods do nothing. Objects that are alive when the process ends are
// not destroyed.
class Wrapped {
 public:
  // Adds the object to the list that Env::first_wrapped starts.
  explicit Wrapped(Env& env);
  virtual ~Wrapped();
  Wrapped(const Wrapped&) = delete;

  // Connects to `wrapper`, which must have no native object yet. From here on the garbage collector
  // owns this object, which must come from `new`. Calls OnAttach(), which may run JavaScript
  // (hooks of async_hooks). Call it once.
  void Attach(v8::Local<v8::Object> wrapper);
  Env& env() const { return env_; }
  // The wrapper; empty before Attach() and once it was collected.
  v8::Local<v8::Object> object() const { return wrapper_.Get(env_.isolate); }
  bool attached() const { return !wrapper_.IsEmpty(); }

  // Keep the wrapper, and so this object, alive. Counted: it is weak again after as many Unpin() as
  // Pin() calls. REQUIRES: attached. Unpin() does not delete at once: that is up to the next
  // garbage collection.
  void Pin();
  void Unpin();

  // The thread of a worker ends. End(), of objects whose has_end() is true, stops operations that
  // libuv does not know as a request or as a HandleWrap (DNS queries); it must not delete objects of which
  // this is true. All objects are deleted afterwards.
  virtual bool has_end() const { return false; }
  virtual void End() {}

  virtual const char* type_name() const = 0;  // for reports: "TCP", "FSReqCallback"

  // For postMessage and structuredClone; null: the object cannot be cloned or transferred.
  virtual Transferable* transferable() { return nullptr; }

  // The JavaScript stack at construction; empty unless a snapshot is being built.
  const std::string& created_at() const { return created_at_; }
  Wrapped* next_wrapped() const { return next_; }

 protected:
  // Called by Attach() once object() is set.
  virtual void OnAttach() {}
  // The wrapper was collected. Called during garbage collection: must not run JavaScript or create
  // handles. object() is empty. An override must delete the object, now or later.
  virtual void Collected() { delete this; }

 private:
  void MakeWeak();
  Env& env_;
  v8::Global<v8::Object> wrapper_;
  int pins_ = 0;  // the handle is weak while this is 0
  Wrapped* next_ = nullptr;
  Wrapped** previous_ = nullptr;  // what points to this: Env::first_wrapped or another's next_
  std::string created_at_;
};

// The C++ object of a receiver whose class V8 has checked (methods have a signature); C is not
// checked. Null if no C++ object is attached.
template <class C>
C* Unwrap(v8::Local<v8::Object> wrapper) {
  if (wrapper->InternalFieldCount() < 1) return nullptr;
  return static_cast<C*>(static_cast<Wrapped*>(wrapper->GetAlignedPointerFromInternalField(0)));
}

// The C++ object of any value; null unless the value is an instance of `entry` or of a class that
// inherits from it, with a C++ object attached.
template <class C>
C* UnwrapArgument(Env& env, const ClassEntry& entry, v8::Local<v8::Value> value) {
  if (!value->IsObject() || !env.Template(entry)->HasInstance(value)) return nullptr;
  return Unwrap<C>(value.As<v8::Object>());
}

}  // namespace kiln::runtime
