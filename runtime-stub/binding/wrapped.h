// A C++ object behind a JavaScript one. The wrapper's first internal field points at the
// C++ object, which lives as long as the wrapper: a weak handle ends it. While an
// operation is in flight the object pins itself, so that it outlives every reference from
// JavaScript; a libuv handle must be closed before its memory goes (handle.h does that).
//
// A class whose instances may be in a snapshot overrides Freeze; the builder refuses all
// others and says where they were made.
#pragma once

#include <v8.h>

#include <string>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

class Transferable;  // serialize.h

class Wrapped {
 public:
  explicit Wrapped(Env& env);
  virtual ~Wrapped();
  Wrapped(const Wrapped&) = delete;

  // Binds to a fresh wrapper; the object is weak from here on.
  void Attach(v8::Local<v8::Object> wrapper);
  Env& env() const { return env_; }
  // The wrapper; empty once it was collected.
  v8::Local<v8::Object> object() const { return wrapper_.Get(env_.isolate); }
  bool attached() const { return !wrapper_.IsEmpty(); }

  // Keeps the wrapper alive, counted: as many Unpin calls make it weak again.
  void Pin();
  void Unpin();

  // Bytes that Thaw of the same class rebuilds the object from (snapshot/README.md).
  virtual bool Freeze(std::string*) { return false; }
  virtual const char* type_name() const = 0;  // for reports: "TCP", "FSReqCallback"

  // How postMessage and structuredClone take the object; null: they refuse it.
  virtual Transferable* transferable() { return nullptr; }

  // JavaScript stack at construction; recorded only while a snapshot is being built.
  const std::string& created_at() const { return created_at_; }
  Wrapped* next_wrapped() const { return next_; }

 protected:
  virtual void OnAttach() {}
  // The wrapper is gone. Called during garbage collection: no JavaScript, no handles.
  virtual void Collected() { delete this; }

 private:
  void MakeWeak();
  Env& env_;
  v8::Global<v8::Object> wrapper_;
  int pins_ = 0;
  Wrapped* next_ = nullptr;
  Wrapped** previous_ = nullptr;
  std::string created_at_;
};

// The C++ object of a receiver whose class V8 has checked (methods carry a signature).
// Null when a JavaScript subclass or Object.create made the wrapper without native part.
template <class C>
C* Unwrap(v8::Local<v8::Object> wrapper) {
  if (wrapper->InternalFieldCount() < 1) return nullptr;
  return static_cast<C*>(static_cast<Wrapped*>(wrapper->GetAlignedPointerFromInternalField(0)));
}

// The same for an argument, which may be anything: null unless it is an instance of
// `entry` (or a class below it).
template <class C>
C* UnwrapArgument(Env& env, const ClassEntry& entry, v8::Local<v8::Value> value) {
  if (!value->IsObject() || !env.Template(entry)->HasInstance(value)) return nullptr;
  return Unwrap<C>(value.As<v8::Object>());
}

}  // namespace kiln::runtime
