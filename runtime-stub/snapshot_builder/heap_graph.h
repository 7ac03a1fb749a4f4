// Reads those parts of JavaScript's heap that JavaScript cannot: the variables of closures, private
// fields, the fields of bound functions, generators and iterators. internal/kiln/heap_graph hashes
// the app's objects with it (docs/baking.md).
//
// V8's interface has no access to the variables of a closure, apart from its heap profiler, which
// takes a snapshot of the whole heap, and the inspector, which copies them for each function. So this
// reads V8's objects in memory, as they are laid out in the V8 that Kiln is linked with. Offsets are
// not constants of this file: Check() finds them with objects whose contents are known, and fails if
// another layout is found than expected.
#pragma once

#include <v8.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// One at a time, in the snapshot builder. Its functions must not be called after its end.
class HeapGraph {
 public:
  explicit HeapGraph(Env& env);
  ~HeapGraph();

  // Adds functions to an object, for internal/kiln/heap_graph:
  //   closureOf(function)      [script's name, position in it, number of its context or -1];
  //                            undefined for a function without a script
  //   variablesOf(number)      [number of the outer context or -1, values…] of a context; a value that
  //                            is no value of JavaScript is `internal`
  //   fieldsOf(object)         the values in its native fields (those without names)
  //   privateOf(object)        [name, value, …] of its private fields, methods and accessors
  //   bytesOf(buffer or view)  a hash of its contents
  //   hash(text, seed)         a number of 52 bits
  //   forget()                 numbers of contexts become invalid
  //   variablesWith(objects, hasCollected)   [function, depth, slot, index of the object, number of the
  //                            context, script's name, …] of all variables of closures that have one of
  //                            the objects as their value, for each closure that has the variable. It
  //                            collects garbage first unless hasCollected is true
  //   setVariable(function, depth, slot, value)   whether there is such a variable
  //   contextOffset            for setClosureVariable() of internalBinding('kiln')
  //   compiled()               names of the scripts in which functions were compiled since the last
  //                            call, which V8 does when a function is first called
  //   held(objects)            empties the array, collects garbage, and returns the indices of the
  //                            objects that something still refers to
  //   internal                 a symbol
  // Returns false if V8's objects have an unknown layout.
  bool AddFunctions(v8::Local<v8::Object> object);
  // Of the context in a function, after AddFunctions.
  int context_offset() const { return context_offset_; }

 private:
  using Info = v8::FunctionCallbackInfo<v8::Value>;

  bool Check();
  v8::internal::Address OuterOf(v8::internal::Address context);
  int NumberOf(v8::internal::Address context);
  v8::Local<v8::Value> ValueOf(v8::internal::Address tagged);
  template <void (HeapGraph::*F)(const Info&)>
  void AddFunction(v8::Local<v8::Object> object, const char* name);
  void ClosureOf(const Info& args);
  void VariablesOf(const Info& args);
  void FieldsOf(const Info& args);
  void PrivateOf(const Info& args);
  void BytesOf(const Info& args);
  void Hash(const Info& args);
  void Forget(const Info& args);
  void VariablesWith(const Info& args);
  void SetVariable(const Info& args);
  void Held(const Info& args);
  void Compiled(const Info& args);

  Env& env_;
  int context_offset_ = 0;     // of a JSFunction
  int fixed_array_type_ = -1;  // V8's number of the type
  v8::Global<v8::Symbol> internal_;
  // Contexts, by number. V8 moves them: `numbers_` is made again after a garbage collection.
  std::vector<v8::Global<v8::Value>> contexts_;
  std::unordered_map<v8::internal::Address, int> numbers_;
  bool moved_ = false;
  class Compilations;
  std::unique_ptr<Compilations> compilations_;
};

}  // namespace kiln::runtime
