// Walks the objects that the app's modules have made, breadth first, and hashes them, for
// internal/kiln/heap_graph (docs/baking.md). Objects with fast properties, arrays, functions and contexts are
// read in memory (platform/heap_objects.h), without an allocation in V8's heap. Others are described by
// JavaScript, which calls the same functions, so that the hash of an object does not depend on how V8
// stores its properties.
//
// A function's variables and the function itself belong to the module whose code it is, other objects to the
// module that the walk has come from. The hash of a module covers its objects in the order of the walk.
#pragma once

#include <v8.h>

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// One at a time, in the snapshot builder. Its functions must not be called after its end.
class ObjectHashes {
 public:
  // `context_offset` is that of the context in a function.
  ObjectHashes(Env& env, int context_offset);
  ~ObjectHashes();
  ObjectHashes(const ObjectHashes&) = delete;
  ObjectHashes& operator=(const ObjectHashes&) = delete;

  // Adds functions to an object:
  //   addSurface(object)    one that is not described; numbers are given in this order
  //   begin(names, records, modulePrototype, describe, ownerOf)
  //       a walk. `names`: a text or undefined for each object of the surface, by number; without a name it
  //       is described. `undefined` instead of `names`: each has its number as the name. `records`:
  //       objects that only describe() describes; `modulePrototype`: its instances, too.
  //       describe(object, owner, part) is called during drain(); `part`: 0 everything, 1 properties, 2 private
  //       members. ownerOf(script or object): the module of a script's name, or of an object `module`;
  //       undefined if there is none
  //   known(object, owner)  before roots: the object is not described
  //   root(owner, label, object)       an object that belongs to the module
  //   drain()               describes all that have been found
  //   text(text), ref(label, value), property(key, attributes, value), accessor(key, attributes, get, set)
  //                         of the object that is being described. Attributes: ReadOnly, DontEnum, DontDelete
  //   reference(value, owner)   hashes of a reference, as a text
  //   open(owner), close()  around texts and references that belong to a module
  //   placeOf(object)       a text, if it was found or has a name
  //   ownerOf(object), numberOf(object)   the module, and which of its objects it is, if it was found
  //   hashes()              [owner, hash of the objects, hash of their references, …] by owner
  //   end()                 ends the walk
  // Returns false if V8's objects have an unknown layout.
  bool AddFunctions(v8::Local<v8::Object> object);

 private:
  using Info = v8::FunctionCallbackInfo<v8::Value>;
  using Address = v8::internal::Address;

  enum class Kind { kObject, kContext, kLibraryContext };  // of a function of Node's library
  struct Node {
    v8::Global<v8::Value> object;  // or a context
    int owner;
    int number;  // of the owner's objects
    Kind kind;
  };
  struct Script {
    bool has_name = false;
    bool is_of_library = false;
    uint64_t hash = 0;
    v8::Global<v8::Value> name;
    bool owner_is_known = false;
    int owner = kNone;
  };
  struct Hashes {
    uint64_t own = 0, references = 0;
  };
  static constexpr int kNone = -2;

  bool Check();
  void FindAddresses();
  Address OuterOf(Address context) const;
  bool IsOutermost(Address context) const;
  bool IsCounter(v8::Local<v8::Value> key);
  uint64_t NameOf(v8::Local<v8::Value> object);
  const Node* Find(v8::Local<v8::Value> object);
  int OwnerOf(v8::Local<v8::Value> script_or_object);
  Script& ScriptOf(v8::Local<v8::Function> function);
  const Node& NodeOf(v8::Local<v8::Value> object, int owner);
  void AddNode(v8::Local<v8::Value> object, int owner, Kind kind);
  void AddContext(v8::Local<v8::Value> context, int owner, bool is_of_library);
  // The value in a field of an object, which may move meanwhile.
  void Add(Address tagged);
  void AddNumber(double number);
  void AddValue(v8::Local<v8::Value> value);
  void AddReference(v8::Local<v8::Value> object);
  void AddName(v8::Local<v8::Value> key);
  void AddElements(v8::Local<v8::Value> object);
  static uint64_t Mixed(uint64_t hash, uint64_t value);
  void Mix(uint64_t value) { text_.own = Mixed(text_.own, value); }
  void Begin(int owner);
  void Finish();
  bool Describe(size_t number);  // false: JavaScript has thrown an exception
  void DescribeContext(v8::Local<v8::Value> context, bool is_of_library);
  // Returns the first part that JavaScript must describe, kParts if there is none.
  int DescribeObject(v8::Local<v8::Value> object);
  int DescribeProperties(v8::Local<v8::Value> object, bool is_function);
  bool HasFastProperties(Address object) const;

  template <void (ObjectHashes::*F)(const Info&)>
  void AddFunction(v8::Local<v8::Object> object, const char* name);
  void AddSurface(const Info& args);
  void BeginWalk(const Info& args);
  void Known(const Info& args);
  void RootOf(const Info& args);
  void Drain(const Info& args);
  void Text(const Info& args);
  void Ref(const Info& args);
  void Property(const Info& args);
  void Accessor(const Info& args);
  void Reference(const Info& args);
  void Open(const Info& args);
  void Close(const Info& args);
  void PlaceOf(const Info& args);
  void OwnerOfObject(const Info& args);
  void NumberOfObject(const Info& args);
  void HashesOf(const Info& args);
  void EndWalk(const Info& args);

  static constexpr int kParts = 3;

  Env& env_;
  const int context_offset_;
  int array_type_ = 0, accessor_pair_type_ = 0, accessor_info_type_ = 0;
  std::vector<uint64_t> counters_;  // of the descriptions of symbols
  v8::Global<v8::String> prototype_key_;

  std::vector<v8::Global<v8::Value>> surface_;
  // Of a walk. V8 moves objects: the addresses are found again after a garbage collection.
  bool moved_ = false;
  std::unordered_map<Address, int> surface_numbers_, node_numbers_;
  std::vector<Node> nodes_;
  size_t described_ = 0;
  bool has_names_ = false;
  std::vector<uint64_t> names_;  // of the surface; 0 for none
  std::vector<v8::Global<v8::Value>> records_;
  v8::Global<v8::Value> module_prototype_;
  v8::Global<v8::Function> describe_, owner_of_;
  std::map<int, int> counts_;  // of nodes, by owner
  std::map<int, Hashes> hashes_;
  std::unordered_map<int, Script> scripts_;
  Hashes text_;  // of what is being described
  int owner_ = kNone;
};

}  // namespace kiln::runtime
